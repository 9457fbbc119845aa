"""What is noted of a turn, who hears of it, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.channels.errors import WebError
from bot.observing import turn as turns
from bot.observing.turn import TurnRecord, arrive, current, joined, note_replies, note_stored, stage, turn_id, worked
from tests.channels.messages import message

Heard = list[tuple[str, TurnRecord]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Every turn that listeners were told of, with ``end`` or ``stored``."""
    told: Heard = []

    def end(turn: TurnRecord) -> None:
        told.append(("end", turn))

    def stored(turn: TurnRecord) -> None:
        told.append(("stored", turn))

    turns.listen(end)
    turns.listen(stored, stored=True)
    yield told
    turns.stop_listening(end)
    turns.stop_listening(stored)


def live(work: Callable[[], Any], channel: str = "web") -> TurnRecord:
    """A turn that does ``work``, a coroutine function."""

    async def whole() -> TurnRecord:
        with arrive(channel) as turn:
            await worked(work())
        return turn

    return asyncio.run(whole())


def told(heard: Heard) -> list[str]:
    return [what for what, _ in heard]


def test_the_answer_is_noted_by_its_kinds_and_not_by_its_words(heard: Heard) -> None:
    async def answer() -> None:
        note_replies([message("verdict"), message("clarify")])

    turn = live(answer)
    verdict = message("verdict")["custom"]
    assert (turn.kind, turn.kinds, turn.result, turn.abstained) == (
        "verdict", ("verdict", "clarify"), "answered", "clarify")
    assert (turn.topic, turn.region, turn.outcomes) == (verdict["topic"], verdict["region"], (verdict["outcome"],))
    assert message("verdict")["text"] not in repr(turn)
    assert heard == [("end", turn)] and turn.took is not None and turn.waited is not None


def test_an_error_among_the_replies_is_a_failure_with_its_code() -> None:
    async def answer() -> None:
        note_replies([message("faq"), message("error")])

    turn = live(answer)
    assert (turn.result, turn.code) == ("failed", message("error")["custom"]["code"])


@pytest.mark.parametrize(("error", "code"), [
    (WebError("storage_down"), "storage_down"), (ValueError("张三"), "ValueError"),
    (type("Alchemy", (Exception,), {"code": "e3q8"})("张三"), "Alchemy"),
    (type("Odd", (Exception,), {"code": "张三 13800138000"})(), "Odd")])
def test_an_exception_is_noted_by_its_code_or_kind(heard: Heard, error: Exception, code: str) -> None:
    async def fail() -> None:
        note_stored()
        raise error

    with pytest.raises(type(error)):
        live(fail)
    ((_, turn), *_) = heard
    assert (turn.result, turn.code) == ("failed", code)


@pytest.mark.parametrize("first", ["stored", "end"])
def test_who_asks_for_stored_turns_hears_of_each_once_when_it_is_both_stored_and_done(
        heard: Heard, first: str) -> None:
    async def whole() -> None:
        with arrive("wechat"):
            if first == "stored":
                async def work() -> None:
                    note_stored()
                    note_stored()
                    assert told(heard) == []
                await worked(work())
            else:
                await worked(asyncio.sleep(0))
                assert told(heard) == ["end"]
                note_stored()
            note_stored()

    asyncio.run(whole())
    assert told(heard) == ["end", "stored"]


def test_a_turn_that_is_never_stored_is_no_event(heard: Heard) -> None:
    live(lambda: asyncio.sleep(0))
    assert told(heard) == ["end"]


def test_the_turn_goes_on_when_the_one_who_asked_has_gone(heard: Heard) -> None:
    """As in the web channel: the work is a task of its own, and its end is the turn's."""

    async def whole() -> None:
        async def request() -> None:
            with arrive("web"):
                work = asyncio.get_running_loop().create_task(worked(asyncio.sleep(0.05)))
                kept.append(work)
                await asyncio.shield(work)

        kept: list[Any] = []
        asking = asyncio.get_running_loop().create_task(request())
        await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert told(heard) == []
        await kept[0]

    asyncio.run(whole())
    assert told(heard) == ["end"]


def test_turns_beside_one_another_do_not_mix() -> None:
    async def one(number: int) -> tuple[str, str, float]:
        with arrive("web") as turn:
            async def work() -> str:
                with stage("nlu"):
                    await asyncio.sleep(0.002 * number)
                note_replies([message("faq" if number % 2 else "ack")])
                return turn_id()
            inner = await worked(work())
        assert inner == turn.id
        return turn.id, turn.kind, turn.stages["nlu"]

    async def whole() -> list[tuple[str, str, float]]:
        return await asyncio.gather(*(one(number) for number in range(20)))

    found = asyncio.run(whole())
    assert len({turn for turn, _, _ in found}) == 20
    assert [kind for _, kind, _ in found] == ["faq" if number % 2 else "ack" for number in range(20)]
    assert all(seconds >= 0.001 * number for number, (_, _, seconds) in enumerate(found))


def test_parts_add_up_and_a_part_within_itself_counts_once() -> None:
    async def work() -> None:
        for _ in range(2):
            with stage("store"), stage("store"):
                await asyncio.sleep(0.01)

    turn = live(work)
    assert 0.018 <= turn.stages["store"] <= (turn.took or 0)


def test_a_listener_that_breaks_harms_nobody(heard: Heard) -> None:
    def broken(_turn: TurnRecord) -> None:
        raise RuntimeError

    turns.listen(broken)
    try:
        live(lambda: asyncio.sleep(0))
    finally:
        turns.stop_listening(broken)
    assert told(heard) == ["end"]


def test_outside_of_a_turn_nothing_is_noted_and_nothing_breaks(heard: Heard) -> None:
    note_stored()
    note_replies([message("faq")])
    with stage("nlu"):
        pass
    assert asyncio.run(worked(asyncio.sleep(0, "done"))) == "done"
    assert current() is None and turn_id() == "" and heard == []


def test_a_turn_that_joined_another_says_so(heard: Heard) -> None:
    with arrive("web") as turn:
        joined(turn)
    assert heard == [("end", turn)] and turn.result == "joined"


@pytest.mark.parametrize(("confidence", "band"), [(0.0, "low"), (0.39, "low"), (0.4, "middle"), (0.8, "high")])
def test_confidence_is_told_in_bands(confidence: float, band: str) -> None:
    turn = TurnRecord("a", "web", 0.0)
    assert turn.band == ""
    turn.read({"intent": {"name": "ask_service", "confidence": confidence}})
    assert turn.band == band
