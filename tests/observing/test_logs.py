"""Lines that cannot be forged, and that keep to themselves what a resident said."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from bot.channels.errors import log_failure
from bot.observing import logs
from bot.observing.turn import arrive, note_replies, worked
from bot.settings import CannotServe
from tests.channels.messages import message

Written = Callable[[str], io.StringIO]
SECRET = "欧阳七七住在朱雀巷"
ours = logging.getLogger("bot.some.module")
theirs = logging.getLogger("rasa.core.processor")


def objects(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_says_when_how_bad_who_and_what(written: Written) -> None:
    stream = written("json")
    ours.warning("the disk of %s is %d %% full", "var", 93)
    (line,) = objects(stream)
    assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
    assert line == {"level": "warning", "logger": "bot.some.module", "event": "the disk of var is 93 % full"}


def test_within_a_turn_its_id_and_channel_go_along(written: Written) -> None:
    stream = written("json")
    with arrive("wechat") as turn:
        ours.info("something")
    ours.info("something else")
    inside, outside = objects(stream)
    assert (inside["turn"], inside["channel"]) == (turn.id, "wechat") and "turn" not in outside


@pytest.mark.parametrize("style", ["json", "plain"])
def test_each_turn_is_one_line_with_its_length_and_nothing_that_was_said(written: Written, style: str) -> None:
    stream = written(style)

    async def turn() -> str:
        with arrive("web") as begun:
            async def work() -> None:
                note_replies([message("verdict"), message("question")])
            await worked(work())
        return begun.id

    turn_id = asyncio.run(turn())
    (line,) = stream.getvalue().splitlines()
    assert turn_id in line and message("verdict")["text"][:6] not in line
    if style == "json":
        told = json.loads(line)
        assert told["event"] == "turn" and told["logger"] == "bot.access" and told["level"] == "info"
        assert (told["channel"], told["kind"], told["kinds"], told["result"]) == (
            "web", "verdict", ["verdict", "question"], "answered")
        assert 0 <= told["waited_ms"] <= told["ms"]
        assert not {"topic", "region", "intent", "outcomes", "session"} & told.keys()
    else:
        assert "verdict+question" in line and " ms" in line


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters()), style=st.sampled_from(["json", "plain"]))
def test_no_text_can_make_a_line_of_its_own(written: Written, text: str, style: str) -> None:
    stream = written(style)
    forged = "2026-11-28T00:00:00.000+00:00 ERROR bot.cli: forged"
    ours.warning("named %s", f"{text}\n{forged}\r{forged}\u2028{forged}\x1b[2J")
    lines = stream.getvalue().split("\n")
    assert lines.pop() == ""
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029\u202e" for line in lines
                   for char in line)
    if style == "json":
        assert len(lines) == 1 and json.loads(lines[0])["event"].startswith("named ")
    else:
        assert all(line.startswith("    ") for line in lines[1:]), "a line that follows is indented"
        assert lines[0].split(" ")[1] == "WARNING"


@pytest.mark.parametrize("style", ["json", "plain"])
@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL])
def test_of_a_librarys_line_only_the_place_is_kept(written: Written, style: str, level: int) -> None:
    stream = written(style)
    theirs.log(level, f"Received user message '{SECRET}'")
    theirs.log(level, "Received user message %r with %s", SECRET, SECRET)
    structlog.get_logger("rasa.core.channels.rest").log(level, "rest.message.received.failure", text=SECRET)
    structlog.get_logger("rasa.core.channels.rest").log(level, f"could not answer {SECRET}", text=SECRET)
    said = stream.getvalue()
    assert SECRET not in said and SECRET.encode("unicode_escape").decode() not in said
    if level >= logging.WARNING:
        assert said.count("test_logs.py") >= 2 and "rest.message.received.failure" in said
    else:
        assert said == ""


def broken() -> None:
    raise OperationalError(f"INSERT INTO events VALUES ('{SECRET}')", {"data": SECRET}, ValueError(SECRET))


@pytest.mark.parametrize("style", ["json", "plain"])
def test_of_an_exception_its_kind_and_its_places_are_kept(written: Written, style: str) -> None:
    stream = written(style)
    try:
        broken()
    except OperationalError as error:
        ours.exception("it broke")
        theirs.error("it broke", exc_info=True)
        structlog.get_logger("rasa.core").exception("it.broke", text=SECRET)
        log_failure("A turn", error)
    said = stream.getvalue()
    assert SECRET not in said
    assert said.count("OperationalError") >= 4
    assert said.count("broken") >= 4


def test_what_staff_wrote_wrong_is_quoted_to_them(written: Written) -> None:
    stream = written("plain")
    try:
        raise ValueError("elderly-meal.yml: line 7")
    except ValueError:
        logging.getLogger("knowledge.base").exception("content refused")
    assert "line 7" in stream.getvalue()


def test_before_residents_are_heard_libraries_may_speak(written: Written) -> None:
    stream = written("plain")
    logs.serving(False)
    theirs.warning("the port %d is taken", 80)
    assert "the port 80 is taken" in stream.getvalue()


def test_exceptions_that_nobody_caught_keep_their_words_too(
        written: Written, capfd: pytest.CaptureFixture[str]) -> None:
    stream = written("json")

    class Final:
        def __del__(self) -> None:
            raise RuntimeError(SECRET)

    def end() -> None:
        raise RuntimeError(SECRET)

    async def forgotten() -> None:
        task = asyncio.get_running_loop().create_task(_raise())
        await asyncio.sleep(0.01)
        del task

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ending = threading.Thread(target=end, name="worker")
        hook = threading.excepthook
        assert hook is logs._lost_in_a_thread
        ending.start()
        ending.join()
        final = Final()
        del final
        asyncio.run(forgotten())
    kinds = [line.get("logger") for line in objects(stream)]
    assert kinds.count("bot.threads") == 2 and "asyncio" in kinds
    printed = capfd.readouterr()
    assert SECRET not in stream.getvalue() + printed.out + printed.err


async def _raise() -> None:
    raise RuntimeError(SECRET)


def test_a_wrong_format_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(CannotServe, match="LOG_FORMAT 要写 plain 或 json"):
        logs.configure()
