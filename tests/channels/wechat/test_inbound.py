"""Pushes as values: every published kind, what is wrong in them, and which tries are one message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat import inbound
from bot.channels.wechat.inbound import NotAMessage, read

COMMON = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": "1348831860"}


def message(kind: str, **fields: str) -> Any:
    return read({**COMMON, "MsgType": kind, "MsgId": "1234567890123456", **fields})


def event(name: str, **fields: str) -> Any:
    return read({**COMMON, "MsgType": "event", "Event": name, **fields})


def test_what_every_push_has() -> None:
    push = message("text", Content="食堂", AgentID="1000002")
    assert (push.sender, push.receiver, push.created, push.agent) == ("o1", "gh_1", 1348831860, "1000002")
    assert push.content == "食堂" and push.menu_id == ""


def test_messages() -> None:
    assert message("text", Content="医院", bizmsgmenuid="101").menu_id == "101"
    assert message("voice", Recognition="食堂在哪。").heard == "食堂在哪。"
    assert message("voice", MediaId="m", Format="amr").heard == ""
    for kind in ("image", "video", "shortvideo", "file"):
        assert message(kind) == inbound.Media("o1", "gh_1", 1348831860, message(kind).identity, "", kind)
    assert message("link", Title="通知", Url="https://example.com").title == "通知"
    assert type(message("sticker")) is inbound.UnknownMessage


def test_a_place_is_longitude_first() -> None:
    # Location_X is the latitude, Location_Y the longitude.
    push = message("location", Location_X="31.299", Location_Y="121.514", Scale="16", Label="国定路")
    assert push.point == (121.514, 31.299) and push.label == "国定路"
    assert event("LOCATION", Latitude="30.66", Longitude="104.06", Precision="65.0").point == (104.06, 30.66)


@pytest.mark.parametrize(("x", "y"), [("", ""), ("a", "121"), ("nan", "121"), ("31", "inf"), ("0", "0"),
                                      ("48.85", "2.35"), ("121.5", "31.3"), ("1e999", "1"), ("٣١", "x")])
def test_a_place_that_is_none(x: str, y: str) -> None:
    assert message("location", Location_X=x, Location_Y=y).point is None


def test_events() -> None:
    assert event("subscribe", EventKey="qrscene_12").scene == "12" and event("subscribe").scene == ""
    assert isinstance(event("unsubscribe"), inbound.Unsubscribe)
    assert event("SCAN", EventKey="12", Ticket="t").scene == "12"
    assert event("CLICK", EventKey="附近的老年食堂").event_key == "附近的老年食堂"
    for name in ("VIEW", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "location_select", "enter_agent",
                 "TEMPLATESENDJOBFINISH", ""):
        assert event(name, EventKey="https://example.com").event == name


@pytest.mark.parametrize("name", ["ToUserName", "FromUserName", "MsgType"])
@pytest.mark.parametrize("value", ["", " ", None])
def test_without_sender_receiver_or_kind_it_is_none(name: str, value: str | None) -> None:
    fields = {**COMMON, "MsgType": "text"}
    fields.pop(name)
    with pytest.raises(NotAMessage):
        read(fields if value is None else {**fields, name: value})


def test_a_sender_of_endless_length_is_none() -> None:
    with pytest.raises(NotAMessage):
        read({**COMMON, "MsgType": "text", "FromUserName": "o" * 129})


def test_tries_of_one_message_are_one() -> None:
    assert message("text", Content="a").identity == message("text", Content="a").identity
    assert message("text").identity != message("text", MsgId="2").identity
    # Voices of several residents came with one MsgId.
    assert message("voice").identity != message("voice", FromUserName="o2").identity
    assert message("voice").identity != message("voice", CreateTime="1348831861").identity
    # Without an id, the words tell.
    assert message("text", MsgId="", Content="a").identity != message("text", MsgId="", Content="b").identity


def test_tries_of_one_event_are_one() -> None:
    assert event("CLICK", EventKey="a").identity == event("CLICK", EventKey="a").identity
    others = [event("CLICK", EventKey="b"), event("VIEW", EventKey="a"),
              event("CLICK", EventKey="a", FromUserName="o2"), event("CLICK", EventKey="a", CreateTime="5")]
    assert all(other.identity != event("CLICK", EventKey="a").identity for other in others)
    assert event("CLICK", EventKey="message").identity != message("text", MsgId="message").identity


@given(st.dictionaries(st.sampled_from([*COMMON, "MsgType", "MsgId", "Event", "EventKey", "Content", "Location_X",
                                        "Location_Y", "Latitude", "Longitude", "Recognition", "bizmsgmenuid"]),
                       st.one_of(st.text(max_size=20), st.sampled_from(["text", "event", "location", "CLICK", "-1"]))))
def test_any_fields_are_a_push_or_none(fields: dict[str, str]) -> None:
    try:
        push = read(fields)
    except NotAMessage:
        return
    assert push.sender and push.created >= 0 and replace(push) == push
