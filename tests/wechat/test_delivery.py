"""WeChat's side of a push: signing, waiting, trying again, and what the user gets to see."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from tests.wechat.conftest import QUICK, Stage
from tests.wechat.small_server import Heard
from tools.wechat_simulator import pushes
from tools.wechat_simulator.faults import PushFaults
from tools.wechat_simulator.wechat import NOTICE

PATIENCE = QUICK.patience_s
MODES = [{"mode": "plain"}, {"mode": "compatible"}, {"mode": "safe"}, {"wecom": True}]


async def echo(heard: Heard) -> str:
    return f"听到了，是 {heard['MsgType']}"


@pytest.mark.parametrize("account", MODES, ids=str)
def test_a_message_is_signed_and_its_reply_shown(stage: Stage, account: dict[str, Any]) -> None:
    async def run() -> None:
        async with stage(echo, **account) as (wechat, server):
            assert await wechat.verify() == ""
            user = wechat.new_user()
            sent = await wechat.do(user, pushes.text("食堂在哪里 ]]> <b>"))
            assert server.heard[0]["Content"] == "食堂在哪里 ]]> <b>"
            assert server.heard[0]["FromUserName"] == user
            assert ("AgentID" in server.heard[0]) == bool(account.get("wecom"))
            assert [bubble.text for bubble in wechat.transcript.of(user)] == ["食堂在哪里 ]]> <b>", "听到了，是 text"]
            assert sent.delivered.result == "reply"
            assert [bubble.push for bubble in wechat.transcript.said_to(user)] == [sent.id]

    asyncio.run(run())


def test_safe_mode_sends_the_ciphertext_alone_and_compatible_mode_both(stage: Stage) -> None:
    async def run(mode: str) -> bytes:
        async with stage(echo, mode=mode) as (wechat, server):
            await wechat.do(wechat.new_user(), pushes.text("租房补贴"))
        return server.bodies[0]

    safe, both = asyncio.run(run("safe")), asyncio.run(run("compatible"))
    assert "租房补贴".encode() not in safe and b"<Encrypt>" in safe
    assert "租房补贴".encode() in both and b"<Encrypt>" in both


@pytest.mark.parametrize("body", [b"success", b"", b" success\n"])
def test_success_or_nothing_ends_the_matter(stage: Stage, body: bytes) -> None:
    async def answer(_: Heard) -> bytes:
        return body

    async def run() -> None:
        async with stage(answer) as (wechat, server):
            user = wechat.new_user()
            assert (await wechat.do(user, pushes.text("在吗"))).delivered.result == "stop"
            assert len(server.heard) == 1
            assert [bubble.who for bubble in wechat.transcript.of(user)] == ["user"]

    asyncio.run(run())


@pytest.mark.parametrize("same_nonce", [False, True])
def test_a_silent_server_is_tried_three_times_and_the_user_told(stage: Stage, same_nonce: bool) -> None:
    async def sleep(_: Heard) -> str:
        await asyncio.sleep(60)
        return "太晚了"

    async def run() -> None:
        async with stage(sleep, wechat={"same_nonce": same_nonce}) as (wechat, server):
            user = wechat.new_user()
            sent = await wechat.do(user, pushes.text("在吗"))
            assert [item.result for item in sent.delivered.tries] == ["timeout"] * 3
            took = [item.seconds for item in sent.delivered.tries]
            # uvloop's timers go by the time at which a round of its loop began, a little before the clock is read.
            assert all(PATIENCE - 0.1 <= seconds < PATIENCE + 2 for seconds in took), took
            assert len({heard["MsgId"] for heard in server.heard}) == 1
            assert len({query["nonce"] for query in server.queries}) == (1 if same_nonce else 3)
            assert [bubble.text for bubble in wechat.transcript.notices()] == [NOTICE]
            await asyncio.sleep(0.05)
            assert server.cut_off == 3, "the server did not see WeChat hang up"

    asyncio.run(run())


def test_an_answer_to_the_third_try_is_in_time(stage: Stage) -> None:
    async def third(heard: Heard) -> str:
        third.count += 1  # type: ignore[attr-defined]
        if third.count < 3:  # type: ignore[attr-defined]
            await asyncio.sleep(60)
        return "这回赶上了"

    third.count = 0  # type: ignore[attr-defined]

    async def run() -> None:
        async with stage(third) as (wechat, _server):
            user = wechat.new_user()
            await wechat.do(user, pushes.text("在吗"))
            assert [bubble.text for bubble in wechat.transcript.of(user)] == ["在吗", "这回赶上了"]

    asyncio.run(run())


def _news(heard: Heard, count: int) -> bytes:
    item = "<item><Title>食堂</Title><Description>d</Description><PicUrl></PicUrl><Url>https://e.org</Url></item>"
    return (f"<xml><ToUserName>{heard['FromUserName']}</ToUserName><FromUserName>{heard['ToUserName']}</FromUserName>"
            f"<CreateTime>1</CreateTime><MsgType>news</MsgType><ArticleCount>{count}</ArticleCount>"
            f"<Articles>{item * count}</Articles></xml>").encode()


BAD = {
    "json": lambda server, heard: json.dumps({"text": "您好"}).encode(),
    "not sealed": lambda server, heard: server.text(heard, "您好"),
    "wrong signature": lambda server, heard: server.sealed(server.text(heard, "您好")).replace(
        b"<Nonce>n", b"<Nonce>m"),
    "empty text": lambda server, heard: server.sealed(server.text(heard, "")),
    "too long": lambda server, heard: server.sealed(server.text(heard, "长" * 683)),
    "to somebody else": lambda server, heard: server.sealed(
        server.text({**heard, "FromUserName": "somebody"}, "您好")),
    "from somebody else": lambda server, heard: server.sealed(server.text({**heard, "ToUserName": "gh_x"}, "您好")),
    "torn by the text": lambda server, heard: server.sealed(server.text(heard, "甲]]><MsgType>image</MsgType>")),
    "unknown type": lambda server, heard: server.sealed(
        server.text(heard, "您好").replace(b"<MsgType>text", b"<MsgType>poem")),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_malformed_reply_brings_the_notice_at_once(stage: Stage, kind: str) -> None:
    async def run() -> None:
        async def answer(heard: Heard) -> bytes:
            made: bytes = BAD[kind](server, heard)
            return made

        async with stage(answer) as (wechat, server):
            user = wechat.new_user()
            sent = await wechat.do(user, pushes.text("在吗"))
            assert [item.result for item in sent.delivered.tries] == ["malformed"]
            assert [bubble.who for bubble in wechat.transcript.of(user)] == ["user", "wechat"]

    asyncio.run(run())


def test_the_longest_text_that_is_allowed_is_shown(stage: Stage) -> None:
    async def answer(_: Heard) -> str:
        return "长" * 682 + "ab"

    async def run() -> None:
        async with stage(answer) as (wechat, _server):
            user = wechat.new_user()
            await wechat.do(user, pushes.text("在吗"))
            assert len(wechat.transcript.said_to(user)[0].text.encode()) == 2048

    asyncio.run(run())


@pytest.mark.parametrize(("push", "shown"), [(pushes.text("食堂"), 1), (pushes.click("menu-1"), 3)])
def test_a_message_gets_one_article_and_an_event_several(stage: Stage, push: pushes.Push, shown: int) -> None:
    async def run() -> None:
        async def answer(heard: Heard) -> bytes:
            return server.sealed(_news(heard, 3))

        async with stage(answer) as (wechat, server):
            user = wechat.new_user()
            await wechat.do(user, push)
            bubble = wechat.transcript.said_to(user)[0]
            assert (bubble.kind, len(bubble.articles), bool(bubble.note)) == ("news", shown, shown == 1)

    asyncio.run(run())


def test_a_status_other_than_200_is_tried_again(stage: Stage) -> None:
    async def answer(_: Heard) -> web.Response:
        return web.Response(status=500)

    async def run() -> None:
        async with stage(answer) as (wechat, _server):
            sent = await wechat.do(wechat.new_user(), pushes.text("在吗"))
            assert [item.result for item in sent.delivered.tries] == ["status"] * 3
            assert len(wechat.transcript.notices()) == 1

    asyncio.run(run())


def test_a_server_that_comes_back_is_reached(stage: Stage) -> None:
    async def run() -> None:
        async with stage(echo) as (wechat, server):
            user = wechat.new_user()
            await wechat.do(user, pushes.text("在吗"))
            port = int(wechat.account.url.split(":")[2].split("/")[0])
            await server.stop()
            under_way = wechat.start(user, pushes.text("重启了吗"))
            await asyncio.sleep(QUICK.pause_s / 2)
            await server.start(port)
            sent = await under_way
            assert sent.delivered.tries[0].result == "refused" and sent.delivered.result == "reply"
            assert not wechat.transcript.notices()

    asyncio.run(run())


def test_a_lost_reply_is_asked_for_again(stage: Stage) -> None:
    async def run() -> None:
        async with stage(echo) as (wechat, server):
            user = wechat.new_user()
            sent = await wechat.do(user, pushes.text("在吗"), PushFaults(lost_replies=2))
            assert [item.result for item in sent.delivered.tries] == ["lost", "lost", "reply"]
            assert len(server.heard) == 3 and len(wechat.transcript.said_to(user)) == 1

    asyncio.run(run())


def test_copies_go_out_at_once_and_one_reply_is_shown(stage: Stage) -> None:
    async def answer(heard: Heard) -> str:
        together.append(len(together))
        await asyncio.sleep(PATIENCE / 3)
        return f"听到了，一共 {len(together)} 份"

    together: list[int] = []

    async def run() -> None:
        async with stage(answer) as (wechat, server):
            user = wechat.new_user()
            sent = await wechat.do(user, pushes.text("在吗"), PushFaults(copies=2))
            assert {heard["MsgId"] for heard in server.heard} == {sent.id} and len(server.heard) == 2
            assert [bubble.text for bubble in wechat.transcript.said_to(user)] == ["听到了，一共 2 份"]
            assert sent.delivered.spare_replies == 1

    asyncio.run(run())


def test_a_delayed_message_is_overtaken(stage: Stage) -> None:
    async def run() -> None:
        async with stage(echo) as (wechat, server):
            user = wechat.new_user()
            first = wechat.start(user, pushes.text("甲"), PushFaults(delay_s=0.2))
            second = wechat.start(user, pushes.text("乙"))
            await asyncio.gather(first, second)
            assert [heard["Content"] for heard in server.heard] == ["乙", "甲"]

    asyncio.run(run())


def test_events_of_one_user_differ_in_their_time_and_have_no_id(stage: Stage) -> None:
    async def run() -> None:
        async with stage(echo) as (wechat, server):
            user = wechat.new_user()
            for key in ("a", "b", "c"):
                await wechat.do(user, pushes.click(key))
            assert len({heard["CreateTime"] for heard in server.heard}) == 3
            assert not any("MsgId" in heard for heard in server.heard)

    asyncio.run(run())


@pytest.mark.parametrize("push", [pushes.unsubscribe(), pushes.view("https://e.org"),
                                  pushes.location_report(31.3, 121.5)])
def test_nothing_is_shown_of_events_that_allow_no_reply(stage: Stage, push: pushes.Push) -> None:
    async def run() -> None:
        async with stage(echo) as (wechat, _server):
            user = wechat.new_user()
            await wechat.do(user, push)
            assert wechat.transcript.of(user) == []

    asyncio.run(run())


def test_wecom_shows_no_notice(stage: Stage) -> None:
    async def answer(_: Heard) -> bytes:
        return b"{}"

    async def run() -> None:
        async with stage(answer, wecom=True) as (wechat, _server):
            sent = await wechat.do(wechat.new_user(), pushes.text("在吗"))
            assert sent.delivered.result == "malformed" and not wechat.transcript.notices()

    asyncio.run(run())


@pytest.mark.parametrize(("account", "body", "why"), [
    ({}, b"\xef\xbb\xbf123", "原样"), ({"wecom": True}, b'"123"', "原样"), ({"wecom": True}, None, "1 秒"),
])
def test_the_url_check_says_what_is_wrong(stage: Stage, account: dict[str, Any], body: bytes | None, why: str) -> None:
    async def bad() -> bytes:
        if body is None:
            await asyncio.sleep(1.2)
        return body or b""

    async def run() -> None:
        async with stage(echo, **account) as (wechat, server):
            server.echo = bad
            assert why in await wechat.verify()

    asyncio.run(run())
