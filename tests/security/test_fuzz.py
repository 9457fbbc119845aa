"""Whatever is sent to whichever address: no 5xx, nothing given away, an answer that a resident can read.

Some thousand requests here, 100,000 with NIGHTLY=1; the counts are printed (``pytest -s``, or in CI's log).
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter

import pytest
import requests

from bot.channels.errors import ERRORS
from tests.security.conftest import Whole
from tests.security.fuzzer import BODIES, Answer, Bad, Fuzzer, Wire

NIGHTLY = os.environ.get("NIGHTLY") == "1"
REQUESTS = 105_000 if NIGHTLY else 3_000
#: What somebody else says and is called; nobody but them may ever read it.
CANARY = "我想问问石榴籽枇杷膏活动，去哪里报名"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LEAK = re.compile(
    rb"Traceback|File \"|\.py\b|/work/|/root/|/home/|/usr/|/tmp/|site-packages|sqlite|sqlalchemy|sanic|rasa|python"
    rb"|Exception|Error\b(?!\"?:)|errno|linlitong_secret",
    re.IGNORECASE,
)
#: Our own pages and scripts, which are the same for everybody.
_PUBLISHED = ("/", "/chat", "/mini", "/widget.js", "/static/<name:str>")
#: 503 that the contract has: here WeChat cannot be reached.
_KNOWN_5XX = {("/webhooks/wechat/mini-login", "login_down")}
#: What is written in base64, where any word of four letters turns up sooner or later.
_SEALED = re.compile(rb'"payload":"[^"]*"|<Encrypt>.*?</Encrypt>')
#: The words with which WeChat's doors refuse: their caller is a machine.
_REFUSALS = re.compile(r"[a-z_ ]{2,24}")


def test_every_address_is_fuzzed(whole: Whole) -> None:
    """A new address without requests of its own fails here."""
    assert {path for path, _ in whole.routes} == set(BODIES)


def test_bad_requests(whole: Whole, capsys: pytest.CaptureFixture[str]) -> None:
    somebody = whole.converse("510100")
    somebody.say(CANARY)
    answer_id = str(somebody.say("人才公寓打几折")[0]["custom"]["answer_id"])
    secret = [
        CANARY.encode(),
        "石榴籽".encode(),
        b"\\u77f3\\u69b4\\u7c7d",
        somebody.token.encode(),
        somebody.id.encode(),
        answer_id.encode(),
    ]
    mine = [whole.converse("310110").token for _ in range(6)]
    fuzzer, wire = Fuzzer(20261128, mine), Wire(whole.port)
    seen: Counter[str] = Counter()
    routes = sorted(BODIES)
    for number in range(REQUESTS):
        bad = fuzzer.make(routes[number % len(routes)])
        answer = wire.send(bad.raw, may_be_half=bad.spoilt)
        judge(bad, answer, secret)
        seen[f"{answer.status or 'cut off'}"] += 1
    wire.close()

    assert requests.get(f"{whole.url}/health", timeout=20).json()["status"] == "ok"
    assert any("打折" in reply["text"] or reply["text"] for reply in whole.converse("310110").say("你好"))
    assert next(entry["message"]["text"] for entry in somebody.history() if entry["from"] == "resident") == CANARY
    printed = whole.printed()
    assert "Traceback" not in printed and "石榴籽" not in printed
    assert not any(token in printed for token in (*mine, somebody.token))
    with capsys.disabled():
        print(f"\n{REQUESTS} bad requests to {len(routes)} addresses: {dict(sorted(seen.items()))}")
    assert seen["200"] > REQUESTS // 50 and seen["400"] > REQUESTS // 50


def judge(bad: Bad, answer: Answer, secret: list[bytes]) -> None:
    """Fails for an answer that no server of ours may give."""
    shown = (bad.route, answer.status, bad.raw[:600], answer.body[:600])
    if answer.status == 0:
        assert bad.spoilt, shown
        return
    whole_answer = answer.body + json.dumps(answer.headers).encode()
    assert not any(words in whole_answer for words in secret), shown
    if answer.status < 400:
        # The words of a conversation are those of whoever sent them.
        assert bad.route in _PUBLISHED or not _LEAK.search(_SEALED.sub(b"", answer.body)), shown
        return
    assert not _LEAK.search(whole_answer), shown
    assert answer.headers.get("content-security-policy") and answer.headers["x-content-type-options"] == "nosniff", (
        shown
    )
    if bad.raw.startswith(b"HEAD ") or not answer.body:
        assert answer.status < 500, shown
        return
    kind = answer.headers.get("content-type", "")
    text = answer.body.decode("utf-8")
    if kind.startswith("application/json"):
        error = json.loads(text)["error"]
        assert _CHINESE.search(error["message"]), shown
        assert error["code"] in ERRORS or error["code"].startswith("login_"), shown
        assert answer.status < 500 or (bad.route, error["code"]) in _KNOWN_5XX, shown
        return
    assert answer.status < 500, shown
    if kind.startswith("text/html"):
        assert _CHINESE.search(text), shown
    else:
        assert bad.route.startswith(("/webhooks/wechat", "/webhooks/wecom")) and _REFUSALS.fullmatch(text), shown
