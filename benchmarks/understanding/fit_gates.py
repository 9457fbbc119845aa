"""Refits what declines and what alarms (``--fit-gates``): ``actions/scope.py`` and ``bot/nlu/danger.py``.

Both are logistic regressions over what the bot hears in a first sentence. They are fitted on the parts that are open,
and the sealed part says what they are worth at several bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from actions.topic_choice import choose, names_in
from actions.turn import begin
from benchmarks.understanding.bot_run import loaded_bot
from benchmarks.understanding.expected import is_emergency, is_out_of_scope
from benchmarks.understanding.fit import PARTS as OPEN
from benchmarks.understanding.misses import SEALED
from bot.nlu.context import danger_of
from bot.nlu.danger import OUT_OF_SCOPE, log_odds

if TYPE_CHECKING:
    from tests.support.driver import Bot

DECLINING, ALARMING = (0.2, 0.25, 0.3, 0.35, 0.4), (0.1, 0.15, 0.2, 0.3, 0.5)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """One sentence: its part, what it is, whether a pattern saw danger, and the signs of both regressions."""

    part: str
    danger: bool
    outside: bool
    act: bool
    pattern: bool
    for_danger: tuple[float, ...]
    for_outside: tuple[float, ...]


def hear(bot: Bot) -> Iterator[Heard]:
    """Every test sentence as the bot hears it."""
    from tests.support.understanding import sentences

    for part in (*OPEN, SEALED):
        for _, item in sentences(part):
            yield _heard(part, item, bot.parse(item["text"]))


def _heard(part: str, item: dict[str, Any], parsed: dict[str, Any]) -> Heard:
    turn = begin({**parsed, "text": item["text"], "metadata": {"region": str(item["region"])}}, {})
    choice = choose(turn, follow_context=False)
    chances = {str(one["name"]): float(one["confidence"]) for one in parsed["intent_ranking"]}
    by_pattern = parsed["intent"]["name"] == "emergency" and parsed["intent"]["confidence"] == 1.0
    return Heard(
        part, is_emergency(item), is_out_of_scope(item), item["kinds"][0] == "ack", by_pattern,
        (log_odds(danger_of(parsed["intent_ranking"])), log_odds(float(parsed["danger"])), choice.best,
         log_odds(choice.chance)),
        (log_odds(chances.get(OUT_OF_SCOPE, 0.0)), choice.best, log_odds(choice.chance),
         max(names_in(turn).values(), default=0.0), float(bool(turn.reading.categories))))


def told(heard: Sequence[Heard]) -> str:
    """Fit both, and say what came out."""
    unseen = [one for one in heard if not one.pattern]
    spoken = [one for one in heard if not one.danger and not one.act]
    return "\n".join([
        "Danger in which no pattern saw any (bot/nlu/danger.py: heard, second, nearest, chance)",
        *_fitted(unseen, [one.for_danger for one in unseen], [one.danger for one in unseen], ALARMING), "",
        "None of our business (actions/scope.py: heard, nearest, chance, named, kind)",
        *_fitted(spoken, [one.for_outside for one in spoken], [one.outside for one in spoken], DECLINING)])


def _fitted(heard: Sequence[Heard], signs: Sequence[tuple[float, ...]], right: Sequence[bool],
            bounds: Sequence[float]) -> Iterator[str]:
    table, wanted = np.array(signs), np.array(right)
    known = np.array([one.part in OPEN for one in heard])
    model = LogisticRegression(C=10.0, max_iter=1000).fit(table[known], wanted[known])
    yield f"weights {[round(float(weight), 2) for weight in model.coef_[0]]}, constant {float(model.intercept_[0]):.2f}"
    chances: Floats = model.predict_proba(table)[:, 1]
    for bound in bounds:
        yield f"from {bound:.2f}: " + ", ".join(
            _counted(name, chances >= bound, wanted, mask) for name, mask in (("open", known), (SEALED, ~known)))


def _counted(name: str, taken: npt.NDArray[np.bool_], wanted: npt.NDArray[np.bool_],
             mask: npt.NDArray[np.bool_]) -> str:
    return f"{name} {(taken & wanted & mask).sum()} of {(wanted & mask).sum()} found, " \
        f"{(taken & ~wanted & mask).sum()} of {(~wanted & mask).sum()} taken wrongly"


def run() -> str:
    """The whole of ``--fit-gates``."""
    with loaded_bot() as bot:
        return told(list(hear(bot)))
