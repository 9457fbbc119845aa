"""Residents who wait together are encoded together; nobody waits for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from bot.knowledge_access import snapshot
from bot.prefetch import FULL, PATIENCE_S, Prefetcher
from knowledge.faq import FaqIndex


class Encoder:
    """Notes each batch; while ``gate`` is shut no batch ends."""

    name, size = "test", 2

    def __init__(self, fail_on: str = "") -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self._fail_on = fail_on

    keeps = False

    def prepare(self, texts: Sequence[str]) -> None:
        """Keeps nothing."""

    def encode(self, texts: Sequence[str]) -> Any:
        self.batches.append(list(texts))
        assert self.gate.wait(5)
        if self._fail_on in texts:
            raise RuntimeError("broken")
        return np.ones((len(texts), 2), dtype=np.float32)


def play(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 5))


def test_a_resident_who_is_alone_makes_no_detour() -> None:
    encoder = Encoder()

    async def one() -> None:
        prefetcher = Prefetcher(encoder)
        for text in ("一", "二"):
            async with prefetcher.turn(text):
                pass

    play(one())
    assert encoder.batches == []


async def crowd(prefetcher: Prefetcher, encoder: Encoder, size: int) -> list[int]:
    """``size`` residents at once; in which order their turns began."""
    began: list[int] = []

    async def resident(number: int) -> None:
        async with prefetcher.turn(f"第{number}句"):
            began.append(number)
            await asyncio.sleep(0.05)

    async def open_later() -> None:
        await asyncio.sleep(0.02)
        encoder.gate.set()

    await asyncio.gather(open_later(), *(resident(number) for number in range(size)))
    return began


def test_those_who_wait_together_are_encoded_together() -> None:
    encoder = Encoder()
    began = play(crowd(Prefetcher(encoder), encoder, 12))
    assert began == list(range(12))
    # The first had nobody beside it; all the others fit in the batches made while one was under way.
    assert sorted(text for batch in encoder.batches for text in batch) == sorted(f"第{n}句" for n in range(1, 12))
    assert len(encoder.batches) <= 2


def test_a_failing_encoder_holds_nobody_up() -> None:
    encoder = Encoder(fail_on="第1句")

    async def arrivals() -> list[str]:
        prefetcher = Prefetcher(encoder)
        served: list[str] = []

        async def resident(text: str) -> None:
            async with prefetcher.turn(text):
                served.append(text)
                await asyncio.sleep(0.05)

        first = [asyncio.create_task(resident(f"第{number}句")) for number in range(2)]
        await asyncio.sleep(0.02)  # the batch that fails is under way …
        late = asyncio.create_task(resident("迟到的"))  # … when one more comes
        await asyncio.sleep(0.02)
        encoder.gate.set()
        await asyncio.gather(*first, late)
        return served

    assert set(play(arrivals())) == {"第0句", "第1句", "迟到的"}


def test_one_who_leaves_does_not_disturb_the_others() -> None:
    encoder = Encoder()

    async def leave() -> list[str]:
        prefetcher = Prefetcher(encoder)
        served: list[str] = []

        async def resident(text: str) -> None:
            async with prefetcher.turn(text):
                served.append(text)
                await asyncio.sleep(0.02)

        tasks = [asyncio.create_task(resident(text)) for text in ("一", "二", "三")]
        await asyncio.sleep(0.01)
        tasks[1].cancel()
        encoder.gate.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with prefetcher.turn("四"):
            served.append("四")
        return served

    assert play(leave()) == ["一", "三", "四"]


def test_an_error_within_a_turn_is_the_turns_own() -> None:
    encoder = Encoder()

    async def fail() -> None:
        prefetcher = Prefetcher(encoder)
        with pytest.raises(KeyError):
            async with prefetcher.turn("一"):
                raise KeyError
        async with prefetcher.turn("二"):
            pass

    play(fail())
    assert encoder.batches == []


def test_one_who_asks_two_things_has_them_encoded_together_even_alone() -> None:
    encoder = Encoder()
    encoder.gate.set()

    async def one() -> None:
        async with Prefetcher(encoder).turn("公租房怎么申请？附近哪里有食堂"):
            assert encoder.batches == [["公租房怎么申请？附近哪里有食堂", "公租房怎么申请", "附近哪里有食堂"]]

    play(one())


async def stays(prefetcher: Prefetcher, text: str, end: asyncio.Event) -> None:
    """A turn that is under way until ``end``, as one does whose database is slow."""
    async with prefetcher.turn(text):
        await end.wait()


def test_while_others_are_busy_a_batch_grows_until_it_is_full() -> None:
    encoder = Encoder()
    encoder.gate.set()

    async def busy() -> None:
        prefetcher = Prefetcher(encoder)
        end = asyncio.Event()
        first = [asyncio.create_task(stays(prefetcher, f"先来{number}", end)) for number in range(4)]
        await asyncio.sleep(2 * PATIENCE_S)
        before = len(encoder.batches)
        later = []
        for number in range(FULL):  # one after the other, with a pause that is far shorter than the patience
            later.append(asyncio.create_task(stays(prefetcher, f"后来{number}", end)))
            await asyncio.sleep(0)
        await asyncio.sleep(PATIENCE_S)
        assert [len(batch) for batch in encoder.batches[before:]] == [FULL]
        end.set()
        await asyncio.gather(*first, *later)

    play(busy())


def test_nobody_waits_longer_than_the_patience_for_company() -> None:
    encoder = Encoder()
    encoder.gate.set()

    async def stuck() -> float:
        prefetcher = Prefetcher(encoder)
        end = asyncio.Event()
        others = [asyncio.create_task(stays(prefetcher, f"先来{number}", end)) for number in range(5)]
        await asyncio.sleep(3 * PATIENCE_S)
        began = asyncio.get_running_loop().time()
        async with prefetcher.turn("后来"):
            waited = asyncio.get_running_loop().time() - began
        end.set()
        await asyncio.gather(*others)
        return waited

    assert play(stuck()) < 1.0


def test_what_was_prepared_is_found_by_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    index = snapshot().index
    text, region = "我想打听一下老年食堂在哪里嘛", "510100"

    async def two() -> None:
        prefetcher = Prefetcher()

        async def other() -> None:
            async with prefetcher.turn("另一位", region):
                await asyncio.sleep(0.3)

        beside = asyncio.create_task(other())
        await asyncio.sleep(0)
        async with prefetcher.turn(text, region):
            monkeypatch.setattr(FaqIndex, "_reckoned", None)  # nothing is left to reckon
            assert index.scores(text, region).max() > 0.5
        await beside

    asyncio.run(asyncio.wait_for(two(), 60))
