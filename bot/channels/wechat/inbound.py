"""What WeChat pushes, as values: messages and events of an official account and of WeCom.

Coordinates: a location message (the resident picks a point on WeChat's own map, Tencent's) is GCJ-02. Of the LOCATION
event (the device's position, reported when the chat is opened) the documents name no system; it is taken for WGS-84,
what a device gives and what the JSSDK's ``getLocation`` gives unless asked for another. If that should be wrong, a
place is some 300 to 500 m off; the names of places that residents say go before it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.bodies import DECIMALS
from bot.channels.wechat.xml import clean
from bot.privacy.masking import mask_ids
from knowledge.coords import in_china

#: Longer identifiers than these no push has.
_MOST_ID = 128


class NotAMessage(ValueError):
    """Well-formed, but without a sender or a kind."""


@dataclass(frozen=True)
class Inbound:
    """What every push has. ``created``: seconds since 1970 by WeChat's clock, 0 where it is not given.

    ``identity``: the same for every try of one message, different for different ones. Messages go by MsgId (with sender
    and time: ids of voices were seen twice, WxJava issue 333), events by sender, time and what happened.
    """

    sender: str
    receiver: str
    created: int
    identity: tuple[str, ...]
    agent: str = ""


@dataclass(frozen=True)
class Text(Inbound):
    """``menu_id``: the id of a tapped line of a msgmenu, whose words are the content then."""

    content: str = ""
    menu_id: str = ""


@dataclass(frozen=True)
class Voice(Inbound):
    """``heard``: what WeChat understood; "" where recognition is off or heard nothing."""

    heard: str = ""


@dataclass(frozen=True)
class Media(Inbound):
    """A picture, video, short video or file; ``kind`` is WeChat's word for it."""

    kind: str = "image"


@dataclass(frozen=True)
class Location(Inbound):
    """A point sent by hand, GCJ-02 degrees; ``point`` is None where it is none, or lies outside China."""

    point: tuple[float, float] | None = None
    label: str = ""


@dataclass(frozen=True)
class Link(Inbound):
    """An article or page passed on."""

    title: str = ""


@dataclass(frozen=True)
class UnknownMessage(Inbound):
    """A message of a kind that is not published (yet)."""


@dataclass(frozen=True)
class Subscribe(Inbound):
    """Somebody follows the account; ``scene`` is the QR code's parameter, if any."""

    scene: str = ""


@dataclass(frozen=True)
class Unsubscribe(Inbound):
    """Somebody unfollows: nothing can be sent any more."""


@dataclass(frozen=True)
class Scan(Inbound):
    """A follower scans the account's QR code with a parameter."""

    scene: str = ""


@dataclass(frozen=True)
class Click(Inbound):
    """A menu item that sends its key."""

    event_key: str = ""


@dataclass(frozen=True)
class Report(Inbound):
    """The device's position, (lng, lat) in WGS-84 degrees (see above); no answer is allowed to it."""

    point: tuple[float, float] | None = None


@dataclass(frozen=True)
class OtherEvent(Inbound):
    """VIEW, scancode_push, pic_…, location_select (the point follows as a message), and whatever else: no answer."""

    event: str = ""


def read(fields: Mapping[str, str]) -> Inbound:
    """The push in the fields of its XML. Raises NotAMessage without sender, receiver or kind."""
    sender, receiver = _id(fields, "FromUserName"), _id(fields, "ToUserName")
    kind = fields.get("MsgType", "").strip().lower()
    if not sender or not receiver or not kind:
        raise NotAMessage("sender, receiver or kind is missing")
    created = _whole(fields.get("CreateTime", ""))
    agent = fields.get("AgentID", "").strip()[:_MOST_ID]
    if kind == "event":
        return _event(fields, sender, receiver, created, agent)
    number = fields.get("MsgId", "").strip()[:_MOST_ID]
    common = (sender, receiver, created, ("message", sender, str(created), number or _content_of(fields)), agent)
    if kind == "text":
        return Text(*common, _words(fields, "Content"), fields.get("bizmsgmenuid", "").strip()[:_MOST_ID])
    if kind == "voice":
        return Voice(*common, _words(fields, "Recognition"))
    if kind in ("image", "video", "shortvideo", "file"):
        return Media(*common, kind)
    if kind == "location":
        return Location(*common, _point(fields.get("Location_Y", ""), fields.get("Location_X", "")),
                        _words(fields, "Label"))
    if kind == "link":
        return Link(*common, _words(fields, "Title"))
    return UnknownMessage(*common)


def _event(fields: Mapping[str, str], sender: str, receiver: str, created: int, agent: str) -> Inbound:
    event, key = fields.get("Event", "").strip(), fields.get("EventKey", "")
    # The key too: somebody taps two items within one second.
    common = (sender, receiver, created, ("event", sender, str(created), event.lower(), key), agent)
    name = event.lower()
    if name == "subscribe":
        return Subscribe(*common, key.removeprefix("qrscene_"))
    if name == "unsubscribe":
        return Unsubscribe(*common)
    if name == "scan":
        return Scan(*common, key)
    if name == "click":
        return Click(*common, key)
    # LOCATION alone: "location_select" is the menu's item, whose point comes as a message of its own.
    if name == "location":
        return Report(*common, _point(fields.get("Longitude", ""), fields.get("Latitude", "")))
    return OtherEvent(*common, event[:_MOST_ID])


def _id(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "").strip()
    return value if len(value) <= _MOST_ID else ""


def _words(fields: Mapping[str, str], name: str) -> str:
    """What the resident said, without numbers that identify a person: they come no further than here."""
    return mask_ids(clean(fields.get(name, "")))


def _content_of(fields: Mapping[str, str]) -> str:
    return "|".join(fields.get(name, "") for name in ("Content", "MediaId", "Location_X", "Location_Y", "Url"))


def _whole(raw: str) -> int:
    return int(raw) if re.fullmatch(r"[0-9]{1,12}", raw.strip()) else 0


def _point(lng: str, lat: str) -> tuple[float, float] | None:
    try:
        where = float(lng), float(lat)
    except ValueError:
        return None
    if not all(math.isfinite(value) for value in where) or not in_china(*where):
        return None
    return round(where[0], DECIMALS), round(where[1], DECIMALS)
