"""Skill: 导出我的数据 — what is kept of the resident, in words, how long, and where all of it can be had."""

from __future__ import annotations

import re
from typing import Optional

from actions.say import ack, join
from actions.told import all_told
from actions.turn import Skill, Turn
from bot.settings import settings

#: Words so plain that no meaning need be weighed: what is said of the chat itself, not of 社保缴费记录.
_MINE = (r"我(?:的|跟你的|和你的|在这里的|所有的|全部的)?(?:个人|全部|所有|这次的?|这里的)?"
         r"(?:数据|记录|资料|信息|对话记录|聊天记录|对话|聊天)")
_ASKS = re.compile(
    rf"(?:导出|下载|拷贝|打包|备份|打印)(?:一下|一份)?{_MINE}"
    rf"|{_MINE}(?:导出来?|下载下来|拷贝|打包|给我一份|发我一份|发给我|传给我|给我看看)"
    rf"|(?:要|拿|给我|领取?|索取|复制)(?:一份)?{_MINE}的?(?:副本|复制件|拷贝|备份)")
_NOT = re.compile(r"怎么|街道|社区|社保|公积金|医院|缴费|单位|删")


def instead(turn: Turn) -> Optional[Skill]:
    """Answers who asks for a copy of what is kept; None for anything else."""
    text = turn.reading.text
    return _export if turn.intent != "emergency" and _ASKS.search(text) and not _NOT.search(text) else None


def _export(turn: Turn) -> None:
    facts = "；".join(f"{item.whose}：{'，'.join(item.words.values())}" for item in all_told(turn))
    told = turn.say("export", facts=facts, hours=f"{settings().keep_hours:g}") if facts else turn.say("export_none")
    turn.replies.append(ack(turn, join(told, turn.say("export_where")), of="export"))
