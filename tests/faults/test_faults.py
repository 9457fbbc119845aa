"""What goes wrong on one machine: the process is killed, the disk is full, content is half written, a flood comes.

Small numbers here, those of the issue with NIGHTLY=1; what was counted is printed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import resource
import signal
import socket
import statistics
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.channels.wechat.phone import PLAIN, Phone
from tests.faults.conftest import ADDRESS, NIGHTLY, Faulty
from tests.faults.resident import Resident
from tests.server.process import within

Tell = Callable[[str], None]
SAID = (
    "你好",
    "我妈七十五了，附近哪里能吃上便宜饭",
    "五角场",
    "还有吗",
    "要带什么",
    "人才公寓打几折",
    "能申请租房补贴吗",
    "谢谢",
)
#: Seconds after a fault's end by which everything is as before.
BACK_S = 5.0


# --- killed -----------------------------------------------------------------------------------------


def test_killed_in_mid_turn(faulty: Faulty, tell: Tell) -> None:
    """``kill -9`` while residents wait: what was acknowledged is there, the rest is answered once when sent again."""
    chance, kills, residents = random.Random(8), 12 if NIGHTLY else 2, [Resident(faulty) for _ in range(6)]
    stop = threading.Event()
    failures: list[BaseException] = []

    def talk(resident: Resident, number: int) -> None:
        try:
            for turn in range(10_000):
                if stop.is_set():
                    return
                resident.insist(SAID[(turn + number) % len(SAID)])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=talk, args=(resident, number)) for number, resident in enumerate(residents)]
    for thread in threads:
        thread.start()
    cut = 0
    for _ in range(kills):
        before = sum(len(resident.answered) for resident in residents)
        within(120, lambda before=before: sum(len(r.answered) for r in residents) > before + 12 or None)  # type: ignore[misc]
        time.sleep(chance.random() * 0.1)
        waiting = sum(len(resident.said) - len(resident.answered) for resident in residents)
        os.kill(faulty.pid, signal.SIGKILL)
        faulty.kill()
        cut += waiting
        faulty.start()
    stop.set()
    for thread in threads:
        thread.join(300)
    assert not failures, failures
    asked = sum(resident.check() for resident in residents)
    tell(
        f"kill -9 × {kills}: {asked} messages of {len(residents)} residents, {cut} under way when killed,"
        " none lost, none doubled"
    )
    assert asked == sum(len(resident.said) for resident in residents) and cut


# --- the disk is full -------------------------------------------------------------------------------


@contextlib.contextmanager
def full(server: Faulty):  # type: ignore[no-untyped-def]
    """No byte can be written any more: the disk is full, or (without a disk of its own) no file may grow."""
    if server.small_disk:
        filling = server.folder / "var" / "filling"
        try:
            with filling.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * 4096)
            yield
        finally:
            filling.unlink()
    else:
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)


def _degraded(server: Faulty) -> dict[str, str] | None:
    """What ``/health`` says while it is 503."""
    answer = requests.get(f"{server.url}/health", timeout=20)
    state: dict[str, str] = answer.json()
    return state if answer.status_code == 503 and state["status"] == "degraded" else None


def test_the_disk_is_full(faulty: Faulty, tell: Tell) -> None:
    resident = Resident(faulty)
    resident.insist("我妈七十五了")
    seen: Counter[int] = Counter()
    with full(faulty):
        if faulty.small_disk:
            state = within(20, lambda: _degraded(faulty))
            assert "磁盘" in state["storage"] or "写不进" in state["storage"]
        for text in SAID:
            answer = resident.send(text)
            seen[answer.status_code] += 1
            # An answer, or a sentence that says what to do; never a page of somebody's, never a hanging call.
            assert answer.status_code in (200, 503), answer.text
            said = answer.json()
            assert said["messages"] if answer.status_code == 200 else said["error"]["message"]
    began = time.monotonic()
    within(BACK_S, lambda: requests.get(f"{faulty.url}/health", timeout=5).status_code == 200 or None)
    kept = Resident(faulty)
    within(BACK_S, lambda: kept.send("你好").status_code == 200 or None)
    back = time.monotonic() - began
    assert back < BACK_S and kept.check() >= 1
    asked = [entry["message_id"] for entry in resident.history() if entry["from"] == "resident"]
    assert asked and len(asked) == len(set(asked)), "what was kept before the fault is there, nothing twice"
    tell(f"disk full: {dict(seen)} while it lasted; stored again {back:.1f} s after there was room")


# --- content ----------------------------------------------------------------------------------------


def test_content_is_half_written_while_residents_ask(faulty: Faulty, tell: Tell) -> None:
    chance, file = random.Random(3), faulty.content / "310110" / "elderly-meal.yml"
    whole, resident = file.read_bytes(), Resident(faulty)
    version = requests.get(f"{faulty.url}/health", timeout=20).json()["knowledge"]
    rounds, refused = 40 if NIGHTLY else 6, 0
    try:
        for _ in range(rounds):
            file.write_bytes(whole[: chance.randrange(len(whole) // 4, len(whole))])
            ends = time.monotonic() + 1.6
            while time.monotonic() < ends:
                answer = resident.send("睦邻小厨几点开门")
                assert answer.status_code == 200, answer.text
                assert answer.json()["messages"][0]["custom"]["kind"] != "error"
                time.sleep(0.05)  # as quickly as the bot answers, a resident would soon be told to wait
            refused += "refused" in requests.get(f"{faulty.url}/health", timeout=20).json()
    finally:
        file.write_bytes(whole)
    within(30, lambda: "refused" not in requests.get(f"{faulty.url}/health", timeout=20).json() or None)
    assert requests.get(f"{faulty.url}/health", timeout=20).json()["knowledge"] == version and refused
    tell(
        f"content half written {rounds} times: {len(resident.answered)} answers meanwhile,"
        f" {refused} times refused and said so"
    )


# --- long ones, many, too many ----------------------------------------------------------------------


@pytest.mark.parametrize("piece", ["我妈七十五了", "a", "没有没有", "1", "\u202e", "[[[[", "五角场，"])
def test_a_hundred_thousand_characters(faulty: Faulty, piece: str) -> None:
    """They do not reach the bot, and others are served meanwhile."""
    text = (piece * 100_000)[:100_000]
    resident, other = Resident(faulty), Resident(faulty)
    began = time.process_time()
    assert resident.send(text).status_code == 413
    assert resident.send(text[:501]).status_code in (200, 413, 400)
    assert other.send("你好").status_code == 200
    phone = Phone(faulty.url, PLAIN, nonces=itertools.count(uuid.uuid4().int % 10**12))
    body = b"<xml><ToUserName>g</ToUserName><FromUserName>o</FromUserName><CreateTime>1</CreateTime>"
    body += b"<MsgType>text</MsgType>"
    answer = phone.post_raw(
        phone.query(), body + f"<MsgId>1</MsgId><Content>{text}</Content></xml>".encode("utf-8", "replace")
    )
    assert answer.status_code == 413
    short = text[: 20_000 // len(piece.encode())]
    answer = phone.post_raw(
        phone.query(), body + f"<MsgId>{uuid.uuid4().int % 10**9}</MsgId><Content>{short}</Content></xml>".encode()
    )
    assert answer.status_code == 200
    assert time.process_time() - began < 5


def test_idle_sessions_and_streams(faulty: Faulty, tell: Tell) -> None:
    sessions, streams = (10_000, 10_000) if NIGHTLY else (1_000, 400)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    streams = min(streams, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500)
    opened: list[socket.socket] = []
    before = faulty.memory()
    try:
        with requests.Session() as calls:
            tokens = [
                calls.post(
                    f"{faulty.url}/webhooks/web/session",
                    timeout=60,
                    headers={ADDRESS: f"11.{number >> 8 & 255}.{number & 255}.1"},
                ).json()["token"]
                for number in range(sessions)
            ]
        with_sessions = faulty.memory()
        for number, token in enumerate(tokens[:streams]):
            wire = socket.create_connection(("127.0.0.1", faulty.port), timeout=60)
            wire.sendall(
                (
                    "GET /webhooks/web/events HTTP/1.1\r\nHost: x\r\n"
                    f"{ADDRESS}: 12.{number >> 8 & 255}.{number & 255}.1\r\n"
                    f"Authorization: Bearer {token}\r\n\r\n"
                ).encode()
            )
            opened.append(wire)
            assert wire.recv(100).startswith(b"HTTP/1.1 200"), number
        with_streams = faulty.memory()
        resident = Resident(faulty)
        began = time.monotonic()
        assert resident.send("你好").status_code == 200
        took = time.monotonic() - began
    finally:
        for wire in opened:
            wire.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    tell(
        f"{sessions} idle sessions: +{(with_sessions - before) / 1e6:.1f} MB; {len(opened)} open event streams: "
        f"+{(with_streams - with_sessions) / 1e6:.1f} MB; a turn beside them took {took:.2f} s"
    )
    assert with_sessions - before < 60_000_000
    assert with_streams - with_sessions < max(40_000, 40_000 * len(opened)) + 20_000_000
    within(30, lambda: Resident(faulty).send("你好").status_code == 200 or None)


def test_a_flood_from_one_address(faulty: Faulty, tell: Tell) -> None:
    """Others are answered while one address sends as fast as it can; the flood is told to wait."""
    stop, seen, flood = threading.Event(), Counter[int](), {ADDRESS: "66.6.6.6"}

    def pour() -> None:
        with requests.Session() as calls:
            while not stop.is_set():
                with contextlib.suppress(requests.RequestException):
                    answer = calls.post(f"{faulty.url}/webhooks/web/session", headers=flood, timeout=60)
                    seen[answer.status_code] += 1
                    assert answer.status_code == 200 or int(answer.headers["Retry-After"]) >= 1

    threads = [threading.Thread(target=pour) for _ in range(6)]
    for thread in threads:
        thread.start()
    took = []
    try:
        # A quick machine answers the twelve before the flood has used up what it may send.
        for turn in range(400):
            if turn >= (40 if NIGHTLY else 12) and seen[429] > 20:
                break
            resident = Resident(faulty)
            began = time.monotonic()
            assert resident.send(SAID[turn % len(SAID)]).status_code == 200
            took.append(time.monotonic() - began)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    tell(
        f"flood from one address: {dict(seen)}; {len(took)} others answered, median {statistics.median(took):.2f} s, "
        f"longest {max(took):.2f} s"
    )
    assert seen[429] > 20 and max(took) < 20


def test_memory_stays_flat(faulty: Faulty, tell: Tell) -> None:
    turns, warm = (100_000, 5_000) if NIGHTLY else (600, 300)
    each, said, after_warm = 20, 0, 0
    chance = random.Random(5)
    while said < turns + warm:
        resident = Resident(faulty)
        for _ in range(each):
            assert resident.send(chance.choice(SAID)).status_code == 200
        said += each
        if said == warm:
            after_warm = faulty.memory()
    grown = faulty.memory() - after_warm
    tell(f"memory: {after_warm / 1e6:.0f} MB after {warm} turns, {grown / 1e6:+.1f} MB after {turns} more")
    assert grown < (80_000_000 if NIGHTLY else 40_000_000)
    assert (faulty.folder / "server.log").stat().st_size < 20_000_000 and "Traceback" not in Path(
        faulty.log
    ).read_text()
