"""The whole server as residents, staff and its engineer meet it: a process of its own, real content, real files."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pytest
import requests

from bot.contract import validate
from bot.settings import settings
from bot.training import ensure_model
from tests.server.process import PROJECT, Conversation, Server, free_port, start, within

#: How long an edit is waited for. That it is live within two seconds is measured in tests/handbook/test_live.py, the
#: best of three: once a machine of CI stood still for longer.
LIVE_S = 30.0
REGION = "320100"
EDITED = Path("310110") / "elderly-meal.yml"
FAQ = """
  - id: umbrella-rack
    question: 睦邻小厨门口的爱心雨伞怎么借？
    paraphrases: [睦邻小厨借雨伞, 小厨的爱心伞怎么还, 小厨能借把伞吗, 爱心雨伞在哪里借, 下雨天小厨借伞吗,
                  小厨借伞要押金吗]
    must_win: [小厨那边的爱心雨伞能借走用用吗, 到睦邻小厨吃饭可以借他们的爱心雨伞吗]
    must_not: [小厨几点开门, 小厨在哪条路上]
    aspect: how
    answer: {answer}
    sources: [wf-yp-canteen-list-2024]
"""
QUESTION = "睦邻小厨的爱心雨伞怎么借"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of this file keeps its state, with a copy of the content to edit."""
    made = tmp_path_factory.mktemp("server")
    shutil.copytree(PROJECT / "knowledge" / "content", made / "content")
    (made / "cache").mkdir()
    for vectors in settings().cache.glob("vectors-*"):
        if vectors.is_dir():
            shutil.copytree(vectors, made / "cache" / vectors.name)
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    ensure_model()
    running = Server(folder, folder / "content")
    try:
        running.start()
        yield running
    finally:
        running.kill()


def kinds(replies: list[dict[str, Any]]) -> list[str]:
    return [reply["custom"]["kind"] for reply in replies]


def asked_fact(replies: list[dict[str, Any]]) -> Optional[str]:
    return next((reply["custom"]["fact"] for reply in replies if reply["custom"]["kind"] == "question"), None)


def finish(conversation: Conversation, replies: list[dict[str, Any]], answers: dict[str, str]) -> tuple[
        list[dict[str, Any]], list[str]]:
    """Answer until nothing is asked any more; the last replies and the facts that were asked for."""
    facts: list[str] = []
    while (fact := asked_fact(replies)) is not None and len(facts) < 12:
        facts.append(fact)
        replies = conversation.say(answers.get(fact, "不清楚"))
    return replies, facts


ANSWERS = {"person.education": "硕士", "person.has_labor_contract": "签了的",
           "person.social_insurance_active": "一直在交", "household.owns_home_in_city": "没得房"}


# --- start, pages, doors that stay shut ------------------------------------------------------------


def test_health_says_when_it_can_answer(server: Server) -> None:
    assert set(server.statuses[:-1]) <= {0, 503} and server.statuses[-1] == 200
    assert server.statuses[0] == 0
    assert server.health["status"] == "ok"
    assert server.health["model"] and server.health["knowledge"] and server.health["encoder"]
    assert "refused" not in server.health


def test_it_prints_where_it_is(server: Server) -> None:
    first, *rest = server.printed().splitlines()
    assert "正在启动" in first
    assert any(f"http://127.0.0.1:{server.port}/" in line for line in rest)


def test_the_page_and_its_files(server: Server) -> None:
    page = server.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert "邻里通" in page.text
    files = set(re.findall(r'(?:src|href)="(/[^"/][^"]*)"', page.text))
    assert "/widget.js" in files and any(name.startswith("/static/") for name in files)
    for name in files:
        file = server.get(name)
        assert file.status_code == 200 and file.content, name
        assert file.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_pages_of_other_sites_are_shut_out_and_rasa_says_nothing_else(server: Server) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "POST"):
        answer = requests.request(method, server.url + "/webhooks/web/session", headers=asked, timeout=20)
        assert answer.status_code == 403 and answer.json()["error"]["code"] == "wrong_origin"
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    ours = requests.options(server.url + "/webhooks/web/session", headers={**asked, "Origin": server.url}, timeout=20)
    assert ours.status_code == 204 and ours.headers["Access-Control-Allow-Origin"] == server.url
    assert "Access-Control-Allow-Credentials" not in ours.headers


def test_the_regions_to_choose_from_are_those_of_the_content(server: Server) -> None:
    told = server.get("/webhooks/web/regions").json()
    assert told["keep_hours"] == 24
    assert [item["region"] for item in told["regions"]] == ["510100", "310110", "320100", "320500", "130600", "100000"]


