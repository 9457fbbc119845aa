"""One's own data: everything kept of a session, as JSON and as a text to be read."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.memory import SLOT

_CHINA = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True)
class Judgement:
    """What the resident thought of an answer; ``at``: seconds since 1970."""

    answer_id: str
    helpful: bool
    comment: str
    at: float


@dataclass(frozen=True)
class Ages:
    """For how long something is kept, seconds: facts since the last word, messages since they came."""

    facts_s: float
    messages_s: float

    @property
    def told(self) -> dict[str, int]:
        """As pages are told: whole hours, and whole days, the last one begun."""
        return {"keep_hours": round(self.facts_s / 3600), "keep_days": math.ceil(self.messages_s / 86400)}

    @property
    def in_words(self) -> str:
        """24小时不说话，… 30天后…"""
        facts, messages = round(self.facts_s / 3600), _long(self.messages_s)
        return f"{facts}小时不说话，您说的情况就删掉；对话和评价留{messages}，到时候自动删掉。"


def facts_of(tracker: Any) -> list[dict[str, Any]]:
    """What the bot remembers of each person: ``[{"about": "您母亲", "told": ["年龄75岁"]}]``; [] without a tracker."""
    # Actions speak to Rasa's trackers; this one is read outside of a turn.
    from actions.told import all_told
    from actions.turn import begin

    raw = tracker.get_slot(SLOT) if tracker is not None else None
    if not isinstance(raw, dict):
        return []
    return [{"about": item.whose, "told": list(item.words.values())} for item in all_told(begin({}, {SLOT: raw}))]


def export(*, now: float, ages: Ages, facts: Sequence[dict[str, Any]], last_word: float | None,
           entries: Sequence[dict[str, Any]], judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Everything kept.

    Args:
        now: seconds since 1970.
        ages: how long it is kept.
        facts: see ``facts_of``.
        last_word: when the conversation last went on, seconds since 1970; None where nothing is remembered.
        entries: messages as the history gives them, each with the second it came under ``at_s``.
        judgements: the session's own.
    """
    ends = None if last_word is None else last_word + ages.facts_s
    messages = [{**{key: value for key, value in entry.items() if key != "at_s"},
                 "deleted_at": _utc(entry["at_s"] + ages.messages_s)} for entry in entries]
    judged = [{"answer_id": item.answer_id, "helpful": item.helpful, "comment": item.comment, "at": _utc(item.at),
               "deleted_at": _utc(item.at + ages.messages_s)} for item in judgements]
    return {
        "exported_at": _utc(now),
        **ages.told,
        "facts": list(facts),
        "facts_deleted_at": None if ends is None or not facts else _utc(ends),
        "messages": messages,
        "judgements": judged,
        "text": "\n".join([*_head(now, ages), *_facts(facts, ends), *_messages(entries), *_judgements(judgements)]),
    }


def _head(now: float, ages: Ages) -> list[str]:
    return ["邻里通：我的记录", f"取出的时间：{_day(now)}", f"留多久：{ages.in_words}",
            "身份证号、电话这类号码发来时就去掉了，姓名和门牌号没有存，所以下面看不到。", ""]


def _facts(facts: Sequence[dict[str, Any]], ends: float | None) -> list[str]:
    if not facts or ends is None:
        return ["一、记着的情况：没有", ""]
    return [f"一、记着的情况（不再说话的话，{_day(ends)}删掉）",
            *(f"{item['about']}：{'，'.join(item['told'])}" for item in facts), ""]


def _messages(entries: Sequence[dict[str, Any]]) -> list[str]:
    if not entries:
        return ["二、对话：没有", ""]
    lines = ["二、对话"]
    for entry in entries:
        who = "我" if entry["from"] == "resident" else "邻里通"
        lines.append(f"{_day(entry['at_s'])} {who}：{entry['message'].get('text', '')}")
    return [*lines, ""]


def _judgements(judgements: Sequence[Judgement]) -> list[str]:
    if not judgements:
        return ["三、对回答的评价：没有"]
    return ["三、对回答的评价", *(
        f"{_day(item.at)} {'有用' if item.helpful else '没用'}{f'：{item.comment}' if item.comment else ''}"
        for item in judgements)]


def _long(seconds: float) -> str:
    return f"{round(seconds / 86400)}天" if seconds >= 2 * 86400 else f"{round(seconds / 3600)}小时"


def _utc(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(seconds: float) -> str:
    moment = dt.datetime.fromtimestamp(seconds, _CHINA)
    return f"{moment.year}年{moment.month}月{moment.day}日{moment:%H:%M}"
