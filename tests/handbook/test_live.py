"""What the handbook promises of the running bot: a saved FAQ answers within two seconds, a slip changes nothing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.training import ensure_model
from tests.handbook.pages import Edit, missing, read_page
from tests.server.process import PROJECT, Server, within

#: "保存两秒后它就会答了". A machine that does other work may be late; it gets so many tries.
LIVE_S, TRIES = 2.0, 3
REGION = "510100"
#: As residents may put it; none of these is in the page.
ASKED = (
    "请问邻里书角咋个借书喃", "我想去邻里书角借几本书，有啥子要求", "邻里书角借书收不收钱", "书角借的书最多能看好多天",
    "老人家去邻里书角借书得准备些啥",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, vectors: Path) -> Iterator[Server]:
    ensure_model()
    folder = tmp_path_factory.mktemp("live")
    shutil.copytree(PROJECT / "knowledge" / "content", folder / "knowledge" / "content")
    shutil.copytree(vectors, folder / "cache")
    running = Server(folder, folder / "knowledge" / "content")
    try:
        running.start()
        running.settle()
        yield running
    finally:
        running.kill()


def apply(server: Server, edits: list[Edit]) -> dict[Path, bytes]:
    """Make the edits; the files as they were."""
    before = {server.folder / edit.file: (server.folder / edit.file).read_bytes() for edit in edits}
    for edit in edits:
        edit.apply(server.folder)
    return before


def put_back(before: dict[Path, bytes]) -> None:
    for path, raw in before.items():
        path.write_bytes(raw)


def test_the_faq_of_the_page_is_live_and_understood(server: Server) -> None:
    page = read_page("add-faq.md")
    edits = page.edits("2.", "3.")
    written = "".join(edit.new for edit in edits)
    assert not [text for text in ASKED if text in written]
    conversation = server.converse(REGION)

    def answers(text: str) -> list[str]:
        return [str(reply["custom"].get("record")) for reply in conversation.say(text)]

    def known() -> bool:
        return any("example-book-corner" in record for record in answers(ASKED[0]))

    took = []
    for _ in range(TRIES):
        assert not known()
        before = apply(server, edits)
        saved = time.monotonic()
        within(30, known)
        took.append(time.monotonic() - saved)
        if took[-1] <= LIVE_S:
            break
        put_back(before)
        within(30, lambda: not known())
    assert min(took) <= LIVE_S, took
    assert {text: answers(text) for text in ASKED} == {
        text: ["510100/culture-venue#example-book-corner"] for text in ASKED}
    put_back(before)
    within(30, lambda: not known())


def test_a_slip_is_told_in_health_and_in_the_log_while_the_old_content_serves(server: Server) -> None:
    page = read_page("read-errors.md")
    health, log = page.shown()
    version = server.get("/health").json()["knowledge"]
    before = apply(server, page.edits("一行报错怎么读"))
    within(30, lambda: "refused" in server.get("/health").json())
    answer = server.get("/health")
    assert answer.status_code == 200 and answer.json()["knowledge"] == version
    assert missing(health.text, answer.text.replace('"', "\n").replace("\\n", "\n")) == []
    assert missing(log.text, server.printed().replace(f"{server.folder}/", "")) == []
    replies = server.converse(REGION).say("成都要建多少图书馆、博物馆和剧场")
    assert [reply["custom"]["kind"] for reply in replies] == ["faq"]
    put_back(before)
    within(30, lambda: "refused" not in server.get("/health").json())
