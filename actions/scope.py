"""Whether a sentence is none of this bot's business: what the classifier hears, weighed against how near a service is.

A logistic regression over five signs, fitted on the open test sentences
(``python -m benchmarks.understanding --fit-gates``).
"""

from __future__ import annotations

from actions.topic_choice import Choice, names_in
from actions.turn import Turn
from bot.nlu.danger import log_odds, logistic

#: From this chance on a sentence is declined. At this bound 96 % of what is none of ours was found on the sentences it
#: was fitted on, and 0.6 % of what is ours was lost (2026-11-28).
OUTSIDE = 0.35
INTENT = "out_of_scope"
#: What is as near as this to a phrase that staff wrote is ours, whatever the classifier, which never heard of it,
#: thinks: of 356 test sentences out of scope none is (2026-11-28; the nearest 0.661).
WRITTEN_OF = 0.665
_CONSTANT = 4.52
_HEARD, _NEAREST, _CHANCE, _NAMED, _KIND = 1.75, -4.58, -0.82, -0.42, -1.02


def outside(turn: Turn, choice: Choice) -> float:
    """How likely the sentence is none of our business (0 to 1); ``choice``: the service that it would be about."""
    odds = _CONSTANT + _HEARD * log_odds(turn.chance(INTENT)) + _NEAREST * choice.best \
        + _CHANCE * log_odds(choice.chance) + _NAMED * max(names_in(turn).values(), default=0.0) \
        + _KIND * bool(turn.reading.categories)
    return logistic(odds)


def is_outside(turn: Turn, choice: Choice) -> bool:
    """Whether to decline; what goes on about the service at hand is ours."""
    return choice.own and choice.best < WRITTEN_OF and outside(turn, choice) >= OUTSIDE
