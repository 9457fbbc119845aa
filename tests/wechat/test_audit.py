"""The transcript and the checks of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.wechat.conftest import Stage
from tests.wechat.small_server import Heard
from tools.wechat_simulator import pushes
from tools.wechat_simulator.audit import answers_to, audit, each_answered_once
from tools.wechat_simulator.faults import NO_FAULTS, Chaos


def test_the_four_ways_in_which_a_message_can_fare(stage: Stage, tmp_path: Path) -> None:
    async def answer(heard: Heard) -> str | bytes:
        said = heard["Content"]
        return {"坏": b"{}", "哑": b"success"}.get(said) or f"答：{said}"

    async def run() -> None:
        async with stage(answer) as (wechat, _server):
            user = wechat.new_user()
            sent = {word: await wechat.do(user, pushes.text(word)) for word in ("好", "坏", "哑", "双")}
            wechat.show_service_message(user, "text", "答：双")
            found = audit(wechat, {item.id: f"答：{word}" for word, item in sent.items()})
            assert (found.once, found.explained, found.silent, found.twice) == \
                ([sent["好"].id], [sent["坏"].id], [sent["哑"].id], [sent["双"].id])
            assert [len(answers_to(wechat, item)) for item in sent.values()] == [1, 0, 0, 1]
            said = audit(wechat, {sent["哑"].id: "答：哑"}, {sent["哑"].id: "答：好"})
            assert (said.explained, said.silent) == ([sent["哑"].id], []), "the account may explain in a later reply"
            each_answered_once(wechat, {sent["好"].id: "答：好"})
            with pytest.raises(AssertionError, match="1 answered twice"):
                each_answered_once(wechat, {sent["双"].id: "答：双"})
            wechat.transcript.save(tmp_path / "kept.json")
            kept = json.loads((tmp_path / "kept.json").read_text(encoding="utf-8"))
            assert [item["text"] for item in kept if item["who"] == "user"] == list(sent)
            times = [item["at"] for item in kept]
            assert times == sorted(times)

    asyncio.run(run())


def test_the_same_seed_draws_the_same_faults() -> None:
    def draw(seed: int) -> list[list[str]]:
        chaos = Chaos(seed, delay=0.3, duplicate=0.3, lost_reply=0.3)
        return [chaos(pushes.text("在吗")).names for _ in range(200)]

    assert draw(7) == draw(7) != draw(8)
    for name in ("delay", "duplicate", "lost reply"):
        assert 30 <= sum(name in names for names in draw(7)) <= 90
    assert {tuple(Chaos(7)(pushes.text("在吗")).names) for _ in range(20)} == {()}
    assert NO_FAULTS.names == []