@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/webhooks/rest/webhook"), ("GET", "/webhooks/rest/"), ("POST", "/model/parse"), ("PUT", "/model"),
    ("GET", "/conversations/somebody/tracker"), ("POST", "/conversations/somebody/messages"),
    ("GET", "/conversations/somebody/story"), ("GET", "/status"), ("GET", "/version"), ("GET", "/domain"),
    ("GET", "/socket.io/"), ("POST", "/webhooks/callback/webhook"), ("GET", "/static/..%2fserve.py"),
])
def test_rasas_own_doors_are_shut(server: Server, method: str, path: str) -> None:
    body = {"sender": "somebody", "message": "你好"} if method != "GET" else None
    answer = requests.request(method, server.url + path, json=body, timeout=20)
    assert answer.status_code == 404
    assert re.search(r"[\u4e00-\u9fff]", answer.json()["error"]["message"])


# --- conversations ---------------------------------------------------------------------------------


def test_from_a_question_to_a_verdict(server: Server) -> None:
    conversation = server.converse(REGION)
    replies = conversation.say("我在南京租房，能申请租房补贴吗")
    replies, facts = finish(conversation, replies, ANSWERS)
    verdict = next(reply for reply in replies if reply["custom"]["kind"] == "verdict")
    assert verdict["custom"]["outcome"] == "eligible"
    assert verdict["custom"]["benefit"]["amount"] == 800
    assert "800元" in verdict["text"] and verdict["custom"]["sources"]
    assert 1 <= len(facts) == len(set(facts))
    for reply in replies:
        validate({key: value for key, value in reply.items() if key != "id"})


def test_a_message_sent_twice_is_answered_once(server: Server) -> None:
    conversation = server.converse(REGION)
    first = conversation.say("谢谢你", "same-id")
    assert conversation.say("谢谢你", "same-id") == first
    assert conversation.say("完全别的话", "same-id") == first
    assert len(conversation.history()) == 1 + len(first)


def test_history_is_what_was_said_in_order(server: Server) -> None:
    conversation = server.converse(REGION)
    said = ["你好", "人才公寓打几折", "谢谢"]
    answered = [[reply["text"] for reply in conversation.say(text)] for text in said]
    expected = [line for text, replies in zip(said, answered, strict=True) for line in (text, *replies)]
    assert [_text_of(entry) for entry in conversation.history()] == expected


def _text_of(entry: dict[str, Any]) -> str:
    return str(entry["text"] if "text" in entry else entry["message"]["text"])


def test_sessions_do_not_see_each_other(server: Server) -> None:
    first, second = server.converse(REGION), server.converse(REGION)
    first.say("我是硕士")
    assert second.history() == []
    told = second.say("你记得我说过什么吗，总结一下")
    assert "硕士" not in "".join(reply["text"] for reply in told)


# --- what is forgotten, what is never written down --------------------------------------------------


@pytest.mark.parametrize("how", ["the button", "in words"])
def test_forgetting_leaves_no_row_and_no_word(server: Server, how: str) -> None:
    conversation, stays = server.converse(REGION), server.converse(REGION)
    marker = "我是硕士，每月挣六千三百二十一，老家有欧阳石榴"
    conversation.say(marker)
    stays.say("老家有司徒枇杷")
    databases = sorted((server.folder / "var").glob("*.db"))
    assert [path.name for path in databases] == ["state.db"]
    assert all(_rows_with(path, conversation.id) for path in databases)
    assert all(_rows_with(path, "欧阳石榴") for path in databases)
    # What was understood of it: by the month, or reckoned for the year.
    income = ("6321", "75852")
    assert any(_rows_with(path, figure, alone=True) for path in databases for figure in income)

    if how == "in words":
        told = conversation.say("删除我的记录", "forget-me")
        assert [(reply["custom"]["kind"], reply["custom"].get("of")) for reply in told] == [("ack", "forget")]
        assert conversation.say("删除我的记录", "forget-me") == told
    else:
        answer = conversation.forget()
        assert answer.status_code == 200
        assert answer.json()["deleted"]["events"] > 0 and answer.json()["deleted"]["replies"] > 0
    for path in databases:
        for words in (conversation.id, "欧阳石榴", "六千三百二十一"):
            assert not _rows_with(path, words), (path.name, words)
        assert not any(_rows_with(path, figure, alone=True) for figure in income), path.name
        assert _rows_with(path, "司徒枇杷")
    # Not even in the free pages or the write-ahead log.
    for path in (server.folder / "var").iterdir():
        left = path.read_bytes()
        assert not any(form.encode() in left for form in ("欧阳石榴", _escaped("欧阳石榴"))), path.name
    assert conversation.history() == []
    assert "硕士" not in "".join(reply["text"] for reply in conversation.say("总结一下我说过的"))


