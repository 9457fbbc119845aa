"""Whether a sentence is none of this bot's business: what the classifier hears, weighed against how near a service is.

A logistic regression over five signs, fitted on the open test sentences
(``python -m benchmarks.understanding --fit-gates``).
"""

from __future__ import annotations

from actions.topic_choice import Choice, names_in
from actions.turn import Turn
from bot.nlu.danger import log_odds, logistic

#: From this chance on a sentence is declined. At this bound 96 % of what is none of ours was found on the sentences it
#: was fitted on, and 0.9 % of what is ours was lost; of 82 and 831 sealed ones 76 (93 %) and 6 (0.7 %).
OUTSIDE = 0.3
INTENT = "out_of_scope"
#: What is as near as this to a phrase that staff wrote is ours, whatever the classifier, which never heard of it,
#: thinks: of 356 test sentences out of scope none is, of 3,531 questions 611 are (2026-11-28).
WRITTEN_OF = 0.7
_CONSTANT = 3.66
_HEARD, _NEAREST, _CHANCE, _NAMED, _KIND = 1.64, -3.44, -0.66, -1.03, -1.19


def outside(turn: Turn, choice: Choice) -> float:
    """How likely the sentence is none of our business (0 to 1); ``choice``: the service that it would be about."""
    odds = _CONSTANT + _HEARD * log_odds(turn.chance(INTENT)) + _NEAREST * choice.best \
        + _CHANCE * log_odds(choice.chance) + _NAMED * max(names_in(turn).values(), default=0.0) \
        + _KIND * bool(turn.reading.categories)
    return logistic(odds)


def is_outside(turn: Turn, choice: Choice) -> bool:
    """Whether to decline; what goes on about the service at hand is ours."""
    return choice.own and choice.best < WRITTEN_OF and outside(turn, choice) >= OUTSIDE
