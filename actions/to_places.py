"""Sentences that ask for places without saying of what: 平凉路附近的, 附近哪里有, 去哪吃, 想给她找个吃饭的地方."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Optional

from actions import nearby
from actions.topic_choice import choose
from actions.turn import Turn

_LOOKS_FOR = re.compile(r"找(个|一个|家|一家)?[^，。]{0,6}(地方|地儿)|(哪里|哪儿|啥地方|什么地方)(有|能|可以)")
_NEAR = re.compile(r"附近|周边|旁边|周围|边上|一带")
_NEARBY = re.compile(
    r"(那|我|我们|家|这|离|在)*(附近|周边|旁边|周围|边上|一带)(的|有|都)*(哪里|哪儿|哪|啥地方|什么地方)?"
    r"(有|有没有|有得)*(的|呢|吗|么|没|不|没得|嘛|啊)*[？?]?"
)
_GO_THERE = re.compile(
    r"(那|那么|她|他|我|要|该|能|可以)*(去|到|上|在)(哪里|哪儿|哪个地方|啥地方|什么地方|哪)(去|能|可以)*"
    r"(吃|吃饭|用餐|就餐|切饭|吃得到)(呢|啊|嘛|好|的)*[？?]?"
)


def of_the_service(turn: Turn) -> Optional[Callable[[Turn], None]]:
    """The skill that lists places of the service at hand, or of the one that is meant; None if none are asked for."""
    reading, topic = turn.reading, turn.memory.topic
    if reading.categories or reading.topics:
        return None
    here = [place for place in reading.places if place.level not in ("city", "district")]
    if here and _LOOKS_FOR.search(reading.text) and not nearby.asks_no_place(turn):
        meant = choose(turn).topic
        if meant is not None and turn.knowledge.topics[meant].site_categories:
            return lambda again: nearby.find_sites(again, meant)
    if topic and (_only_nearby(turn) or (
            turn.knowledge.topics[topic].site_categories and _GO_THERE.fullmatch(reading.text))):
        return lambda again: nearby.find_sites(again, topic)
    return None


def _only_nearby(turn: Turn) -> bool:
    """附近哪里有, 平凉路附近的: nothing but that it is to be near, and perhaps where."""
    rest = turn.reading.text
    for start, end in sorted({(place.start, place.end) for place in turn.reading.places}, reverse=True):
        rest = rest[:start] + rest[end:]
    return _NEAR.search(rest) is not None and _NEARBY.fullmatch(rest) is not None