def _escaped(words: str) -> str:
    """As JSON writes them in ASCII: \\u6b27 …"""
    return words.encode("ascii", "backslashreplace").decode()


def _rows_with(path: Path, words: str, *, alone: bool = False) -> int:
    """In how many rows of any table ``words`` stand, written out or as JSON escapes.

    ``alone``: not as a part of a longer number; times and random ids hold any four digits now and then.
    """
    before, after = ("(?<![0-9A-Fa-f.-])", "(?![0-9A-Fa-f-])") if alone else ("", "")
    forms = re.compile("|".join(f"{before}{re.escape(form)}{after}" for form in (words, _escaped(words))))
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        rows = [row for table in tables for row in database.execute(f'select * from "{table}"')]
    return sum(any(forms.search(str(value)) for value in row) for row in rows)


def test_what_is_kept_is_for_the_owner_only(server: Server) -> None:
    server.converse(REGION).say("你好")
    var = server.folder / "var"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (var, *var.iterdir())}
    assert modes.pop("var") == 0o700
    assert {"state.db", "secret"} <= set(modes) and set(modes.values()) == {0o600}, modes


def test_only_an_answer_that_was_given_can_be_judged(server: Server) -> None:
    conversation = server.converse(REGION)
    name = conversation.say("人才公寓打几折")[0]["custom"]["answer_id"]
    for answer_id, status in ((name, 204), ("0" * 16, 404)):
        body = {"token": conversation.token, "answer_id": answer_id, "helpful": True}
        assert requests.post(f"{server.url}/webhooks/web/feedback", json=body, timeout=20).status_code == status


def test_the_log_never_repeats_a_resident(server: Server) -> None:
    conversation = server.converse("310110")
    words = ["我妈上官芙蓉七十九岁住在合欢新村", "胸口痛得遭不住上官芙蓉", "上官芙蓉一个月退休金4321块",
             "\u202e上官芙蓉\u0000\u200b"]
    for text in words:
        conversation.say(text, location={"lng": 121.51437, "lat": 31.29871, "crs": "wgs84"})
    requests.post(f"{server.url}/webhooks/web/message", data='{"text": "上官芙蓉', timeout=20)
    requests.post(f"{server.url}/webhooks/web/message", timeout=20,
                  json={"token": "上官芙蓉", "message_id": "1", "text": "上官芙蓉"})
    requests.get(f"{server.url}/webhooks/web/上官芙蓉", timeout=20)
    requests.post(f"{server.url}/webhooks/web/feedback", timeout=20,
                  json={"token": conversation.token, "answer_id": "x", "helpful": True, "comment": "上官芙蓉说好"})
    printed = server.printed()
    for secret in ("上官", "芙蓉", "合欢新村", "4321", "121.51437", "31.29871", conversation.token, "\\u4e0a\\u5b98"):
        assert secret not in printed
    assert "Traceback" not in printed


# --- staff edit while it serves ---------------------------------------------------------------------


@pytest.fixture
def edited(server: Server) -> Iterator[Path]:
    """A content file that is put back after the test."""
    file = server.content / EDITED
    whole = file.read_bytes()
    yield file
    file.write_bytes(whole)


def test_edits_are_live_and_a_bad_one_changes_nothing(server: Server, edited: Path) -> None:
    server.settle()
    whole = edited.read_text(encoding="utf-8")
    conversation = server.converse("310110")
    version = server.get("/health").json()["knowledge"]

    def says(words: str) -> Optional[bool]:
        return any(words in reply["text"] for reply in conversation.say(QUESTION)) or None

    def refused() -> Optional[list[str]]:
        return server.get("/health").json().get("refused")

    assert not says("前台登记")
    edited.write_text(whole + FAQ.replace("{answer}", "在前台登记，七天内还。"), encoding="utf-8")
    within(LIVE_S, lambda: says("前台登记"))
    better = server.get("/health").json()["knowledge"]
    assert better != version

    broken = whole + FAQ.replace("{answer}", "凭身份证借。").replace("sources: [", "sources: [no-such-source, ")
    edited.write_text(broken, encoding="utf-8")
    problems = within(LIVE_S, refused)
    line = next(number for number, text in enumerate(broken.splitlines(), 1) if "no-such-source" in text)
    assert problems[0].startswith(f"{EDITED.as_posix()}:{line}:") and "no-such-source" in problems[0]
    assert str(server.content) not in str(problems), "/health shows no path of the server"
    assert says("前台登记") and server.get("/health").json()["knowledge"] == better

    edited.write_text(whole + FAQ.replace("{answer}", "\t: [凭身份证借。"), encoding="utf-8")
    within(LIVE_S, lambda: "no-such-source" not in str(refused()) or None)
    assert refused() and says("前台登记")

    edited.write_text(whole + FAQ.replace("{answer}", "凭身份证借。"), encoding="utf-8")
    within(LIVE_S, lambda: says("凭身份证"))
    assert refused() is None and server.get("/health").status_code == 200

    edited.write_text(whole, encoding="utf-8")
    within(LIVE_S, lambda: None if says("凭身份证") else True)
    assert server.get("/health").json()["knowledge"] == version


