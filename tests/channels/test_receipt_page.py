"""The page of a receipt: a form that sends the code in a body, a checklist to print, and nothing of it left behind."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Optional

import pytest
import requests

from bot.channels import pages, receipt_page
from bot.channels.web import WebInput
from bot.receipt_sheet import Base, Section, Sheet, html_of, replay, sheet_of
from bot.receipts import Rules, load_rules
from knowledge.base import CONTENT
from knowledge.eligibility.engine import evaluate
from knowledge.eligibility.values import Value
from knowledge.receipt import write_receipt
from tests.channels.conftest import echo
from tests.channels.qr import read_codes
from tests.channels.server import FakeAgent, Server

Serve = Callable[..., Server]
DAY = dt.date(2026, 11, 21)
FITS: dict[str, Value] = {
    "person.education": "master", "person.has_labor_contract": True, "person.social_insurance_active": True,
    "household.owns_home_in_city": False,
}


@pytest.fixture(scope="module")
def base() -> Rules:
    return load_rules(CONTENT)


@pytest.fixture
def server(serve: Serve, base: Rules, monkeypatch: pytest.MonkeyPatch) -> Server:
    def known() -> Base:
        return base

    monkeypatch.setattr(pages, "snapshot", known)
    return serve()


@pytest.fixture
def code(base: Rules) -> str:
    """The receipt of a master in Nanjing who gets the rent subsidy."""
    rules = base.policies["320100/rental-subsidy"]
    outcome = evaluate(rules, FITS, day=DAY, city="320100").outcome
    return write_receipt(rules, FITS, day=DAY, city="320100", outcome=outcome)


class _Tags(HTMLParser):
    """The names of a page's tags and attributes, and where its scripts come from."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.scripts: list[Optional[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.scripts += [dict(attrs).get("src")] if tag == "script" else []


def send(server: Server, code: str) -> requests.Response:
    return requests.post(server.url + "/receipt", data={"code": code}, timeout=10)


def assert_private(answer: requests.Response) -> None:
    """No cache keeps it, no frame of another site shows it, nothing but our own files runs in it."""
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "form-action 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    seen = _Tags()
    seen.feed(answer.text)
    # Scripts and styles that stand in the page itself would not run under this policy.
    assert "style" not in seen.tags and not any(name.startswith("on") or name == "style" for name in seen.attributes)
    assert seen.scripts == ["/static/receipt.js"]


def test_the_form_works_without_a_script_and_sends_the_code_in_a_body(server: Server) -> None:
    answer = server.get("/receipt")
    assert answer.status_code == 200
    assert_private(answer)
    assert '<form method="post" action="/receipt"' in answer.text and 'name="code"' in answer.text
    assert '<label for="code">' in answer.text and 'lang="zh-CN"' in answer.text
    for name in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)):
        assert server.get(name).status_code == 200, name


def test_the_page_takes_no_code_from_an_address(server: Server, code: str) -> None:
    for path in (f"/receipt?code={code}", f"/receipt?{code}"):
        assert server.get(path).text == server.get("/receipt").text
    assert server.get(f"/receipt/{code}").status_code == 404


def test_a_code_gives_the_checklist(server: Server, base: Rules, code: str) -> None:
    answer = send(server, code.lower().replace("-", " "))
    assert answer.status_code == 200
    assert_private(answer)
    policy = base.policies["320100/rental-subsidy"].policy
    assert "符合条件" in answer.text and "每月800元" in answer.text and "2026年11月21日" in answer.text
    assert policy.name in answer.text and code in answer.text and "和出回执时一样" in answer.text
    for wanted in (*policy.documents, *(item.phone for item in policy.contacts)):
        assert wanted in answer.text
    assert all(base.sources[name].title in answer.text for name in policy.sources)
    assert "硕士" in answer.text and "没达到" not in answer.text
    assert 'href="/receipt"' in answer.text


@pytest.mark.parametrize(("host", "address"), [
    ("linli.example.gov.cn", "http://linli.example.gov.cn"), ("127.0.0.1:5005", "http://127.0.0.1:5005"),
    ("[::1]:5005", "http://[::1]:5005"),
])
def test_the_sheet_has_its_code_as_a_picture_that_opens_it_where_it_came_from(
    server: Server, code: str, host: str, address: str
) -> None:
    answer = requests.post(server.url + "/receipt", data={"code": code}, headers={"Host": host}, timeout=10)
    assert read_codes(answer.text) == [f"{address}/receipt#{code}"]
    assert code in re.sub("<svg .*?</svg>", "", answer.text, flags=re.DOTALL), "it stands there in words too"


