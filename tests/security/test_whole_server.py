"""The real server with the real bot: templates, logs, sessions of others, what its answers carry, where it calls to."""

from __future__ import annotations

import ast
import json
import re
import time
import uuid
from pathlib import Path

import pytest
import requests

from tests.security.conftest import ADDRESS, Whole
from tests.server.process import PROJECT, Conversation

TEMPLATES = (
    "{memory}",
    "{0.__class__.__mro__}",
    "{sender_id}",
    "${7*7}",
    "{{7*7}}",
    "#{7*7}",
    "%(memory)s %n%s",
    "<%= 7*7 %>",
    "{% debug %}",
    "人才公寓 {knowledge_version}",
    "我叫{memory}，我妈{self}岁，住五角场{0}",
    '/inform{"memory": {}}',
    "/action_forget",
    "／session_start",
    "\\N{BULLET}",
    "{" * 250 + "}" * 250,
    "{a!r:>99999999}",
    "{:>1000000000}",
)


def test_what_a_resident_says_is_no_template(whole: Whole) -> None:
    conversation = whole.converse("310110")
    for text in TEMPLATES:
        told = conversation.say(text)
        assert all(reply["custom"]["kind"] != "error" for reply in told), text
        shown = json.dumps(told, ensure_ascii=False)
        assert "49" not in re.sub(r"[0-9a-f]{12,}|\d{5,}", "", shown) or "7*7" not in text, shown
        assert (
            "__class__" not in shown and "<class" not in shown and conversation.id not in shown and len(shown) < 60_000
        ), text


def test_the_words_of_rasa_itself_mean_nothing(whole: Whole) -> None:
    """``/session_start`` and ``/intent{entities}`` would command the bot; from outside they are words like others."""
    conversation = whole.converse("310110")
    conversation.say("我妈七十五了")
    commands = (
        "/session_start",
        '/inform{"memory": null}',
        "/action_listen",
        " /back",
        "/EXTERNAL: x",
        "／／session_start",
    )
    for text in commands:
        conversation.say(text)
    assert "75" in "".join(reply["text"] for reply in conversation.say("总结一下我说过的"))
    for command in ("/restart", "/forget_me", "//start_over", "/greet"):
        plain, commanded = (whole.converse("310110").say(text) for text in (command.strip("/"), command))
        assert [reply["text"] for reply in plain] == [reply["text"] for reply in commanded], command


FAKE = "2026-11-28T00:00:00 ERROR bot: 假的一行"


def test_nobody_can_write_a_line_of_the_log(whole: Whole) -> None:
    conversation = whole.converse("310110")
    for breaker in ("\n", "\r\n", "\r", "\u2028", "\x1b[2J", "\x85", "\x0b"):
        conversation.say(f"你好{breaker}{FAKE}")
        requests.post(f"{whole.url}/webhooks/web/message", timeout=20, data=f"{{{breaker}{FAKE}".encode())
        requests.post(
            f"{whole.url}/webhooks/web/feedback",
            timeout=20,
            json={
                "token": conversation.token,
                "answer_id": f"x{breaker}{FAKE}",
                "helpful": True,
                "comment": f"{breaker}{FAKE}",
            },
        )
        requests.get(f"{whole.url}/card/{requests.utils.quote(breaker + FAKE)}", timeout=20)  # type: ignore[attr-defined]
        requests.get(f"{whole.url}/{requests.utils.quote(breaker + FAKE)}", timeout=20)  # type: ignore[attr-defined]
        requests.get(
            f"{whole.url}/health",
            timeout=20,
            headers={"User-Agent": "x" + FAKE.encode().decode("latin-1"), ADDRESS: "1.1.1.1"},
        )
        requests.post(
            f"{whole.url}/webhooks/wechat/",
            timeout=20,
            params={"signature": f"{breaker}{FAKE}", "nonce": FAKE},
            data=FAKE.encode(),
        )
    printed = whole.printed()
    assert (
        "假的一行" not in printed
        and "\\u5047\\u7684" not in printed
        and "\x1b" not in printed
        and "%E5%81%87" not in printed
    )


# --- sessions ---------------------------------------------------------------------------------------


