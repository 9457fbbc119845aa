"""Cuts a message that asks several things into parts, each asking one: 公租房怎么申请？附近哪里有食堂.

A part ends with a clause that asks; what is told before it belongs to it. Parts about the same service stay together
unless they ask for different things of it (要什么材料，在哪办). Where nothing is sure, the message stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from bot.nlu.aspects import JUDGE_ME, find_aspect, matter_of
from knowledge.base import Snapshot
from knowledge.text import with_commas
from knowledge.topic_rank import TopicChance, rank

#: A part's own service must be so likely where the part names it or 另外 begins it …
SURE = 0.65
#: … or so likely and so near where it does not, and the part must be no mere 还有名额伐 …
CLEAR, NEAR, MATTER = 0.85, 0.5, 6
#: … be it shorter or further off where nothing else is nearly as likely …
BEYOND_DOUBT, FAR, LITTLE = 0.96, 0.45, 3
#: … (so likely is enough for what the message begins with if it names it) …
BEGINS_WITH = 0.45
#: … and the service of the part before it so unlikely for this one.
UNLIKELY = 0.1
#: More questions than this are no list of questions but a story.
MOST_PARTS = 3
#: A shorter clause holds no question.
CLAUSE = 3
#: A name that only sounds alike or nearly does is none.
NAMED = 0.9

HOTLINE = "hotline-12345"
#: Words that say that something else is asked now.
_LINKED = re.compile(r"另外|顺便|顺带|再[问帮]|我?还[想要]|对了|以及|然后|还有(?=就是|我|那|个|哪|啥|什么|附近|周边)")
#: Words with which a hotline itself is meant.
_CALLS = re.compile(r"12345|热线|投诉|举报|反映")
_ENDS = re.compile(r"[，。？！；?!;,]+")
#: Words that begin another question.
_BEGINS = re.compile(
    r"(?<!^)(?=还有(?!没|吗|不|多|名额|哪|啥|什么)|另外(?=问|我|还|想|请)|顺便|顺带|再问|再帮|还想问|还要问|对了|以及|然后我?(?:想问|再问))"
)
_ASKS = re.compile(
    r"哪|怎么|怎样|咋|如何|多少|(?<!十)几(?![十百千万])|好多|啥|什么|谁|多久|多大|能不能|可不可以|是不是|有没(有|得)|有莫得|行不行|要不要"
    r"|(?P<verb>[能会要给算管准影包补帮评报去有让可])(?:得)?不(?P=verb)|是[^，。]{1,8}还是|(能|可以)[^，。]{0,6}吧$"
    r"|得行|用不用|够不够|(贵|收|交|带|排|开|算|准|管|发|补|报)不(?:贵|收|交|带|排|开|算|准|管|发|补|报)|(吗|么|嘛|不|没|伐|没得|呢|呀|不得)$|想[^，。]{0,6}(问|找|申请|办|领|了解|知道|投诉|学|装|送|请|贷|提)|要(投诉|申请|办|请)|请问|帮我"
)


@dataclass(frozen=True)
class Part:
    """One question of a message; ``topic``: the service that it surely is about, if any."""

    text: str
    topic: Optional[str]


def split(text: str, *, pauses: Sequence[int], snapshot: Snapshot, region: str) -> list[Part]:
    """The parts of ``text`` (normal form, with its ``pauses``) in order; empty where it is one question."""
    asking = asking_parts(with_commas(text, pauses))
    if not 2 <= len(asking) <= MOST_PARTS:
        return []
    parts: list[Part] = []
    for piece in asking:
        topic = _topic(piece, parts[-1].topic if parts else None, snapshot, region, first=not parts)
        event = snapshot.life_events.meant(piece) is not None  # 另外我失业了，有啥补贴: several services in one
        if len(parts) == 1 and parts[0].topic is None and len(matter_of(parts[0].text)) < MATTER \
                and snapshot.life_events.meant(parts[0].text) is None:
            parts = [Part(f"{parts[0].text}，{piece}", topic)]  # 请问一下在吗，我想问……: courtesy is no question
        elif parts and topic is None and not event and not _another_aspect(parts[-1].text, piece):
            parts[-1] = Part(f"{parts[-1].text}，{piece}", parts[-1].topic)
        else:
            parts.append(Part(piece, topic))
    return parts if len(parts) > 1 else []


def asking_parts(text: str) -> list[str]:
    """Pieces that each end with a clause that asks; what follows the last one belongs to it."""
    clauses = [clause.strip(" ") for piece in _ENDS.split(text) for clause in _BEGINS.split(piece)]
    parts: list[str] = []
    told: list[str] = []
    for clause in clauses:
        if not clause:
            continue
        told.append(clause)
        if len(clause) >= CLAUSE and _ASKS.search(clause):
            parts.append("，".join(told))
            told = []
    if told and parts:
        parts[-1] = "，".join([parts[-1], *told])
    return parts


def _topic(text: str, before: Optional[str], snapshot: Snapshot, region: str, *, first: bool) -> Optional[str]:
    """The service that a piece is surely about if that is another one than ``before``."""
    named = {item.topic: item.weight for item in snapshot.topic_finder.find(text) if item.weight >= NAMED}
    ranked = rank(snapshot.index, text, snapshot.index.scores(text, region), region=region, named=named, pointed={})
    if not ranked or ranked[0].topic == before:
        return None
    if not first and before is not None and not named and JUDGE_ME.search(text) and not _LINKED.match(text):
        return None  # 硕士毕业，名下没房，够不够条件: of the service named before
    # The first part is what the message begins with: whether there are two is for the second one to say.
    enough = BEGINS_WITH if ranked[0].topic in named else SURE
    if ranked[0].chance < enough if first else not _clearly(ranked[0], text, named):
        return None
    left = next((item.chance for item in ranked if item.topic == before), 0.0)
    return ranked[0].topic if left < UNLIKELY else None


def _clearly(first: TopicChance, text: str, named: dict[str, float]) -> bool:
    """Whether the likeliest service is named, or is what the piece itself speaks of."""
    if first.topic == HOTLINE and not _CALLS.search(text):
        return False  # 电话几号: that of the service before
    if first.topic in named or _LINKED.match(text):
        return first.chance >= SURE
    matter = len(matter_of(text))
    return (first.chance >= CLEAR and first.score >= NEAR and matter >= MATTER) \
        or (first.chance >= BEYOND_DOUBT and first.score >= FAR and matter >= LITTLE)


def _another_aspect(text: str, following: str) -> bool:
    """Whether ``following`` asks for something else of the service that ``text`` is about."""
    one, other = find_aspect(text), find_aspect(following)
    return one is not None and other is not None and one != other and not JUDGE_ME.search(text) \
        and not JUDGE_ME.search(following)
