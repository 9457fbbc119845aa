"""The database itself: limits in time, failures without words, restarts, several processes."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.settings import CannotServe
from bot.state import engines
from bot.state.database import Database, StateDown, database_of, hold, sql
from bot.state.probing import probe
from tests.state.turns import Bot
from tests.support.databases import Databases
from tests.support.services import Postgres, free_port

SECRET = "王桂英七十五"


async def _write(database: Database, key: str = "s", what: str = SECRET) -> None:
    await database.run(lambda db: db.execute(
        sql("INSERT INTO wechat_conversations (conversation, state, at) VALUES (:key, :what, 1)"),
        {"key": key, "what": what}))


def _count(state: Databases) -> int:
    number: int = state.rows("SELECT count(*) FROM wechat_conversations")[0][0]
    return number


def test_work_that_fails_changes_nothing(state: Databases) -> None:
    async def story() -> None:
        database = state()

        def half(db: Any) -> None:
            db.execute(sql("INSERT INTO wechat_conversations (conversation, state, at) VALUES ('a', '', 1)"))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await database.run(half)
        await database.run(probe)

    asyncio.run(story())
    assert _count(state) == 0


def test_an_error_repeats_no_value(state: Databases, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> str:
        database = state()
        await _write(database)
        with caplog.at_level(logging.DEBUG, logger="bot"), pytest.raises(StateDown) as caught:
            await _write(database)  # the key is there already: PostgreSQL says which
        await database.run(probe)
        return f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"

    told = asyncio.run(story()) + caplog.text
    assert "IntegrityError" in told or "UniqueViolation" in told
    assert SECRET not in told and "'s'" not in told
    assert "the database is back" in caplog.text


def test_one_at_a_time_for_one_key(state: Databases) -> None:
    """What is read and then written loses nothing, over processes that share the database."""
    async def story() -> None:
        processes = [state() for _ in range(4)]
        await _write(processes[0], what="0")

        def add(db: Any) -> None:
            hold(db, "s")
            value = db.execute(sql("SELECT state FROM wechat_conversations")).scalar()
            db.execute(sql("UPDATE wechat_conversations SET state = :value"), {"value": str(int(value) + 1)})

        await asyncio.gather(*(process.run(add) for process in processes for _ in range(10)))

    asyncio.run(story())
    assert state.rows("SELECT state FROM wechat_conversations") == [("40",)]


def test_a_closed_database_opens_again(state: Databases) -> None:
    async def story() -> None:
        database = state()
        await _write(database, "a")
        await database.close()
        await _write(database, "b")
        await database.close()
        await database.close()

    asyncio.run(story())
    assert _count(state) == 2


def test_the_event_loop_is_never_blocked(state: Databases) -> None:
    async def story() -> float:
        database = state()
        await database.run(probe)
        longest, last = 0.0, time.perf_counter()
        with state.locked("wechat_conversations"):
            writing = asyncio.ensure_future(_write(database))
            for _ in range(50):
                await asyncio.sleep(0.01)
                now = time.perf_counter()
                longest, last = max(longest, now - last), now
        await writing
        return longest

    assert asyncio.run(story()) < 0.35  # the lock is held for 0.5 s


def test_a_call_that_takes_too_long_is_given_up(state: Databases) -> None:
    async def story() -> float:
        database = state(limit_s=0.3)
        await database.run(probe)
        began = time.perf_counter()
        with state.locked("wechat_conversations"), pytest.raises(StateDown, match="too slow"):
            await _write(database)
        return time.perf_counter() - began

    assert asyncio.run(story()) < 2


def test_everybody_who_asks_in_a_process_gets_the_same(tmp_path: Path) -> None:
    one = database_of(tmp_path / "var")
    assert database_of(tmp_path / "var") is one and database_of(tmp_path / "other") is not one


# --- PostgreSQL alone ---------------------------------------------------------------------------------


@pytest.fixture
def database(postgres: Postgres) -> Database:
    return Database(postgres.fresh())


def test_a_slow_statement_is_ended_by_postgresql(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "STATEMENT_S", 0.3)

    async def story() -> None:
        with pytest.raises(StateDown, match="57014"):
            await database.read(lambda db: db.execute(sql("SELECT pg_sleep(30)")))
        assert await database.read(lambda db: db.execute(sql("SELECT 1")).scalar()) == 1
        await database.close()

    began = time.perf_counter()
    asyncio.run(story())
    assert time.perf_counter() - began < 10


def test_a_restart_of_postgresql_costs_no_more_than_the_calls_of_that_time(postgres: Postgres) -> None:
    address = postgres.fresh()

    async def story() -> tuple[int, float]:
        bot = Bot(Database(address))
        for number in range(5):
            await bot.turn("s", f"m{number}", f"第{number}句")
        postgres.kill()
        refused = 0
        for _ in range(3):
            with pytest.raises(StateDown):
                await bot.turn("s", "m5", "第5句")
            refused += 1
        postgres.mend()
        began = time.monotonic()
        while True:
            try:
                await bot.turn("s", "m5", "第5句")
                break
            except StateDown:
                assert time.monotonic() - began < 5
                await asyncio.sleep(0.05)
        back = time.monotonic() - began
        assert await bot.said("s") == [f"第{number}句" for number in range(6)]
        assert [turn.message_id for turn in await bot.outbox.history("s")] == [f"m{number}" for number in range(6)]
        await bot.database.close()
        return refused, back

    try:
        refused, back = asyncio.run(story())
    finally:
        postgres.mend()
    print(f"{refused} refused while PostgreSQL was gone, back {back:.2f} s after it")


def test_connections_that_were_cut_are_replaced(postgres: Postgres) -> None:
    address = postgres.fresh()
    name = address.rpartition("/")[2]

    async def story() -> None:
        bot = Bot(Database(address))
        await asyncio.gather(*(bot.turn(f"s{number}", "m1", "问") for number in range(20)))
        cut = postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        assert 1 <= len(cut) <= engines.CONNECTIONS
        await asyncio.gather(*(bot.turn(f"s{number}", "m2", "问") for number in range(20)))
        await bot.database.close()

    asyncio.run(story())


def test_a_database_that_says_nothing_is_given_up(postgres: Postgres) -> None:
    """SIGSTOP: connections stay, and nothing is answered."""
    address = postgres.fresh()

    async def story() -> float:
        bot = Bot(Database(address, limit_s=1.0))
        await bot.turn("s", "m1", "一")
        postgres.pause()
        try:
            began = time.monotonic()
            with pytest.raises(StateDown):
                await bot.turn("s", "m2", "二")
            took = time.monotonic() - began
        finally:
            postgres.resume()
        while True:
            try:
                await bot.turn("s", "m2", "二")
                break
            except StateDown:
                assert time.monotonic() - began < 20
        assert await bot.said("s") == ["一", "二"]
        await bot.database.close()
        return took

    assert asyncio.run(story()) < 5


# --- what engineers are told ---------------------------------------------------------------------------


@pytest.mark.parametrize(("change", "said"), [
    (lambda url, _: url.replace("pw-of-the-tests", "hunter2-wrong"), "用户名或密码不对"),
    (lambda url, _: url.rpartition("/")[0] + "/nothere", "没有这个数据库"),
    (lambda _, port: f"postgresql://u:hunter2@127.0.0.1:{port}/db", "没有 PostgreSQL 在听"),
    (lambda _, port: "postgresql://u:hunter2@no.such.host.invalid/db", "找不到这台主机"),
])
def test_a_wrong_address_is_one_sentence_without_the_password(postgres: Postgres, change: Any, said: str) -> None:
    with pytest.raises(CannotServe, match=said) as caught:
        Database(change(postgres.url, free_port())).prepare()
    told = str(caught.value)
    assert "hunter2" not in told and "pw-of-the-tests" not in told and "\n" not in told
    assert told.startswith("连不上 STATE_URL")


def test_a_user_who_may_not_make_tables_is_told_of(postgres: Postgres) -> None:
    address = postgres.fresh()
    name = address.rpartition("/")[2]
    postgres.execute(f"CREATE ROLE reader_{name} LOGIN PASSWORD 'only-reads'")
    other = address.replace("linlitong:pw-of-the-tests", f"reader_{name}:only-reads")
    with pytest.raises(CannotServe, match="没有权限建表"):
        Database(other).prepare()


def test_no_engine_shows_its_password(postgres: Postgres) -> None:
    engine = engines.postgres_engine(postgres.url)
    assert postgres.password not in f"{engine!r} {engine.url!r}"
    assert isinstance(engine, sa.engine.Engine) and engine.hide_parameters
