"""The web's door: what comes in without numbers, what is kept, and how residents get and delete it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

import pytest
import requests
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.session import Sessions, TokenError
from bot.contract import validate
from bot.knowledge_access import snapshot
from bot.privacy.spans import HIDDEN
from tests.channels.conftest import serve  # noqa: F401 - a fixture
from tests.channels.messages import message
from tests.channels.server import Server

Serve = Callable[..., Server]
SAID = "我叫张三，身份证510102194803051234，住国和路100弄3号502室"
DAY_S = 86400.0
DOMAIN = Domain.from_dict({"slots": {"memory": {
    "type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}}})
MEMORY = {"region": "510100", "subject": "mother", "facts": {"mother": {"person.age": 75}},
          "spot": {"name": "国和路", "city": "510100"}}


async def quoting(heard: UserMessage) -> None:
    """Repeats the resident's words, as a careless answer would."""
    await heard.output_channel.send_response(heard.sender_id, {**message("ack"), "text": f"您说：{heard.text}"})


class Remembering:
    """A tracker store in which everybody told of the same mother."""

    def __init__(self) -> None:
        self.store: dict[str, Any] = {}

    async def retrieve(self, sender: str) -> Optional[DialogueStateTracker]:
        if sender not in self.store:
            return None
        return DialogueStateTracker.from_events(sender, [SlotSet("memory", MEMORY)], slots=DOMAIN.slots)

    def delete(self, sender: str) -> int:
        return 1 if self.store.pop(sender, None) is not None else 0


@pytest.fixture
def server(serve: Serve) -> Server:  # noqa: F811
    """The channel, which keeps facts for a day and messages for thirty."""
    snapshot()  # as at a real start: not while somebody waits
    running = serve(quoting, keep_s=30 * DAY_S, facts_s=DAY_S)
    running.agent.tracker_store = Remembering()
    return running


def said(server: Server, token: str, text: str, message_id: str) -> list[dict[str, Any]]:
    answer = server.post(token, text, message_id)
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def export(server: Server, token: str) -> dict[str, Any]:
    answer = server.get("/webhooks/web/export", token)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    validate(told, "exportResponse")
    return told


def judge(server: Server, token: str, answer_id: str, comment: str) -> None:
    body = {"token": token, "answer_id": answer_id, "helpful": False, "comment": comment}
    assert requests.post(server.url + "/webhooks/web/feedback", json=body, timeout=10).status_code == 204


def delete(server: Server, token: str) -> requests.Response:
    return requests.delete(server.url + "/webhooks/web/conversation", headers={"Authorization": f"Bearer {token}"},
                           timeout=10)


# --- at the door ----------------------------------------------------------------------------------------------------


def test_numbers_do_not_reach_the_bot_and_names_are_not_kept(server: Server) -> None:
    token = server.session()["token"]
    messages = said(server, token, SAID, "m1")
    heard = str(server.agent.heard[0].text)
    assert "510102" not in heard and HIDDEN in heard
    # The turn itself may still need the house to find what is near.
    assert "国和路100弄3号502室" in heard
    kept = f"我叫{HIDDEN}，身份证{HIDDEN}，住国和路100弄…"
    assert messages[0]["text"] == f"您说：{kept}"
    history = server.get("/webhooks/web/history", token).json()["messages"]
    assert [entry["message"]["text"] for entry in history] == [kept, f"您说：{kept}"]
    # Sent twice it is answered alike, from what is kept.
    assert said(server, token, SAID, "m1") == messages and len(server.agent.heard) == 1


def test_a_comment_is_kept_without_what_identifies(server: Server) -> None:
    token = server.session()["token"]
    answer_id = said(server, token, "您好", "m1")[0]["custom"]["answer_id"]
    judge(server, token, answer_id, "没答好，打我13800138000，我叫李秀兰")
    judged = export(server, token)["judgements"]
    assert [(item["helpful"], item["comment"]) for item in judged] == [(False, f"没答好，打我{HIDDEN}，我叫{HIDDEN}")]


# --- one's own data ------------------------------------------------------------------------------------------------


