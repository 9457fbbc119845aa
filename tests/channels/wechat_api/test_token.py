"""The token: one request for all who wait, one cache for all processes, renewed in time, and never shown."""

from __future__ import annotations

import asyncio
import logging
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.channels.wechat.api_account import ApiAccount
from bot.channels.wechat.calls import ApiError, Calls
from bot.channels.wechat.token import EARLY_S, FORCES_A_DAY, AccessToken, TokenKeeper, fetcher
from bot.state.database import Database
from tests.channels.clock import Clock
from tests.channels.wechat_api.fake import APPID, SECRET, FakeWeChat
from tests.support.databases import Databases

Keepers = Callable[[], TokenKeeper]
Case = Callable[[FakeWeChat, Keepers], Awaitable[None]]


def run(test: Case, state: Callable[[], Database], clock: Clock) -> FakeWeChat:
    """Runs ``test`` with keepers that share a database, each as one of another process would be."""

    async def whole() -> FakeWeChat:
        opened: list[Calls] = []

        def keeper() -> TokenKeeper:
            calls = Calls(fake.url, total_s=2.0)
            opened.append(calls)
            return TokenKeeper(APPID, fetcher(ApiAccount(APPID, SECRET, fake.url), calls, clock), state(), clock)

        async with FakeWeChat() as fake:
            await test(fake, keeper)
            for item in opened:
                await item.close()
        return fake

    return asyncio.run(whole())


def test_many_who_wait_make_one_request(state: Databases) -> None:
    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        fake.token_takes_s = 0.1
        one = keeper()
        got = await asyncio.gather(*(one.get() for _ in range(50)))
        assert {token.value for token in got} == {fake.token}

    assert run(test, state, Clock()).asked("stable_token") == 1


def test_processes_that_begin_at_once_make_one_request(state: Databases) -> None:
    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        fake.token_takes_s = 0.2
        got = await asyncio.gather(*(keeper().get() for _ in range(6)))
        assert {token.value for token in got} == {fake.token}

    assert run(test, state, Clock()).asked("stable_token") == 1


