"""What an earlier release kept in three files, or one without STATE_URL in one, goes along; nothing stays."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.channels.wechat.state import Answer
from bot.channels.wechat.store import Store
from bot.private_files import EARLIER
from bot.settings import CannotServe
from bot.state import earlier
from bot.state.database import Database, StateDown, database_of, sql
from tests.channels.clock import Clock
from tests.state.turns import Bot, reply
from tests.support.databases import Databases
from tests.support.services import Postgres

#: The tables as release 0.1.0 made them.
WEB = """
CREATE TABLE turns (session TEXT NOT NULL, message_id TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL,
  number INTEGER PRIMARY KEY AUTOINCREMENT, UNIQUE (session, message_id));
CREATE TABLE replies (id INTEGER PRIMARY KEY AUTOINCREMENT, turn INTEGER NOT NULL REFERENCES turns (number)
  ON DELETE CASCADE, session TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE feedback (session TEXT NOT NULL, answer_id TEXT NOT NULL, helpful INTEGER NOT NULL, comment TEXT NOT NULL,
  at REAL NOT NULL, PRIMARY KEY (session, answer_id));
CREATE TABLE probe (number INTEGER PRIMARY KEY, filling BLOB);
"""
CONVERSATIONS = """
CREATE TABLE events (id INTEGER NOT NULL, sender_id VARCHAR(255) NOT NULL, type_name VARCHAR(255) NOT NULL,
  timestamp FLOAT, intent_name VARCHAR(255), action_name VARCHAR(255), data TEXT, PRIMARY KEY (id));
CREATE INDEX ix_events_sender_id ON events (sender_id);
"""
WECHAT = """
CREATE TABLE messages (key TEXT PRIMARY KEY, conversation TEXT NOT NULL, question TEXT NOT NULL, first_at REAL NOT NULL,
  tries INTEGER NOT NULL, owner TEXT NOT NULL, lease REAL NOT NULL, answer TEXT, reply TEXT, carried_at REAL,
  gave_up INTEGER NOT NULL DEFAULT 0);
CREATE TABLE requests (request TEXT PRIMARY KEY, key TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE conversations (conversation TEXT PRIMARY KEY, state TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE cards (id TEXT PRIMARY KEY, conversation TEXT NOT NULL, body TEXT NOT NULL, ends REAL NOT NULL,
  number INTEGER NOT NULL);
CREATE TABLE api_windows (person TEXT NOT NULL, kind TEXT NOT NULL, ends REAL NOT NULL, remain INTEGER NOT NULL,
  PRIMARY KEY (person, kind));
CREATE TABLE api_tokens (appid TEXT PRIMARY KEY, token TEXT NOT NULL DEFAULT '', ends REAL NOT NULL DEFAULT 0,
  lease TEXT NOT NULL DEFAULT '', lease_ends REAL NOT NULL DEFAULT 0);
CREATE TABLE api_forced (appid TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE probe (number INTEGER PRIMARY KEY, filling BLOB);
"""
SESSION, OPENID = "s" * 32, "o" * 32
NOW = 1_790_000_000.0


def left_by_an_earlier_release(var: Path) -> None:
    """Three turns of which the first was deleted, one of WeChat, and all that goes with them."""
    var.mkdir(exist_ok=True)
    with closing(sqlite3.connect(var / "web.db", isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = WAL;" + WEB)
        for number in (1, 2, 3):
            turn = db.execute("INSERT INTO turns (session, message_id, text, at) VALUES (?, ?, ?, ?)",
                              (SESSION, f"m{number}", f"王桂英第{number}句", NOW)).lastrowid
            for part in ("甲", "乙"):
                db.execute("INSERT INTO replies (turn, session, body) VALUES (?, ?, ?)",
                           (turn, SESSION, json.dumps(reply(f"{part}{number}"))))
        db.execute("DELETE FROM replies WHERE turn IN (1, 3)")
        db.execute("DELETE FROM turns WHERE number IN (1, 3)")
        db.execute("INSERT INTO feedback VALUES (?, 'a-甲2', 1, '好', ?)", (SESSION, NOW))
        db.execute("INSERT INTO probe VALUES (1, randomblob(16))")
    with closing(sqlite3.connect(var / "conversations.db", isolation_level=None)) as db:
        db.executescript(CONVERSATIONS)
        for number, (event, more) in enumerate((
                ("user", {"text": "王桂英第2句", "parse_data": {"intent": {"name": "inform"}}}),
                ("slot", {"name": "memory", "value": {"said": ["王桂英第2句"]}}))):
            data = {"event": event, "timestamp": NOW + number, **more}
            db.execute("INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (?, ?, ?, ?)",
                       (SESSION, event, NOW + number, json.dumps(data)))
    with closing(sqlite3.connect(var / "wechat.db", isolation_level=None)) as db:
        db.executescript(WECHAT)
        db.execute("INSERT INTO messages VALUES ('k', ?, '问', ?, 1, 'me', 0, ?, NULL, NULL, 1)",
                   (OPENID, NOW, Answer("留着的。").dump()))
        db.execute("INSERT INTO requests VALUES ('r', 'k', ?)", (NOW,))
        db.execute("INSERT INTO cards VALUES ('c', ?, '{}', ?, 1)", (OPENID, NOW))
        db.execute("INSERT INTO api_windows VALUES (?, 'message', ?, 5)", (OPENID, NOW))
        db.execute("INSERT INTO api_tokens (appid, token, ends) VALUES ('wx', 'token', ?)", (NOW,))
        db.execute("INSERT INTO api_forced VALUES ('wx', ?)", (NOW,))


def opened(state: Databases) -> Database:
    return state(var=state.folder)


def check(state: Databases) -> None:
    """Everything is there, under the numbers that pages know."""
    async def look() -> None:
        bot = Bot(state())
        bot.outbox._clock = Clock(NOW)
        (turn,) = await bot.outbox.history(SESSION)
        assert (turn.message_id, turn.text) == ("m2", "王桂英第2句")
        assert [(message["id"], message["text"]) for message in turn.replies] == [(3, "甲2"), (4, "乙2")]
        assert await bot.said(SESSION) == ["王桂英第2句"]
        fresh = await bot.outbox.record(SESSION, "m9", "新", [reply("新")])
        assert fresh.replies[0]["id"] == 7, "5 and 6 were given, too"
        wechat = Store(state(), "me", 1000.0, 5.0, 20.0, Clock(NOW))
        assert (await wechat.look("k")).status == "answered"  # type: ignore[union-attr]

    asyncio.run(look())
    counts = {table: state.rows(f"SELECT count(*) FROM {table}")[0][0] for table in (
        "feedback", "wechat_messages", "wechat_requests", "wechat_cards", "wechat_windows", "wechat_tokens",
        "wechat_forced")}
    assert set(counts.values()) == {1}, counts


def test_an_upgrade_takes_everything_along_and_leaves_no_file(state: Databases) -> None:
    left_by_an_earlier_release(state.folder)
    opened(state).prepare()
    assert not [path.name for path in state.folder.iterdir() if path.name.startswith(EARLIER)]
    check(state)


def test_a_process_that_died_in_between_brings_nothing_twice(state: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    left_by_an_earlier_release(state.folder)

    def died(_file: Path) -> None:
        raise OSError

    monkeypatch.setattr(earlier, "_erase", died)

    async def begin() -> None:
        with pytest.raises(StateDown):
            await opened(state).read(lambda db: db.execute(sql("SELECT 1")))

    asyncio.run(begin())
    monkeypatch.undo()
    assert (state.folder / "web.db").exists()
    opened(state).prepare()
    assert not (state.folder / "web.db").exists()
    rows = state.rows("SELECT count(*) FROM events") + state.rows("SELECT count(*) FROM replies")
    assert rows == [(2,), (2,)]
    assert state.rows("SELECT count(*) FROM wechat_messages") == [(1,)]


def test_what_is_there_already_keeps_its_numbers(state: Databases) -> None:
    async def before() -> None:
        await Bot(state()).turn("t", "m1", "已经在")

    asyncio.run(before())
    left_by_an_earlier_release(state.folder)
    opened(state).prepare()
    numbers = state.rows("SELECT id, session FROM replies ORDER BY id")
    assert numbers == [(1, "t"), (4, SESSION), (5, SESSION)]
    assert state.rows("SELECT t.session FROM turns t JOIN replies r ON r.turn = t.number WHERE r.id = 4") == [
        (SESSION,)]


def test_a_file_that_cannot_be_read_stops_it_and_stays(state: Databases) -> None:
    state.folder.mkdir()
    (state.folder / "web.db").write_bytes(b"no database" * 500)
    with pytest.raises(CannotServe, match=r"web\.db 坏了"):
        opened(state).prepare()
    assert (state.folder / "web.db").exists()


def test_the_embedded_database_moves_into_postgresql(postgres: Postgres, tmp_path: Path) -> None:
    """STATE_URL is set for the first time: conversations go on."""
    async def talk(bot: Bot, which: str, text: str) -> Any:
        turn = await bot.turn("s", which, text)
        await bot.database.close()
        return turn

    first = asyncio.run(talk(Bot(database_of(tmp_path)), "m1", "一"))
    server = Database(postgres.fresh(), var=tmp_path)
    bot = Bot(server)
    second = asyncio.run(talk(bot, "m2", "二"))
    assert second.replies[0]["id"] == first.replies[0]["id"] + 1
    assert asyncio.run(bot.said("s")) == ["一", "二"]
    server.release()
    assert list(tmp_path.iterdir()) == []