def test_an_edit_is_live_in_every_process_that_serves_the_folder(server: Server, folder: Path, tmp_path: Path) -> None:
    """Two servers of one content folder, each with its own state: both serve an edit, both refuse a bad one."""
    shutil.copytree(folder / "cache", tmp_path / "cache")
    other = Server(tmp_path, folder / "content")
    edited = folder / "content" / EDITED
    whole = edited.read_text(encoding="utf-8")
    try:
        other.start()
        other.settle()
        talks = [(each, each.converse("310110")) for each in (server, other)]
        edited.write_text(whole + FAQ.replace("{answer}", "两边都能借。"), encoding="utf-8")
        for _, talk in talks:
            within(LIVE_S, lambda talk=talk: any("两边都能借" in reply["text"]  # type: ignore[misc]
                                                 for reply in talk.say(QUESTION)) or None)
        assert len({each.get("/health").json()["knowledge"] for each, _ in talks}) == 1
        edited.write_text(whole + FAQ.replace("aspect:", "aspekt:"), encoding="utf-8")
        for each, _ in talks:
            within(LIVE_S, lambda each=each: each.get("/health").json().get("refused"))  # type: ignore[misc]
    finally:
        edited.write_text(whole, encoding="utf-8")
        other.stop(signal.SIGTERM)
    within(LIVE_S, lambda: None if server.get("/health").json().get("refused") else True)


# --- ends and beginnings ---------------------------------------------------------------------------


def test_a_restart_keeps_the_conversation(server: Server) -> None:
    conversation = server.converse(REGION)
    replies = conversation.say("我是硕士，在南京租房，能申请租房补贴吗")
    open_fact = asked_fact(replies)
    assert open_fact not in (None, "person.education")
    before = conversation.history()

    code, seconds = server.stop(signal.SIGINT)
    assert code in (0, 130) and seconds < 10
    server.start()
    assert "Traceback" not in server.printed()

    assert conversation.history() == before
    replies, facts = finish(conversation, conversation.say(ANSWERS[str(open_fact)]), ANSWERS)
    assert not {open_fact, "person.education"} & set(facts)
    verdict = next(reply for reply in replies if reply["custom"]["kind"] == "verdict")
    assert (verdict["custom"]["outcome"], verdict["custom"]["benefit"]["amount"]) == ("eligible", 800)


def test_a_taken_port_is_one_clear_sentence(server: Server, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start(server.port, tmp_path, content=server.content, log=log)
    assert process.wait(60) == 3
    lines = log.read_text(encoding="utf-8").strip().splitlines()
    assert len(lines) == 1 and str(server.port) in lines[0]


def test_sigterm_ends_it_as_well(server: Server) -> None:
    code, seconds = server.stop(signal.SIGTERM)
    assert code in (0, 143, -signal.SIGTERM) and seconds < 10
    assert "Traceback" not in server.printed()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0
    server.start()
    assert kinds(server.converse(REGION).say("你好")) == ["ack"]


def test_broken_content_stops_a_start_with_file_and_line(folder: Path, tmp_path: Path) -> None:
    ensure_model()
    content, log = tmp_path / "content", tmp_path / "log"
    shutil.copytree(PROJECT / "knowledge" / "content", content)
    file = content / EDITED
    text = file.read_text(encoding="utf-8").replace("aspect: hours", "aspect: horus", 1)
    file.write_text(text, encoding="utf-8")
    line = next(number for number, item in enumerate(text.splitlines(), 1) if "aspect: horus" in item)
    process = start(free_port(), tmp_path, content=content, log=log)
    assert process.wait(60) == 1
    printed = log.read_text(encoding="utf-8")
    assert f"{EDITED.name}:{line}" in printed
    assert "Traceback" not in printed