def test_the_next_process_finds_the_token_and_the_file_is_private(state: Databases) -> None:
    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        await keeper().get()
        assert (await keeper().get()).value == fake.token

    assert run(test, state, Clock()).asked("stable_token") == 1
    for file in state.folder.glob("state.db*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_a_token_is_renewed_before_it_ends_and_nobody_waits_for_that(state: Databases) -> None:
    clock = Clock()

    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        one = keeper()
        first = await one.get()
        clock.now += 7200 - EARLY_S - 1
        assert await one.get() is first and fake.asked("stable_token") == 1
        clock.now += 2
        fake.replace_token()
        fake.token_takes_s = 0.2
        assert await one.get() is first, "the old one is good for minutes yet"
        await asyncio.sleep(0.4)
        assert (await one.get()).value == fake.token != first.value
        assert fake.asked("stable_token") == 2

    run(test, state, clock)


def test_while_wechat_is_down_the_old_token_serves_until_it_ends(state: Databases) -> None:
    clock = Clock()

    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        one = keeper()
        first = await one.get()
        clock.now = first.ends - 1
        fake.faults["stable_token"] = ["http", "http"]
        assert await one.get() is first
        await asyncio.sleep(0.2)
        clock.now = first.ends
        with pytest.raises(ApiError):
            await one.get()
        assert (await one.get()).value == fake.token

    run(test, state, clock)


def test_a_refused_token_is_replaced_by_force_at_most_every_30_seconds(state: Databases) -> None:
    clock = Clock()

    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        one = keeper()
        first = await one.get()
        second = await one.instead_of(first.value)
        assert second.value == fake.token != first.value and fake.forced == 1
        # Whoever still holds the first is given the second without a request.
        asked = fake.asked("stable_token")
        assert (await one.instead_of(first.value)).value == second.value
        assert (await keeper().instead_of(first.value)).value == second.value
        assert fake.asked("stable_token") == asked
        clock.now += 29
        with pytest.raises(ApiError) as refused:
            await one.instead_of(second.value)
        assert refused.value.code == 40001 and fake.forced == 1
        with pytest.raises(ApiError):
            await keeper().instead_of(second.value)
        assert fake.forced == 1, "the limit is one for all processes"
        clock.now += 1
        assert (await one.instead_of(second.value)).value == fake.token != second.value
        assert fake.forced == 2

    run(test, state, clock)


def test_a_token_that_wechat_changed_by_itself_needs_no_force(state: Databases) -> None:
    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        one = keeper()
        first = await one.get()
        fake.replace_token()
        assert (await one.instead_of(first.value)).value == fake.token
        assert fake.forced == 0

    run(test, state, Clock())


def test_no_more_than_20_forced_refreshes_a_day(state: Databases) -> None:
    clock = Clock()

    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        one = keeper()
        held = await one.get()
        for _ in range(FORCES_A_DAY):
            clock.now += 31
            held = await one.instead_of(held.value)
        assert fake.forced == FORCES_A_DAY
        clock.now += 31
        with pytest.raises(ApiError):
            await one.instead_of(held.value)
        assert fake.forced == FORCES_A_DAY
        clock.now += 86400
        await one.get()
        assert (await one.instead_of(fake.token)).value == fake.token
        assert fake.forced == FORCES_A_DAY + 1

    run(test, state, clock)


def test_a_process_that_died_while_it_fetched_is_not_waited_for_long(state: Databases) -> None:
    clock = Clock()

    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        await keeper().get()
        state.rows(f"UPDATE wechat_tokens SET token = '', lease = 'dead', lease_ends = {clock.now + 5}")
        waits = asyncio.create_task(keeper().get())
        await asyncio.sleep(0.2)
        assert not waits.done()
        clock.now += 5
        assert (await waits).value == fake.token

    run(test, state, clock)


def test_a_clock_that_was_put_back_holds_nobody_up(state: Databases) -> None:
    clock = Clock()

    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        await keeper().get()
        state.rows(f"UPDATE wechat_tokens SET token = '', lease = 'dead', lease_ends = {clock.now + 9000}")
        assert (await asyncio.wait_for(keeper().get(), 10)).value == fake.token

    run(test, state, clock)


def test_without_a_database_each_process_keeps_a_token_of_its_own(tmp_path: Path,
                                                                  caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    (tmp_path / "state.db").mkdir()

    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        one = keeper()
        held = await one.get()
        assert await one.get() is held and held.value == fake.token
        assert (await one.instead_of(held.value)).value == fake.token != held.value
        with pytest.raises(ApiError):
            await one.instead_of(fake.token)

    assert run(test, lambda: Database(tmp_path / "state.db"), clock).forced == 1
    assert "not shared" in caplog.text


@pytest.mark.parametrize("body", [
    {}, {"access_token": "", "expires_in": 7200}, {"access_token": "t"}, {"access_token": "t", "expires_in": "7200"},
    {"access_token": ["t"], "expires_in": 7200}, {"access_token": "t", "expires_in": True},
])
def test_an_answer_without_a_token_is_an_error(body: dict[str, object]) -> None:
    class Answers(Calls):
        async def ask(self, *_: object, **__: object) -> dict[str, object]:
            return body

    fetch = fetcher(ApiAccount(APPID, SECRET), Answers(""))
    async def fetched() -> AccessToken:
        return await fetch(False)

    with pytest.raises(ApiError):
        asyncio.run(fetched())


def test_neither_token_nor_secret_is_ever_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    async def test(fake: FakeWeChat, keeper: Keepers) -> None:
        one = keeper()
        token = await one.get()
        seen.extend((repr(token), str(token), repr(one), repr(ApiAccount(APPID, SECRET))))
        for fault in (40125, "drop", "http", "page", "slow"):
            fake.faults["stable_token"] = [fault]
            try:
                await one.instead_of(token.value)
            except ApiError as error:
                seen.extend((repr(error), str(error), repr(error.__cause__)))
        seen.append(fake.token)

    with caplog.at_level(logging.DEBUG):
        run(test, lambda: Database(tmp_path / "state.db"), Clock())
    shown = "\n".join([*seen[:-1], caplog.text])
    assert SECRET not in shown and "TOKEN-" not in shown
    assert seen[-1].startswith("TOKEN-") and len(seen) > 5


def test_a_token_in_a_traceback_is_no_token() -> None:
    assert "geheim" not in repr(AccessToken("geheim", 1.0))