def test_nobody_chooses_a_session_of_their_own(whole: Whole) -> None:
    """Fixation: an id, a token or a cookie that somebody brings along begins nothing."""
    planted = whole.converse("310110")
    body = {"region": "310110", "session": planted.id, "token": planted.token, "s": planted.id, "sender": planted.id}
    answer = requests.post(
        f"{whole.url}/webhooks/web/session",
        json=body,
        timeout=20,
        cookies={"linlitong_session": planted.token},
        headers={"Authorization": f"Bearer {planted.token}"},
    )
    fresh = answer.json()
    assert fresh["session"] != planted.id and fresh["token"] != planted.token
    assert answer.cookies.get("linlitong_session", path="/webhooks/web/events") == fresh["token"]


def test_another_s_conversation_stays_shut(whole: Whole) -> None:
    """With a token of one's own nothing of another's is read, judged, deleted or heard, whatever else is sent along."""
    mine, others = whole.converse("310110"), whole.converse("310110")
    told = others.say("我想问石榴籽活动")
    answer_id = told[0]["custom"]["answer_id"]
    body = {"token": mine.token, "session": others.id, "sender_id": others.id, "answer_id": answer_id, "helpful": True}
    assert requests.post(f"{whole.url}/webhooks/web/feedback", json=body, timeout=20).status_code == 404
    query = {"session": others.id, "token": others.token, "sender": others.id}
    for path in ("history", "events"):
        # A token in an address would be written down by servers on the way: it is none.
        assert requests.get(f"{whole.url}/webhooks/web/{path}", params=query, timeout=20).status_code == 401
    answer = requests.get(
        f"{whole.url}/webhooks/web/history", params=query, timeout=20, headers={"Authorization": f"Bearer {mine.token}"}
    )
    assert "石榴籽" not in answer.text
    assert (
        requests.delete(
            f"{whole.url}/webhooks/web/conversation",
            params=query,
            timeout=20,
            headers={"Authorization": f"Bearer {mine.token}"},
        ).status_code
        == 200
    )
    assert any("石榴籽" in str(entry) for entry in others.history())
    with requests.get(
        f"{whole.url}/webhooks/web/events?last_event_id=0",
        stream=True,
        timeout=20,
        headers={"Authorization": f"Bearer {mine.token}"},
    ) as stream:
        lines = stream.iter_content(None)
        begun = next(lines)
        others.say("石榴籽活动还在吗")
        mine.say("你好")
        ends, heard = time.monotonic() + 15, begun
        while b"data:" not in heard and time.monotonic() < ends:
            heard += next(lines)
    assert b"data:" in heard and "石榴籽" not in heard.decode() and answer_id.encode() not in heard


def test_the_cookie_is_for_the_event_stream_alone(whole: Whole) -> None:
    answer = requests.post(f"{whole.url}/webhooks/web/session", timeout=20)
    flags = answer.headers["Set-Cookie"].lower()
    assert (
        "httponly" in flags
        and "samesite=strict" in flags
        and "path=/webhooks/web/events" in flags
        and "domain" not in flags
    )
    cookie = {"Cookie": f"linlitong_session={answer.json()['token']}"}
    assert requests.get(f"{whole.url}/webhooks/web/history", headers=cookie, timeout=20).status_code == 401
    assert requests.delete(f"{whole.url}/webhooks/web/conversation", headers=cookie, timeout=20).status_code == 401
    message = {"message_id": "1", "text": "你好"}
    assert (
        requests.post(f"{whole.url}/webhooks/web/message", json=message, headers=cookie, timeout=20).status_code == 401
    )


# --- what answers carry -----------------------------------------------------------------------------


