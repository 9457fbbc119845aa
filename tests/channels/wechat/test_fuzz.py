"""Whatever is posted, nothing ends in a 5xx: some thousand bodies here, 100,000 with NIGHTLY=1."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.channels.wechat import xml
from bot.channels.wechat.account import Account
from bot.channels.wechat.channel import WeChatInput
from bot.channels.wechat.codec import Codec
from tests.channels.conftest import echo
from tests.channels.server import FakeAgent, Server
from tests.channels.wechat.conftest import QUICK, say
from tests.channels.wechat.phone import COMPATIBLE, KEY, PLAIN, SAFE, Phone, push

BODIES = 100_000 if os.environ.get("NIGHTLY") == "1" else 2400
#: Bodies an example, so that Hypothesis's own work weighs less.
EACH = 8
MODES = [pytest.param(account, id=account.mode) for account in (PLAIN, COMPATIBLE, SAFE)]
FUZZ = settings(max_examples=BODIES // EACH // (2 * len(MODES)), deadline=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck))

ODD = st.one_of(
    st.text(max_size=40), st.sampled_from([
        "", "0", "-1", "9" * 30, "1e999", "nan", "inf", "]]>", "<![CDATA[", "&lt;", "\u0000", "\ud800", "\ufffe", "/x",
        "更多", "1", "99", "text", "event", "CLICK", "LOCATION", "unsubscribe", "subscribe", "location", "voice",
        "é" * 3000, "好" * 700, "删除我的记录", "𠮷", "\u202e", "%s{}{0}", "'; DROP TABLE messages;--",
    ]))
NAMES = st.sampled_from(["ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Content", "Event", "EventKey",
                         "Location_X", "Location_Y", "Latitude", "Longitude", "Label", "Recognition", "bizmsgmenuid",
                         "AgentID", "Encrypt", "MediaId", "Odd"])
FIELDS = st.dictionaries(NAMES, ODD, max_size=8)
KINDS = st.sampled_from(["text", "event", "voice", "location", "image", "link", "odd", ""])
QUERY = st.dictionaries(st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "echostr", "encrypt_type",
                                         "openid", "odd"]), ODD, max_size=5)
RAW = st.one_of(
    st.binary(max_size=300),
    FIELDS.map(xml.write),
    st.tuples(FIELDS.map(xml.write), st.binary(min_size=1, max_size=3), st.integers(0, 200)).map(
        lambda made: made[0][:made[2]] + made[1] + made[0][made[2]:]),
    st.integers(1, 300).map(lambda depth: b"<xml>" + b"<a>" * depth),
    st.sampled_from([b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>', b"x" * 66_000,
                     b"<xml>" + b"<a></a>" * 5000 + b"</xml>", b"\xef\xbb\xbf<xml></xml>", b'{"a": 1}', b"<xml/>"]),
)


@contextmanager
def served(account: Account, folder: Path) -> Iterator[Phone]:
    channel = WeChatInput(var=folder, account=account, timing=QUICK, per_minute=0, say=say)
    with Server(channel, FakeAgent(echo)) as server:  # type: ignore[arg-type]
        yield Phone(server.url, account)


def encodable(query: dict[str, str]) -> dict[str, str]:
    """As an address can hold it; longer ones the server cuts off before the channel sees them (431)."""
    return {name: value.encode("utf-8", "replace").decode()[:300] for name, value in query.items()}


@pytest.mark.parametrize("account", MODES)
def test_anybodys_bodies(account: Account, tmp_path: Path) -> None:
    """From strangers: refused, and never a 5xx."""
    seen: Counter[int] = Counter()
    with served(account, tmp_path) as phone, requests.Session() as session:

        @FUZZ
        @given(st.lists(st.tuples(QUERY, RAW), min_size=EACH, max_size=EACH))
        def knock(tries: list[tuple[dict[str, str], bytes]]) -> None:
            for query, body in tries:
                answer = session.post(phone.url + phone.path, params=encodable(query), data=body, timeout=20)
                seen[answer.status_code] += 1
                assert answer.status_code in (403, 413), answer.status_code
                answer = session.get(phone.url + phone.path, params=encodable(query), timeout=20)
                assert answer.status_code == 403

        knock()
        assert phone.say("还在吗") == "您说：还在吗"
    assert seen[403] > 100


@pytest.mark.parametrize("account", MODES)
def test_wechats_own_bodies(account: Account, tmp_path: Path) -> None:
    """Signed and encrypted as WeChat does, with anything inside: always 200, a reply or ``success``."""
    seen: Counter[str] = Counter()
    with served(account, tmp_path) as phone, requests.Session() as session:

        def request(body: bytes) -> tuple[dict[str, str], bytes]:
            if account.mode == "plain":
                return phone.query(), body
            sealed = Codec(KEY, account.receive_id).encrypt(body)
            return phone.query(sealed), xml.write({"Encrypt": sealed})

        def made(kind: str, fields: dict[str, Any]) -> bytes:
            return xml.write({**push(kind), **fields})

        def spoken(kind: str, words: str) -> bytes:
            return xml.write(push(kind, Content=words, Recognition=words, EventKey=words, Event="CLICK"))

        @FUZZ
        @given(st.lists(st.one_of(RAW, st.builds(made, KINDS, FIELDS), st.builds(spoken, KINDS, ODD)),
                        min_size=EACH, max_size=EACH))
        def write(bodies: list[bytes]) -> None:
            for body in bodies:
                query, sent = request(body)
                answer = session.post(phone.url + phone.path, params=query, data=sent, timeout=20)
                if len(sent) > xml.MAX_BYTES:
                    assert answer.status_code == 413
                    continue
                assert answer.status_code == 200, answer.status_code
                seen["success" if answer.text == "success" else "reply"] += 1
                if answer.text != "success":
                    fields = xml.parse(answer.content)
                    assert len(fields.get("Content", "").encode()) <= 2048

        write()
        assert phone.say("还在吗", "still") == "您说：还在吗"
    assert seen["reply"] > BODIES // 100 and seen["success"] > BODIES // 100
