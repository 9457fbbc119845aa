"""Loads a model beside the one that serves and tries it, before anybody is answered with it. Slow: not for the loop."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from typing import Any, NamedTuple, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.knowledge_access import knowledge_base
from bot.memory import SLOT
from bot.model_trust import check_trusted
from bot.settings import CannotServe
from bot.training import is_whole
from knowledge.topic_margins import TopicMargins

#: What a model is asked before it is believed; every component has something to do for it.
PROBE = "我妈七十五了，附近哪里有老年食堂"
#: A rule that fits is certain; RulePolicy's fallback, where none does, is not.
_CERTAIN = 0.99
_TRAIN_AGAIN = "请用现在的程序重新训练（make train）；程序换过的话请重启"


class Tried(NamedTuple):
    """What may take the place of what serves: Rasa's agent, and what the knowledge base is to learn of the model."""

    agent: Any
    margins: Optional[TopicMargins]


def tried(model: Path, endpoints: Any, serving: Any) -> Tried:
    """Loads ``model`` and has it read ``PROBE``; until its place is taken nothing of it serves anybody.

    Args:
        model: the packed model.
        endpoints: those of the agent that serves; its actions are ``InProcessActions``.
        serving: that agent, whose lock store the new one shares. It has a tracker store of its own (of the same
            database), as a turn under way must go on with the old model's domain.

    Raises:
        CannotServe: where it must not, or cannot, take the other's place; by a cause where that was unforeseen.
    """
    _check_file(model)
    with knowledge_base().learning_aside() as learnt:
        agent = _loaded(model, endpoints, serving)
    _check_fits(model, agent.domain, endpoints.action)
    try:
        rule = asyncio.run(_knows_what_to_do(agent.processor))
    except Exception as error:
        raise CannotServe(f"模型 {model.name} 试问一句就出错（{_kind(error)}）：{_TRAIN_AGAIN}") from error
    if not rule:
        raise CannotServe(f"模型 {model.name} 试问一句，没有一条规则接得住：请检查 data/rules.yml，再重新训练")
    return Tried(agent, learnt[-1] if learnt else None)


def _loaded(model: Path, endpoints: Any, serving: Any) -> Any:
    try:
        agent = Agent(tracker_store=TrackerStore.create(endpoints.tracker_store), lock_store=serving.lock_store,
                      action_endpoint=endpoints.action)
        agent.load_model(str(model))
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise CannotServe(f"装模型 {model.name} 时磁盘满了，请在 /tmp 腾出空间再发一次 HUP") from None
        raise CannotServe(f"模型 {model.name} 装不进正在运行的程序（{_kind(error)}）：{_TRAIN_AGAIN}") from error
    return agent


def _check_file(model: Path) -> None:
    try:
        check_trusted(model)
        with model.open("rb"):
            pass
    except OSError as error:
        raise CannotServe(f"模型 {model.name} 读不了（{error.strerror}），请检查文件和权限") from None
    if not is_whole(model):
        raise CannotServe(f"模型 {model.name} 不完整，或不是模型：等它拷完再发一次 HUP，或重新训练（make train）")


def _check_fits(model: Path, domain: Any, actions: Any) -> None:
    unknown = sorted(set(domain.user_actions) - actions.names)
    if unknown:
        raise CannotServe(f"模型 {model.name} 要用程序里没有的动作 {unknown[0]}：{_TRAIN_AGAIN}")
    if SLOT not in {slot.name for slot in domain.slots}:
        raise CannotServe(f"模型 {model.name} 记不住居民说过的情况（没有 {SLOT} 槽）：{_TRAIN_AGAIN}")


async def _knows_what_to_do(processor: Any) -> bool:
    """Whether a rule says what to do about ``PROBE``, as the model reads it. Nothing is done, nothing is stored."""
    tracker = DialogueStateTracker("probe", processor.domain.slots)
    parsed = await processor.parse_message(UserMessage(PROBE), tracker)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
    tracker.update(UserUttered(PROBE, parsed["intent"], parsed["entities"], parsed), processor.domain)
    action, prediction = processor.predict_next_with_tracker_if_should(tracker)
    sure = float(parsed["intent"]["confidence"])
    # Also false for what is no number, as weights that are none give.
    return 0 < sure <= 1 and action.name() != ACTION_LISTEN_NAME and bool(prediction.max_confidence >= _CERTAIN)


def _kind(error: BaseException) -> str:
    return type(root(error)).__name__


def root(error: BaseException) -> BaseException:
    """What was raised first: Rasa wraps what its components raise."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error
