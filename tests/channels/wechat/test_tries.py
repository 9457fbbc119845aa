"""Five seconds, three tries: one turn, one answer, whatever WeChat, the network and other processes do."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.wechat.fit import Fitter
from bot.channels.wechat.state import Answer, Kept, Place, Reply, State
from bot.channels.wechat.store import Store
from bot.channels.wechat.tries import Letter, Replayed, Timing, Tries
from bot.state.database import Database, StateDown
from bot.state.schema import RESIDENTS
from tests.channels.wechat import quick_time
from tests.channels.wechat.conftest import say
from tests.channels.wechat.quick_time import Here, now
from tests.support.databases import Databases

#: WeChat's five seconds are 0.5 s here.
TIMING = Timing(wait=0.4, settle=0.4, hold=1.0, last_age=1e9, window=2.0, poll=0.01, lease=0.4)
CUT = 0.5
_requests = itertools.count()


async def until(happens: Callable[[], bool], seconds: float = 5.0) -> None:
    """Returns once something has happened; a busy machine takes its time."""
    end = now() + seconds
    while not happens():
        assert now() < end
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)


def letter(key: str = "m1", conversation: str = "c1", question: str = "食堂在哪", request: str = "",
           created: int = 0) -> Letter:
    return Letter(key, conversation, request or f"r{next(_requests)}", question, created)


class Process:
    """One process's tries, on a store that others may share."""

    def __init__(self, database: Database, name: str = "a", timing: Timing = TIMING, sent: bool = False) -> None:
        self.store = Store(database, name, keep_s=60.0, lease_s=timing.lease, window_s=timing.window, clock=now)
        database._threads = Here()  # type: ignore[assignment]
        fitter = Fitter(say)
        self.tries = Tries(self.store, timing, fitter.fit, fitter.fit_late, now)
        self.turns: list[str] = []
        self.late: list[str] = []
        self.sent = sent

    async def take(self, letter_: Letter, lasts: float = 0.0, answer: Answer | None = None) -> str:
        async def work(_state: State) -> Answer:
            self.turns.append(letter_.key)
            await asyncio.sleep(lasts)
            return answer or Answer(f"答{letter_.key}。")

        async def late(_kept: Kept, reply: Reply) -> bool:
            self.late.append(reply.text)
            return self.sent

        return await self.tries.take(letter_, work, late)

    async def cut(self, letter_: Letter, lasts: float = 0.0, after: float = CUT) -> str | None:
        """A try whose connection WeChat cuts; None where nothing was said until then."""
        task = asyncio.get_running_loop().create_task(self.take(letter_, lasts))
        done, _ = await asyncio.wait([task], timeout=after)
        if done:
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None

    async def close(self) -> None:
        await self.tries.drain(0.1)
        await self.store.close()


Story = Callable[[Callable[..., Process]], Awaitable[None]]


@pytest.fixture
def play(state: Databases) -> Callable[[Story], None]:
    """Plays a story of processes that share one store."""

    def run(story: Story) -> None:
        async def told() -> None:
            processes: list[Process] = []

            def process(name: str = "a", database: Database | None = None, **options: Any) -> Process:
                processes.append(Process(database or state(), name, **options))
                return processes[-1]

            try:
                await story(process)
            finally:
                for one in processes:
                    await one.close()

        quick_time.run(told())

    return run


