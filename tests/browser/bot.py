"""A bot of canned answers: it says a message of the kind it is asked for, so that each kind can be had at will."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from rasa.core.channels.channel import UserMessage

from tests.channels.messages import ALL_KINDS, Message, message

PROBE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
#: Fields whose form the contract fixes; a probe cannot stand in them.
_FIXED = {
    "kind", "topic", "region", "policy", "fact", "outcome", "status", "trust", "crs", "code", "url", "map_url",
    "date", "period", "missing", "nearest_topics", "gaps", "field", "eligible_from", "answer_id", "phone",
}  # fmt: skip


def probed(value: Any) -> Any:
    """The value with a probe in every string that is free to be anything."""
    if isinstance(value, dict):
        return {key: item if key in _FIXED else probed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [probed(item) for item in value]
    return f"{value}{PROBE}" if isinstance(value, str) else value


def listed() -> Message:
    """Sites as the bot really tells them: each place in the text, then each in ``items``."""
    said = message("sites")
    said["text"] = (
        "离五角场最近的是五角场街道社区长者食堂，约420米。\n"
        "1. 五角场街道社区长者食堂，国定路某弄12号一楼，约420米，现在开着，021-65550007\n"
        "2. 殷行街道助餐点，国定路某弄12号一楼\n"
        "3. 长海路街道长者食堂，国定路某弄12号一楼，约1.8公里，现在没开\n"
        "一共47处，要看后面的就说“还有吗”。\n"
        "以上是转述的资料（地方媒体整理，2023），办之前请再核实。"
    )
    return said


def many() -> Message:
    """Seven places around a centre, six of them with a point of their own."""
    said = message("sites")
    first = said["custom"]["items"][0]
    said["custom"]["items"] = [
        {**first, "id": f"p{n}", "name": f"第{n}助餐点", "distance_m": 300 * n, "lng": 121.514 + 0.002 * n * (-1) ** n,
         "lat": 31.299 + 0.001 * n, "open_now": [True, False, None][n % 3]}
        for n in range(1, 7)
    ] + [said["custom"]["items"][1]]  # fmt: skip
    return said


def judged() -> Message:
    """A verdict as the bot really tells it."""
    said = message("verdict")
    said["text"] = (
        "按您说的情况，您符合“南京市高校毕业生住房租赁补贴”的条件，每月800元，最多36个月。\n"
        "达到：硕士学历、在南京没有自有住房。\n"
        "算法：硕士每人每月800元。\n"
        "电话：人社咨询热线 12333。\n"
        "最终以窗口审核为准。"
    )
    said["custom"].update(
        documents=["身份证", "毕业证书", "租房合同"],
        where="南京市人力资源和社会保障局网上大厅",
        contacts=[{"name": "人社咨询热线", "phone": "12333", "hours": ""}],
    )
    return said


def understood() -> Message:
    """A question late in a check, with what was understood before it."""
    said = message("question")
    said["custom"]["understood"] = [
        {"text": "年龄：75岁", "payload": "改一下：年龄"},
        {"text": "户口：上海", "payload": "改一下：户口"},
    ]
    return said


def place() -> Message:
    """The question where the resident is."""
    said = message("question")
    said["buttons"], said["text"] = [], "您在哪里？打字告诉我路名、小区或者地铁站也行。"
    said["custom"].update(
        fact="location", options=[], why="知道您大概在哪，才能找近的。", policy="", remaining_at_most=1
    )
    return said


def suzhou() -> Message:
    """An answer about another city than the page's."""
    said = message("faq")
    said["custom"]["region"] = "320500"
    return said


def forgotten() -> Message:
    """What is said when the resident asked in words to be forgotten."""
    said = message("ack")
    said["text"], said["custom"]["of"] = "您的记录已经删掉了。", "forget"
    return said


SAID: dict[str, Callable[[], list[Message]]] = {
    "places": lambda: [listed()],
    "many": lambda: [many()],
    "judge": lambda: [judged(), message("suggestions"), message("faq")],
    "understood": lambda: [understood()],
    "place": lambda: [place()],
    "forget": lambda: [forgotten()],
    "suzhou": lambda: [suzhou()],
    # One reply with every kind and every shape: to be measured at once.
    "everything": lambda: [*map(message, ALL_KINDS), many(), judged(), understood(), place()],
}


async def canned(heard: UserMessage) -> None:
    """``faq`` is answered with the faq, ``probe faq`` with a probe in each of its fields, ``slow …`` after a while."""
    text = heard.text or ""
    if text.startswith("slow"):
        await asyncio.sleep(1.5)
    kind = text.split()[-1] if text.split() else ""
    if text in SAID:
        replies = SAID[text]()
    elif kind in ALL_KINDS:
        replies = [message(kind)]
    else:
        replies = [{**message("ack"), "text": f"您说：{text}"}]
    for said in replies:
        if text != "suzhou":
            # The bot answers for the region that the page gave.
            said["custom"]["region"] = str((heard.metadata or {}).get("region") or "310110")
        shown = probed(said) if text.startswith("probe") else said
        await heard.output_channel.send_response(heard.sender_id, shown)
