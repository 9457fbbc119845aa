"""The numbers: what counts as what, that their list cannot grow, and that nothing personal is among them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from rasa.core.channels.channel import UserMessage

from bot.observing import metrics as numbers
from bot.observing.metrics import Metrics
from bot.observing.turn import TurnRecord, stage
from tests.channels.messages import ALL_KINDS, message
from tests.channels.server import Server

Serve = Callable[..., Server]
Labels = dict[str, str]
PROJECT = Path(__file__).resolve().parent.parent.parent


def samples(counting: Metrics) -> list[tuple[str, Labels, float]]:
    """Everything that a scrape gives, as Prometheus reads it: (name, labels, value)."""
    text = asyncio.run(counting.exposition()).decode()
    return [(item.name, item.labels, item.value) for family in text_string_to_metric_families(text)
            for item in family.samples]


def value(counting: Metrics, name: str, **labels: str) -> float:
    """The sum of the series ``linlitong_<name>`` with these labels."""
    return sum(number for found, given, number in samples(counting)
               if found == f"linlitong_{name}" and labels.items() <= given.items())


def answering(*kinds: str, **custom: Any) -> Callable[[UserMessage], Any]:
    async def answer(heard: UserMessage) -> None:
        for kind in kinds:
            with stage("nlu"):
                reply = message(kind)
            reply["custom"].update(custom)
            await heard.output_channel.send_response(heard.sender_id, reply)

    return answer


def test_a_turn_is_counted_timed_and_told_by_kind(counting: Metrics, serve: Serve) -> None:
    server = serve(answering("verdict", "clarify", outcome="ineligible"))
    token = server.session()["token"]
    for _ in range(3):
        assert server.post(token, "我能领吗").status_code == 200
    assert value(counting, "sessions_total") == 1
    assert value(counting, "turns_total", channel="web", kind="verdict", result="answered") == 3
    assert value(counting, "turn_seconds_count", channel="web") == 3
    assert value(counting, "stage_seconds_count", stage="nlu") == 3
    assert value(counting, "stage_seconds_count", stage="waiting") == 3
    assert value(counting, "abstentions_total", how="clarify") == 3
    assert value(counting, "verdicts_total", outcome="ineligible") == 3
    assert value(counting, "verdicts_total") == 3


@pytest.mark.parametrize(("kind", "how"), [
    ("clarify", "clarify"), ("cannot_answer", "unknown"), ("out_of_scope", "out_of_scope")])
def test_declining_is_counted_by_how(counting: Metrics, serve: Serve, kind: str, how: str) -> None:
    server = serve(answering(kind))
    server.post(server.session()["token"], "天上有几颗星")
    assert value(counting, "abstentions_total", how=how) == value(counting, "abstentions_total") == 1


def test_the_same_message_again_is_another_kind_of_turn(counting: Metrics, serve: Serve) -> None:
    server = serve(answering("faq"))
    token = server.session()["token"]
    for _ in range(2):
        server.post(token, "几点开门", "the-same-message")
    assert value(counting, "turns_total", kind="faq", result="answered") == 1
    assert value(counting, "turns_total", kind="none", result="unasked") == 1


def test_errors_are_counted_once_each_by_their_code(counting: Metrics, serve: Serve) -> None:
    async def broken(_heard: UserMessage) -> None:
        raise RuntimeError

    server = serve(broken)
    token = server.session()["token"]
    server.post(token, "问一句")
    server.post(token, "")
    server.post("no-token-of-ours", "问一句")
    server.get("/nothing-here")
    for code in ("bot_failure", "empty_text", "token_invalid", "not_found"):
        assert value(counting, "errors_total", code=code) == 1, code
    assert value(counting, "turns_total", result="failed", kind="error") == 1
    assert value(counting, "errors_total") == 4


def test_too_many_are_counted_by_what_was_too_much(counting: Metrics, serve: Serve) -> None:
    server = serve(answering("faq"), session_per_minute=3)
    token = server.session()["token"]
    answers = [server.post(token, "快快快").status_code for _ in range(4)]
    assert answers.count(429) == 3
    assert value(counting, "limited_total", channel="web", code="too_many") == 3
    assert value(counting, "errors_total", code="too_many") == 3


def test_every_kind_of_the_contract_is_counted_by_name(counting: Metrics) -> None:
    assert set(ALL_KINDS) == set(numbers.KINDS)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(channel=st.text(), kinds=st.lists(st.text(), max_size=3), code=st.text(), outcome=st.text(), part=st.text())
def test_whatever_turns_up_the_list_of_series_does_not_grow(
        counting: Metrics, channel: str, kinds: list[str], code: str, outcome: str, part: str) -> None:
    turn = TurnRecord("1", channel, 0.0, waited=0.0, stages={part: 0.1}, kinds=(*kinds, "error"), outcomes=(outcome,),
                      result="failed", code=code, took=0.1)
    counting.turn(turn)
    counting.refused(code, 429)
    counting.limited(channel)
    allowed = {"channel": numbers.CHANNELS, "kind": numbers.KINDS | {"none"}, "outcome": numbers.OUTCOMES,
               "stage": frozenset(numbers.STAGES), "code": counting._codes}
    for _, labels, _ in samples(counting):
        for name, held in labels.items():
            if name in allowed:
                assert held in allowed[name] | {"other"}, (name, held)


def test_nothing_of_a_resident_is_in_the_numbers(counting: Metrics, serve: Serve) -> None:
    server = serve(answering("verdict"))
    session = server.session()
    server.post(session["token"], "我叫欧阳七七住在朱雀巷九十九号")
    server.post(session["token"] + "x", "欧阳七七")
    page = asyncio.run(counting.exposition()).decode()
    for secret in (session["session"], session["token"], "欧阳", "朱雀", "127.0.0.1", "elderly-meal"):
        assert secret not in page


def test_what_is_asked_at_a_scrape_is_down_where_it_raises_or_hangs(
        counting: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "PATIENCE_S", 0.05)

    async def up() -> float:
        return 1.0

    async def raises() -> float:
        raise OSError

    async def hangs() -> float:
        await asyncio.sleep(60)
        return 1.0

    for name, probe in (("a_up", up), ("b_up", raises), ("c_up", hangs)):
        counting.probe(name, "is it up", probe)
    assert [value(counting, name) for name in ("a_up", "b_up", "c_up")] == [1.0, 0.0, 0.0]


def test_versions_change_with_what_serves(counting: Metrics) -> None:
    served = {"knowledge": "one"}
    counting.info("build", "versions", lambda: served)
    assert value(counting, "build_info", knowledge="one") == 1
    served["knowledge"] = "two"
    assert value(counting, "build_info", knowledge="two") == value(counting, "build_info") == 1


def test_while_it_is_off_prometheus_is_not_even_imported() -> None:
    """Its import takes a fifth of a second at each start."""
    program = ("import sys; from bot.observing.equip import Observing; import bot.channels.web, bot.watching;"
               "Observing.of_environment(5005);"
               "assert not [name for name in sys.modules if name.startswith('prometheus_client')];"
               "assert 'aiohttp.web' not in sys.modules or 'rasa' in sys.modules; print('off')")
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "off", done.stderr
