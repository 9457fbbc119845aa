"""Of which kind a push is for WeChat's quota of late messages."""

from __future__ import annotations

import pytest

from bot.channels.wechat import inbound
from bot.channels.wechat.channel import _heard

COMMON = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": "1790000000"}


@pytest.mark.parametrize(("fields", "kind"), [
    ({"MsgType": "text", "Content": "高龄津贴", "MsgId": "1"}, "message"),
    ({"MsgType": "text", "Content": "还有吗", "MsgId": "2", "bizmsgmenuid": "101"}, "click"),
    ({"MsgType": "event", "Event": "CLICK", "EventKey": "ask:公租房"}, "click"),
    ({"MsgType": "event", "Event": "subscribe"}, "subscribe"),
])
def test_a_tap_on_a_line_counts_as_one_on_the_menu(fields: dict[str, str], kind: str) -> None:
    assert _heard(inbound.read({**COMMON, **fields})) == kind