@pytest.mark.parametrize("host", ["", "evil.example/x", "a b", '"><script>'])
def test_a_name_that_is_none_gives_the_code_alone(server: Server, code: str, host: str) -> None:
    answer = requests.post(server.url + "/receipt", data={"code": code}, headers={"Host": host}, timeout=10)
    assert read_codes(answer.text) == [code]


def test_the_address_that_is_set_wins(base: Rules, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "snapshot", lambda: base)
    with Server(WebInput(var=tmp_path / "v"), FakeAgent(echo), public_url="https://linli.example.gov.cn/bot") as server:
        assert read_codes(send(server, code).text) == [f"https://linli.example.gov.cn/bot/receipt#{code}"]


def test_the_form_has_no_picture(server: Server, code: str) -> None:
    assert read_codes(server.get("/receipt").text) == [] == read_codes(send(server, code[:-1]).text)


def test_a_mistyped_code_gives_the_form_again_with_one_sentence(server: Server, code: str) -> None:
    wrong = ("0" if code[6] != "0" else "1").join((code[:6], code[7:]))
    answer = send(server, wrong)
    assert answer.status_code == 422
    assert_private(answer)
    assert "抄错了" in answer.text and f'value="{wrong}"' in answer.text and "<form" in answer.text


@pytest.mark.parametrize("said", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "'\"&<b>"])
def test_what_was_typed_is_shown_as_text(server: Server, said: str) -> None:
    answer = send(server, said)
    assert answer.status_code == 422
    assert said not in answer.text
    assert_private(answer)


def test_what_the_content_says_is_shown_as_text(base: Rules, code: str) -> None:
    probe = "<b onclick=x>&\"</b>"
    sheet = Sheet(probe, (Section(probe, (probe,), "boxes"),), (probe,))
    shown = html_of(sheet, "")
    assert "<b " not in shown and shown.count("&lt;b onclick=x&gt;&amp;&quot;&lt;/b&gt;") == 5
    named = dataclasses.replace(base, regions={})
    assert "320100" in html_of(sheet_of(replay(code, named), named), "")


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b"code=" + b"A" * 5000, "application/x-www-form-urlencoded", 413), (b"\xff\xfe", "text/plain", 400),
    (b"code=%FF%FE", "application/x-www-form-urlencoded", 400), (b"", "text/plain", 422),
    (b"a=1&b=2&c=3&d=4&e=5&f=6", "application/x-www-form-urlencoded", 400), (b"{}", "application/json", 422),
])
def test_what_is_no_form_is_refused(server: Server, body: bytes, kind: str, status: int) -> None:
    answer = requests.post(server.url + "/receipt", data=body, headers={"Content-Type": kind}, timeout=10)
    assert answer.status_code == status
    assert re.search(r"[\u4e00-\u9fff]", answer.text) and "Traceback" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_other_methods_are_refused_in_chinese(server: Server) -> None:
    answer = requests.put(server.url + "/receipt", timeout=10)
    assert answer.status_code == 405 and answer.json()["error"]["code"] == "wrong_method"


def test_nothing_of_a_receipt_is_logged(server: Server, code: str, caplog: pytest.LogCaptureFixture,
                                        capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG):
        assert send(server, code).status_code == 200
        assert send(server, code[:-1]).status_code == 422
    printed = capfd.readouterr()
    for part in (code, code.replace("-", ""), code[5:-2], "master", "硕士"):
        assert part not in caplog.text + printed.out + printed.err


def test_a_failure_is_told_without_what_was_sent(server: Server, code: str, caplog: pytest.LogCaptureFixture,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str, base: Base) -> None:
        raise RuntimeError(f"cannot read {text}")

    monkeypatch.setattr(receipt_page, "replay", broken)
    answer = send(server, code)
    assert answer.status_code == 500 and answer.json()["error"]["code"] == "internal"
    assert "RuntimeError" in caplog.text and code not in caplog.text


def test_one_address_cannot_try_codes_without_end(server: Server, code: str) -> None:
    statuses = [send(server, code).status_code for _ in range(25)]
    assert statuses[0] == 200 and statuses[-1] == 429
    assert send(server, code).headers["Retry-After"].isdigit()


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Sanic's own loggers are heard too, as a server with a chattier configuration would hear them."""
    with caplog.at_level(logging.DEBUG, logger="sanic.root"), caplog.at_level(logging.DEBUG, logger="sanic.access"):
        yield