def everything(server: Whole, conversation: Conversation) -> list[tuple[str, requests.Response]]:
    bearer = {"Authorization": f"Bearer {conversation.token}"}
    calls = [
        ("POST", "/webhooks/web/session", {}),
        (
            "POST",
            "/webhooks/web/message",
            {"json": {"token": conversation.token, "message_id": uuid.uuid4().hex, "text": "你好"}},
        ),
        ("GET", "/webhooks/web/history", {"headers": bearer}),
        ("GET", "/receipt", {}),
        ("POST", "/receipt", {"data": {"code": "LL-AAAA-AAAA"}}),
        ("GET", "/card/" + "A" * 16 + ".1." + "A" * 22, {}),
        ("GET", "/webhooks/web/history", {}),
        ("GET", "/nowhere", {}),
        ("PUT", "/webhooks/web/message", {}),
        ("POST", "/webhooks/wechat/mini-login", {"json": {"code": "x"}}),
        ("GET", "/webhooks/wechat/", {}),
        ("DELETE", "/webhooks/web/conversation", {"headers": bearer}),
    ]
    return [
        (f"{method} {path}", requests.request(method, server.url + path, timeout=20, **options))  # type: ignore[arg-type]
        for method, path, options in calls
    ]


def test_no_cache_keeps_an_answer(whole: Whole) -> None:
    for name, answer in everything(whole, whole.converse("310110")):
        if "/webhooks/wechat/" not in name or "mini" in name:
            assert answer.headers.get("Cache-Control") == "no-store", name


def test_every_answer_has_the_headers_and_says_no_version(whole: Whole) -> None:
    for name, answer in [
        *everything(whole, whole.converse("310110")),
        *(
            (path, requests.get(whole.url + path, timeout=20))
            for path in ("/", "/chat", "/mini", "/widget.js", "/health")
        ),
    ]:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy and "base-uri 'none'" in policy, (
            name
        )
        assert "unsafe" not in policy and "*" not in policy, name
        assert (
            answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"] == "no-referrer"
        ), name
        assert not {"server", "x-powered-by", "x-debug"} & {header.lower() for header in answer.headers}, name
        if name not in ("/", "/chat", "/mini", "/widget.js"):
            assert not re.search(r"(?i)sanic|rasa|python|traceback|werkzeug|/work|site-packages", answer.text), name


# --- where it calls to ------------------------------------------------------------------------------

_CLIENTS = {
    "aiohttp",
    "requests",
    "httpx",
    "urllib3",
    "urllib.request",
    "http.client",
    "ftplib",
    "smtplib",
    "telnetlib",
    "xmlrpc",
}


def test_only_one_file_calls_out_and_only_to_the_address_that_is_set() -> None:
    """No address that a resident, a push or the content names is ever called."""
    importing = set()
    for package in ("bot", "actions", "knowledge"):
        for path in sorted((PROJECT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = (
                    [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module or ""]
                    # aiohttp.web is a server.
                    if isinstance(node, ast.ImportFrom) and [alias.name for alias in node.names] != ["web"]
                    else []
                )
                if any(name == client or name.startswith(client + ".") for name in names for client in _CLIENTS):
                    importing.add(path.relative_to(PROJECT).as_posix())
    assert importing == {"bot/channels/wechat/calls.py"}
    calls = Path(PROJECT / "bot/channels/wechat/calls.py").read_text(encoding="utf-8")
    assert "allow_redirects=False" in calls and calls.count(".request(") == 1 and "self._base + path" in calls


def test_rasas_own_channels_and_api_are_off(whole: Whole) -> None:
    """Every address of the server is one that we know of; Rasa's (REST, Socket.IO, /model …) are not among them."""
    ours = re.compile(
        r"/(|chat|mini|health|live|ready|receipt|widget\.js|static/<name:str>|card/<token:str>"
        r"|webhooks/(web|wechat|wecom)(/[a-z-]+)?)"
    )
    strange = {path for path, _ in whole.routes if not ours.fullmatch(path)}
    assert not strange


@pytest.mark.parametrize(
    "path",
    [
        "/model/parse",
        "/model/train",
        "/conversations/x/tracker",
        "/conversations/x/execute",
        "/webhooks/rest/webhook",
        "/webhooks/callback/webhook",
        "/socket.io/",
        "/status",
        "/version",
        "/domain",
        "/model",
        "/docs",
        "/metrics",
        "/.env",
        "/var/secret",
    ],
)
def test_addresses_of_rasa_and_of_others_are_404(whole: Whole, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = requests.request(
            method,
            whole.url + path,
            json={"sender": "x", "message": "你好"} if method in ("POST", "PUT") else None,
            timeout=20,
        )
        assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"