def test_a_quick_answer_goes_out_at_once(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        began = now()
        assert await one.take(letter()) == "答m1。"
        assert now() - began < TIMING.wait and one.turns == ["m1"]

    play(story)


def test_a_slow_answer_goes_with_a_later_try(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        assert await one.cut(letter(), lasts=0.62) is None  # held, and nothing said
        assert await one.cut(letter()) == "答m1。"
        assert one.turns == ["m1"] and one.late == []

    play(story)


@pytest.mark.parametrize(("lasts", "said"), [
    (0.0, ["答m1。"]), (4.4, ["答m1。"]), (4.7, [None, "答m1。"]), (9.4, [None, "答m1。"]),
    (9.8, [None, None, "答m1。"]), (14.4, [None, None, "答m1。"]), (14.7, [None, None, ""]), (40.0, [None, None, ""]),
])
def test_with_wechats_real_times(play: Callable[[Story], None], lasts: float, said: list[str | None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process(timing=Timing(), sent=True)
        created = int(now())
        for expected in said:
            assert await one.cut(letter(created=created), lasts=lasts, after=5.0) == expected
        if said[-1] == "":
            await until(lambda: bool(one.late), 60.0)
        assert one.turns == ["m1"] and len(one.late) == (said[-1] == "")

    play(story)


def test_an_answer_between_two_tries_waits_for_the_second(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        # Ready 0.45 s after the beginning: the first try no longer waits, though its connection stands.
        assert await one.cut(letter(), lasts=0.45) is None
        assert await one.cut(letter()) == "答m1。"
        assert one.turns == ["m1"]

    play(story)


def test_what_a_slow_store_noted_as_out_with_a_try_that_was_cut_goes_with_the_next(
        play: Callable[[Story], None]) -> None:
    """The next try came before it was noted, and hears of it after: no double of a try that has the answer."""
    async def story(process: Callable[..., Process]) -> None:
        one = process(timing=replace(TIMING, settle=0.05))
        finish, arrive, thread = one.store.finish, one.store.arrive, asyncio.Lock()

        async def slow_finish(*given: Any) -> Reply | None:
            async with thread:
                await asyncio.sleep(0.3)
                return await finish(*given)

        async def arrive_behind_it(*given: Any, **named: Any) -> Any:
            async with thread:
                return await arrive(*given, **named)

        one.store.finish = slow_finish  # type: ignore[assignment]
        one.store.arrive = arrive_behind_it  # type: ignore[method-assign]
        assert await one.cut(letter(), lasts=0.39) is None
        assert await one.cut(letter()) == "答m1。"
        assert await one.take(letter()) == "答m1。"  # as WeChat cannot have received it
        await asyncio.sleep(TIMING.window)
        assert await one.take(letter("m2")) == "答m2。" and one.turns == ["m1", "m2"] and not one.late

    play(story)


def test_doubles_at_once_are_answered_once(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        said = await asyncio.gather(*(one.take(letter(), lasts=0.1) for _ in range(4)))
        assert sorted(said) == ["", "", "", "答m1。"] and one.turns == ["m1"]

    play(story)


def test_doubles_at_two_processes_are_answered_once(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one, other = process(), process("b")
        said = await asyncio.gather(one.take(letter(), lasts=0.1), other.take(letter(), lasts=0.1))
        assert list(said) == ["答m1。", ""] and (one.turns, other.turns) == (["m1"], [])

    play(story)


def test_doubles_count_as_one_try(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        said = await asyncio.gather(*(one.cut(letter(), lasts=1.2) for _ in range(3)))
        assert said == [None, None, None]  # none of them took itself for the third
        assert await one.cut(letter()) is None
        assert await one.cut(letter()) == "答m1。"

    play(story)


def test_a_lost_reply_is_said_again_and_later_nothing(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one, other = process(), process("b")
        assert await one.take(letter()) == "答m1。"
        assert await one.take(letter()) == "答m1。"
        assert await other.take(letter()) == "答m1。"
        await asyncio.sleep(TIMING.window + 0.1)
        assert await one.take(letter()) == await other.take(letter()) == ""
        assert one.turns == ["m1"] and other.turns == []

    play(story)


def test_after_the_third_try_the_answer_is_sent(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process(sent=True)
        assert await one.cut(letter(), lasts=1.7) is None
        assert await one.cut(letter()) is None
        assert await one.cut(letter()) == ""  # success, so that WeChat says nothing
        await until(lambda: bool(one.late))
        assert one.late == ["您刚才问的“食堂在哪”，查到了：\n答m1。"]
        assert await one.take(letter("m2")) == "答m2。"
        assert one.turns == ["m1", "m2"]

    play(story)


def test_what_cannot_be_sent_goes_with_the_next_reply_once(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        for expected in (None, None, ""):
            assert await one.cut(letter(), lasts=1.7) == expected
        await until(lambda: bool(one.late))
        assert len(one.late) == 1
        assert await one.take(letter("m2")) == "您刚才问的“食堂在哪”，查到了：\n答m1。\n\n答m2。"
        assert await one.take(letter("m3")) == "答m3。"
        assert await one.take(letter("m4", "c2")) == "答m4。"

    play(story)


def test_an_emergency_does_not_wait_behind_what_was_kept(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        for _ in range(3):
            await one.cut(letter(), lasts=1.7)
        await until(lambda: bool(one.late))
        assert await one.take(letter("m2"), answer=Answer("马上打120！", urgent=True)) == "马上打120！"
        assert (await one.take(letter("m3"))).startswith("您刚才问的“食堂在哪”")

    play(story)


def test_where_no_further_try_comes_the_answer_is_sent(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process(sent=True)
        assert await one.cut(letter(), lasts=0.7) is None
        await asyncio.sleep(0.8)
        assert one.late == []  # a try may still come
        await until(lambda: len(one.late) == 1)
        assert await one.take(letter("m2")) == "答m2。"

    play(story)


def test_a_message_that_is_old_already_is_at_its_last_try(play: Callable[[Story], None]) -> None:
    """The server was down for the first two tries; only WeChat's CreateTime tells."""

    async def story(process: Callable[..., Process]) -> None:
        one = process(timing=Timing(**{**TIMING.__dict__, "last_age": 5.0}))
        assert await one.cut(letter(created=int(now()) - 6), lasts=0.8) == ""
        assert await one.cut(letter("m2", created=int(now())), lasts=0.8) is None

    play(story)


def test_a_connection_that_nobody_cuts_is_ended(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        began = now()
        assert await one.take(letter(), lasts=5.0) == ""
        assert TIMING.hold <= now() - began < TIMING.hold + 2.0
        # Still open when the answer comes: it can be said after all.
        assert await one.take(letter("m2"), lasts=0.7) == "答m2。"

    play(story)


def test_another_process_joins(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one, other = process(), process("b")
        assert await one.cut(letter(), lasts=0.62) is None
        assert await other.cut(letter()) == "答m1。"
        assert one.turns == ["m1"] and other.turns == []

    play(story)


def test_the_turn_of_a_process_that_died_is_taken_over(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        short = Timing(**{**TIMING.__dict__, "lease": 0.1})
        dead, other = process(timing=short), process("b", timing=short)
        # It noted the message and died: no turn, no sign of life.
        assert (await dead.store.arrive("m1", "c1", "食堂在哪", "r", counts=True)).status == "mine"
        assert await other.cut(letter(), after=2.0) == "答m1。" and other.turns == ["m1"]

    play(story)


def test_a_long_turn_is_not_taken_over(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one, other = process(), process("b")
        first = asyncio.get_running_loop().create_task(one.cut(letter(), lasts=1.3))
        await asyncio.sleep(3 * TIMING.lease / 2)
        assert await other.cut(letter()) is None and await first is None
        assert await other.cut(letter()) == "答m1。"
        assert one.turns == ["m1"] and other.turns == []

    play(story)


def test_an_answer_survives_a_restart(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        assert await one.cut(letter(), lasts=0.55) is None
        assert await one.cut(letter("n1", "c2", "几点开门"), lasts=0.55) is None
        await asyncio.sleep(0.4)
        await one.tries.drain(0.1)  # stops while it waits for further tries
        other = process("b")
        assert await other.take(letter()) == "答m1。"
        await asyncio.sleep(TIMING.window)
        assert await other.take(letter("n2", "c2")) == "您刚才问的“几点开门”，查到了：\n答n1。\n\n答n2。"
        assert other.turns == ["n2"]

    play(story)


def test_what_a_stopped_server_left_unanswered_is_said(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        dead, other = process(), process("b")
        # Its last try was told success, then the server was killed in the middle of the turn.
        await dead.store.arrive("m1", "c1", "食堂在哪", "r", counts=True)
        await dead.store.give_up("m1")
        assert await other.take(letter("m2")) == "答m2。"  # it may still be at it
        await asyncio.sleep(TIMING.lease)
        assert await other.take(letter("m3")) == "您刚才问的“食堂在哪”，没来得及查到，请再发一次。\n\n答m3。"
        assert await other.take(letter("m4")) == "答m4。"

    play(story)


def test_kept_answers_beyond_three_wait_for_the_next_reply(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        for number in range(5):
            await one.store.arrive(f"k{number}", "c1", f"问{number}", f"k{number}", counts=True)
            await one.store.finish(f"k{number}", "c1", Answer(f"答k{number}。"), None)
            await one.store.give_up(f"k{number}")
        first, second = await one.take(letter("m1")), await one.take(letter("m2"))
        assert [f"答k{number}。" in first for number in range(5)] == [True, True, True, False, False]
        assert [f"答k{number}。" in second for number in range(5)] == [False, False, False, True, True]
        assert await one.take(letter("m3")) == "答m3。"

    play(story)


def test_a_request_with_another_message_is_a_replay(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one, other = process(), process("b")
        assert await one.take(letter(request="same")) == "答m1。"
        assert await one.take(letter(request="same")) == "答m1。"
        for process_ in (one, other):
            with pytest.raises(Replayed):
                await process_.take(letter("m2", request="same"))
        assert one.turns == ["m1"] and other.turns == []

    play(story)


def test_what_is_forgotten_is_nowhere(play: Callable[[Story], None], state: Databases) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        await one.take(letter("m0", question="我妈七十五"), answer=Answer("记下七十五了。"))

        async def work(_state: State) -> Answer:
            one.turns.append("forget")
            await one.store.forget("c1")
            return Answer("都删掉了。", forgotten=True)

        async def late(_kept: Kept, _reply: Reply) -> bool:
            raise AssertionError

        assert await one.tries.take(letter("m1"), work, late) == "都删掉了。"
        assert await one.tries.take(letter("m1"), work, late) == "都删掉了。"  # WeChat lost the reply
        assert one.turns == ["m0", "forget"]

    play(story)
    assert not state.embedded or state.left()
    kept = state.left() + str([state.rows(f"SELECT * FROM {table}") for table in RESIDENTS]).encode()
    assert not [word for word in ("七十五", "删掉", "食堂") if word.encode() in kept]


@pytest.mark.parametrize("after", [0, 1], ids=["from the start", "later"])
def test_without_the_store_one_process_still_answers_once(play: Callable[[Story], None], tmp_path: Path, after: int,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one = process()
        if after:
            assert await one.take(letter("m0")) == "答m0。"

        def full(*_: Any) -> Any:
            raise OSError("no space left on device")

        monkeypatch.setattr(one.store._database, "_atomically", full)
        monkeypatch.setattr(one.store._database, "_read", full)
        with pytest.raises(StateDown):
            await one.store.probe()
        said = await asyncio.gather(*(one.take(letter(), lasts=0.1) for _ in range(3)))
        assert sorted(said) == ["", "", "答m1。"] and one.turns.count("m1") == 1
        assert await one.take(letter()) == "答m1。"
        assert await one.cut(letter("m2"), lasts=0.62) is None
        assert await one.cut(letter("m2")) == "答m2。"
        if after:
            assert await one.take(letter("m0")) == "答m0。"
        assert one.turns == [*["m0"][:after], "m1", "m2"]

    play(story)


def test_the_store_comes_back(play: Callable[[Story], None], tmp_path: Path) -> None:
    async def story(process: Callable[..., Process]) -> None:
        path = tmp_path / "folder" / "state.db"
        path.mkdir(parents=True)  # a folder where the file should be
        one = process(database=Database(path))
        assert await one.take(letter()) == "答m1。"
        path.rmdir()
        assert await one.take(letter("m2")) == "答m2。"
        await one.store.probe()
        assert path.stat().st_mode & 0o777 == 0o600

    play(story)


def test_places_and_numbers_stay_with_the_conversation(play: Callable[[Story], None]) -> None:
    async def story(process: Callable[..., Process]) -> None:
        one, other = process(), process("b")
        await one.store.note_place("c1", Place(121.5, 31.3, "gcj02", 5.0))
        await one.take(letter(), answer=Answer("哪一样？", (("是", "是的"),)))
        states: list[State] = []

        async def work(state: State) -> Answer:
            states.append(state)
            return Answer("好。")

        async def late(_kept: Kept, _reply: Reply) -> bool:
            return False

        await other.tries.take(letter("m2"), work, late)
        await other.tries.take(letter("m3"), work, late)
        await other.tries.take(letter("n1", "c2"), work, late)
        assert [state.choices for state in states] == [{"1": "是的", "是": "是的"}, {}, {}]
        assert [state.place is not None for state in states] == [True, True, False]

    play(story)


def test_what_is_said_is_swept_and_what_is_old_too(play: Callable[[Story], None], state: Databases) -> None:
    at = [1000.0]

    async def story(process: Callable[..., Process]) -> None:
        store = Store(state(), "a", keep_s=3600.0, lease_s=3.0, window_s=20.0, clock=lambda: at[0])
        store._database._threads = Here()  # type: ignore[assignment]
        fit = Fitter(say).fit
        await store.arrive("m1", "c1", "我妈七十五", "r1", counts=True)
        await store.finish("m1", "c1", Answer("七十五岁够了。", (("好", "好"),)), fit)
        await store.arrive("m2", "c1", "没答完的", "r2", counts=True)
        await store.finish("m2", "c1", Answer("留着的。"), None)
        assert await store.sweep() == 0
        at[0] += 60
        assert await store.sweep() == 0
        rows = state.rows("SELECT key, question, answer FROM wechat_messages ORDER BY key")
        assert rows[0] == ("m1", "", None) and rows[1][1] == "没答完的"
        assert (await store.look("m1")).status == "answered"  # type: ignore[union-attr]
        at[0] += 3600
        assert await store.sweep() == 3 and await store.look("m1") is None
        await store.close()

    play(story)