def test_the_export_holds_all_that_is_kept_and_until_when(server: Server) -> None:
    token = server.session(region="510100")["token"]
    answer_id = said(server, token, "我妈七十五了", "m1")[0]["custom"]["answer_id"]
    said(server, token, "还有吗", "m2")
    judge(server, token, answer_id, "没看懂")
    told = export(server, token)
    assert told["facts"] == [{"about": "您母亲", "told": ["年龄75岁"]}, {"about": "地点", "told": ["国和路"]}]
    assert [entry["message"]["text"] for entry in told["messages"]] == [
        "我妈七十五了", "您说：我妈七十五了", "还有吗", "您说：还有吗"]
    assert told["keep_hours"] == 24 and told["keep_days"] == 30
    at, until = told["messages"][0]["at"], told["messages"][0]["deleted_at"]
    assert days_between(at, until) == 30
    assert 0.99 < days_between(told["exported_at"], told["facts_deleted_at"]) <= 1
    for words in ("您母亲：年龄75岁", "我：我妈七十五了", "邻里通：您说：还有吗", "没用：没看懂", "24小时不说话",
                  "30天"):
        assert words in told["text"]


def test_the_export_in_traditional(server: Server) -> None:
    token = server.session()["token"]
    said(server, token, "我妈七十五了", "m1")
    told = server.get("/webhooks/web/export?script=hant", token).json()
    assert "您母親：年齡75歲" in told["text"] and told["facts"][0]["about"] == "您母親"


def test_whoever_said_nothing_gets_an_empty_export(server: Server) -> None:
    told = export(server, server.session()["token"])
    assert (told["facts"], told["messages"], told["judgements"], told["facts_deleted_at"]) == ([], [], [], None)
    assert "没有" in told["text"]


def test_nobody_gets_the_export_of_another(server: Server) -> None:
    mine, other = server.session()["token"], server.session()["token"]
    said(server, mine, "我妈七十五了", "m1")
    assert export(server, other)["messages"] == []
    for token in ("", "v1.e30.x", mine[:-2] + "AA"):
        assert server.get("/webhooks/web/export", token).status_code == 401


def test_the_export_is_no_way_to_keep_the_server_busy(serve: Serve) -> None:  # noqa: F811
    server = serve(quoting, session_per_minute=3)
    server.agent.tracker_store = Remembering()
    token = server.session()["token"]
    statuses = [server.get("/webhooks/web/export", token) for _ in range(4)]
    assert statuses[-1].status_code == 429 and int(statuses[-1].headers["Retry-After"]) >= 1


# --- after the token has ended -----------------------------------------------------------------------------------


def test_an_ended_token_still_deletes_but_reads_and_says_nothing(serve: Serve, tmp_path: Path) -> None:  # noqa: F811
    server = serve(quoting, keep_s=30 * DAY_S, facts_s=DAY_S, lifetime_s=3600)
    server.agent.tracker_store = Remembering()
    begun = server.session()
    said(server, begun["token"], "我妈七十五了", "m1")
    ended = token_of(server, tmp_path, begun["session"], ago_s=29 * DAY_S)
    assert server.get("/webhooks/web/history", ended).status_code == 401
    assert server.get("/webhooks/web/export", ended).status_code == 401
    assert server.post(ended, "还有吗").status_code == 401
    answer = delete(server, ended)
    assert answer.status_code == 200 and answer.json()["deleted"] == {"events": 1, "replies": 1}
    assert export(server, begun["token"])["messages"] == []


def test_a_token_older_than_everything_that_is_kept_is_refused(server: Server, tmp_path: Path) -> None:
    begun = server.session()
    ended = token_of(server, tmp_path, begun["session"], ago_s=31 * DAY_S)
    assert delete(server, ended).json()["error"]["code"] == "token_expired"


def test_grace_ends_to_the_second() -> None:
    now = [1000.0]
    sessions = Sessions(b"s" * 32, lifetime_s=10, clock=lambda: now[0])
    session, token = sessions.issue()
    now[0] = 1010 + 59
    assert sessions.verify(token, grace_s=60).id == session.id
    now[0] = 1010 + 60
    with pytest.raises(TokenError):
        sessions.verify(token, grace_s=60)


def token_of(server: Server, tmp_path: Path, session: str, *, ago_s: float) -> str:
    """A token of ``session`` that ended so long ago, by the server's own secret."""
    past = Sessions((tmp_path / "var" / "secret").read_bytes(), lifetime_s=60, clock=lambda: time.time() - ago_s - 60)
    return past.issue_for(session)[1]


def days_between(first: str, second: str) -> float:
    form = "%Y-%m-%dT%H:%M:%SZ"
    return (time.mktime(time.strptime(second, form)) - time.mktime(time.strptime(first, form))) / DAY_S


# --- what a page says --------------------------------------------------------------------------------------------


def test_a_page_is_told_both_ages(server: Server) -> None:
    told = server.get("/webhooks/web/regions").json()
    assert (told["keep_hours"], told["keep_days"]) == (24, 30)
