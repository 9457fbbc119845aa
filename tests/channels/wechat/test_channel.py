"""The WeChat channel over real HTTP: the check of the address, the modes, refusals, messages, events, tries."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from rasa.core.channels.channel import UserMessage

from bot.channels.collect import APOLOGIES
from bot.channels.errors import WebError
from bot.channels.wechat import xml
from bot.channels.wechat.account import Account
from bot.channels.wechat.channel import ARTICLE_AFTER_S
from bot.channels.wechat.codec import Codec, signature
from bot.channels.wechat.state import Answer
from tests.channels.clock import Clock
from tests.channels.messages import message
from tests.channels.wechat.conftest import say
from tests.channels.wechat.phone import COMPATIBLE, KEY, OPENID, PLAIN, SAFE, WECOM, Phone, push

Wechat = Callable[..., Phone]
MODES = [pytest.param(account, id=account.mode) for account in (PLAIN, COMPATIBLE, SAFE)]


def bot_of(*kinds: str, **changes: Any) -> Callable[[UserMessage], Any]:
    """A bot that answers with the messages of these kinds."""

    async def bot(heard: UserMessage) -> None:
        for kind in kinds:
            await heard.output_channel.send_response(heard.sender_id, {**message(kind), **changes})

    return bot


def heard(phone: Phone) -> list[UserMessage]:
    return phone.server.agent.heard  # type: ignore[attr-defined,no-any-return]


def texts(phone: Phone) -> list[str | None]:
    return [item.text for item in heard(phone)]


# --- the check of the address ---------------------------------------------------------------------


@pytest.mark.parametrize("account", MODES)
def test_the_address_is_confirmed(wechat: Wechat, account: Account) -> None:
    phone = wechat(account=account)
    for path in ("/webhooks/wechat/", "/webhooks/wechat", "/webhooks/wechat/callback"):
        answer = requests.get(phone.url + path, params=phone.query(echostr="4375120948345356249"), timeout=10)
        assert answer.status_code == 200 and answer.content == b"4375120948345356249"
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    phone.path = "/webhooks/wechat/callback"
    assert phone.say("好") == "您说：好"


def test_wecom_gets_the_bare_echo_at_once(wechat: Wechat) -> None:
    phone = wechat(account=WECOM)
    sealed = Codec(KEY, WECOM.receive_id).encrypt(b"1616140317555161061")
    began = time.monotonic()
    answer = requests.get(phone.url + phone.path, params=phone.query(sealed, echostr=sealed), timeout=10)
    assert answer.content == b"1616140317555161061" and time.monotonic() - began < 4
    for query in (phone.query(echostr="5"), phone.query(sealed, echostr=sealed + "A"),
                  phone.query("AAAA", echostr="AAAA")):
        assert requests.get(phone.url + phone.path, params=query, timeout=10).status_code == 403


def test_an_address_check_that_is_not_wechats(wechat: Wechat) -> None:
    phone = wechat()
    for changed in ({"signature": ""}, {"signature": "0" * 40}, {"timestamp": ""}, {"timestamp": "1"}, {"nonce": "x"},
                    {"timestamp": "-1"}, {"echostr": ""}, {"echostr": "9" * 2000}, {"timestamp": "9" * 20},
                    {"signature": "好"}):
        query = phone.query(**{"echostr": "5", **changed})
        assert requests.get(phone.url + phone.path, params=query, timeout=10).status_code == 403, changed
    assert requests.get(phone.url + phone.path, timeout=10).status_code == 403


def test_a_time_that_is_off_is_refused_with_the_reason_in_the_log(wechat: Wechat, caplog: pytest.LogCaptureFixture
                                                                  ) -> None:
    clock = Clock()
    phone = wechat(now=clock)
    fields = push(Content="好", created=int(clock.now))
    query, body = phone.request(fields)
    clock.now += 299
    assert phone.post_raw(query, body).status_code == 200
    clock.now += 2
    assert phone.post_raw(query, body).status_code == 403
    assert "WeChat's clock is -301 s off ours" in caplog.text


# --- the modes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", [*MODES, pytest.param(WECOM, id="wecom")])
def test_a_text_is_answered_in_the_accounts_mode(wechat: Wechat, account: Account) -> None:
    phone = wechat(account=account)
    answer = phone.post(push(Content="附近哪里能吃饭 ]]> <b>"))
    assert phone.read(answer) == "您说：附近哪里能吃饭 ]]> <b>"
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert ("Encrypt" in xml.parse(answer.content)) == (account.mode != "plain")
    assert heard(phone)[0].input_channel == ("wecom" if account.wecom else "wechat")


def test_the_safe_mode_takes_nothing_in_the_clear(wechat: Wechat) -> None:
    phone = wechat()
    assert phone.post(push(Content="好"), encrypts=False).status_code == 403
    # The plain signature alone does not cover what is encrypted.
    query, body = phone.request(push(Content="好"))
    assert phone.post_raw({**query, "msg_signature": query["signature"]}, body).status_code == 403
    assert phone.post_raw({key: value for key, value in query.items() if key != "msg_signature"}, body
                          ).status_code == 403
    assert heard(phone) == []


def test_the_compatible_mode_believes_what_is_encrypted(wechat: Wechat) -> None:
    phone = wechat(account=COMPATIBLE)
    assert phone.say("好") == "您说：好"
    query, body = phone.request(push(Content="真的"))
    assert phone.read(phone.post_raw(query, body.replace("真的".encode(), "假的".encode()))) == "您说：真的"
    assert phone.read(phone.post(push(Content="明文"), encrypts=False)) == "您说：明文"


def test_another_accounts_message_is_refused(wechat: Wechat) -> None:
    phone = wechat()
    phone.account = replace(SAFE, receive_id="wx0000000000000000")
    assert phone.post(push(Content="好")).status_code == 403
    phone.account = replace(SAFE, aes_key=KEY[::-1])
    assert phone.post(push(Content="好")).status_code == 403
    phone.account = replace(SAFE, token="another")
    assert phone.post(push(Content="好")).status_code == 403
    assert heard(phone) == []


def test_after_a_change_of_keys_both_are_known(wechat: Wechat) -> None:
    """WeChat goes on with the old EncodingAESKey for a while, and wants its answers in the same."""
    old = replace(SAFE, aes_key=KEY[::-1])
    phone = wechat(account=replace(SAFE, old_aes_key=old.aes_key))
    assert phone.say("新的") == "您说：新的"
    phone.account = old
    assert phone.say("旧的") == "您说：旧的"
    phone.account = replace(SAFE, aes_key="A" * 43)
    assert phone.post(push(Content="好")).status_code == 403


def test_a_replayed_request_cannot_bring_another_message(wechat: Wechat) -> None:
    """In the plain mode the signature does not cover the body."""
    phone = wechat(account=PLAIN)
    query, body = phone.request(push(Content="好"))
    assert phone.read(phone.post_raw(query, body)) == "您说：好"
    assert phone.read(phone.post_raw(query, body)) == "您说：好"  # the same try, or a retry with the same nonce
    assert phone.post_raw(query, xml.write(push(Content="别的"))).status_code == 403
    assert texts(phone) == ["好"]


def test_a_body_that_is_none(wechat: Wechat) -> None:
    phone = wechat()
    for raw in (b"", b"{}", b"<xml>", b"<a/>", b"<xml><Encrypt></Encrypt></xml>"):
        assert phone.post_raw(phone.query(), raw).status_code == 403
        assert phone.post_raw(phone.query("x"), raw).status_code == 403


def test_wechats_own_that_cannot_be_read_is_success(wechat: Wechat) -> None:
    phone, plain = wechat(), wechat(account=PLAIN)
    for raw in (b"", b"{}", b"<xml>", b"<xml></xml>", b"<xml><FromUserName>o</FromUserName></xml>",
                b'<!DOCTYPE x [<!ENTITY e "x">]><xml><Content>&e;</Content></xml>'):
        sealed = Codec(KEY, SAFE.receive_id).encrypt(raw)
        assert phone.read(phone.post_raw(phone.query(sealed), xml.write({"Encrypt": sealed}))) == ""
        assert plain.read(plain.post_raw(plain.query(), raw)) == ""
    assert heard(phone) == heard(plain) == []


def test_a_body_larger_than_any_push(wechat: Wechat) -> None:
    phone = wechat()
    assert phone.post_raw(phone.query(), b"x" * 70_000).status_code == 413
    chunked = requests.post(phone.url + phone.path, params=phone.query(), data=iter([b"x" * 40_000] * 2), timeout=10)
    assert chunked.status_code == 413
    assert phone.say("好") == "您说：好"


def test_other_methods(wechat: Wechat) -> None:
    phone = wechat()
    for method in ("PUT", "DELETE", "PATCH"):
        assert requests.request(method, phone.url + phone.path, timeout=10).status_code == 405


# --- messages -------------------------------------------------------------------------------------


def test_what_the_bot_hears(wechat: Wechat) -> None:
    phone = wechat(account=replace(SAFE, region="310110"))
    phone.say(" 附近\u0000的食堂 ")
    phone.say("/restart")
    first, second = heard(phone)
    assert (first.text, second.text) == ("附近的食堂", "restart")
    assert re.fullmatch("[0-9a-f]{32}", first.sender_id) and first.sender_id == second.sender_id
    assert first.metadata == {"region": "310110", "location": None, "message_id": first.message_id}
    assert first.message_id != second.message_id and OPENID not in str(first.metadata)


def test_residents_and_accounts_are_apart(wechat: Wechat) -> None:
    phone, other = wechat(), wechat(account=WECOM)
    phone.say("好", "o1")
    phone.say("好", "o2")
    other.say("好", "o1")
    senders = [item.sender_id for item in (*heard(phone), *heard(other))]
    assert len(set(senders)) == 3
    again = wechat()
    again.say("好", "o1")
    assert heard(again)[0].sender_id == senders[0]  # the same after a restart


def test_voices(wechat: Wechat) -> None:
    phone = wechat()
    assert phone.read(phone.post(push("voice", Recognition="食堂在哪里？"))) == "您说：食堂在哪里？"
    nothing: list[dict[str, Any]] = [{}, {"Recognition": ""}, {"Recognition": "。"}]
    for unheard in nothing:
        assert phone.read(phone.post(push("voice", MediaId="m", **unheard))) == say("wechat_voice_unheard")
    assert texts(phone) == ["食堂在哪里？"]


def test_what_cannot_be_read_is_refused_kindly(wechat: Wechat) -> None:
    phone = wechat()
    for kind in ("image", "video", "shortvideo", "file"):
        assert phone.read(phone.post(push(kind, MediaId="m"))) == say("wechat_media")
    assert phone.read(phone.post(push("link", Title="t", Url="https://a.example"))) == say("wechat_link")
    assert phone.read(phone.post(push("sticker"))) == say("wechat_unreadable")
    assert phone.say("  ") == say("wechat_empty")
    assert phone.say("长" * 501) == say("wechat_too_long", most=500)
    assert heard(phone) == []


def test_a_place_answers_the_question_for_it(wechat: Wechat) -> None:
    async def bot(heard: UserMessage) -> None:
        asks = heard.metadata["location"] is None  # type: ignore[index]
        made = message("question" if asks else "ack")
        made["text"] = "您在哪一片？" if asks else f"{heard.text}：找到了。"
        if asks:
            made["custom"] |= {"fact": "location", "options": []}
            made["buttons"] = []
        await heard.output_channel.send_response(heard.sender_id, made)

    phone = wechat(bot)
    assert phone.say("附近的老年食堂") == "您在哪一片？"
    assert phone.say("红星路那边") == "您在哪一片？"
    place = push("location", Location_X="31.299", Location_Y="121.514", Scale="16", Label="国定路")
    assert phone.read(phone.post(place)) == "附近的老年食堂：找到了。"
    assert heard(phone)[-1].metadata["location"] == {  # type: ignore[index]
        "lng": 121.514, "lat": 31.299, "crs": "gcj02"}
    # Known from now on where something near is looked for, and nowhere else.
    assert phone.say("旁边的医院呢") == "旁边的医院呢：找到了。"
    assert phone.say("高龄津贴多少钱") == "您在哪一片？"


def test_a_place_without_a_question_is_kept_for_the_next(wechat: Wechat) -> None:
    clock = Clock()
    phone = wechat(now=clock)
    place = push("location", Location_X="31.299", Location_Y="121.514", created=int(clock.now))
    assert phone.read(phone.post(place)) == say("wechat_place_noted")
    assert heard(phone) == []
    phone.say("附近的食堂", created=int(clock.now))
    clock.now += 1801
    phone.say("附近的食堂", created=int(clock.now))
    assert [item.metadata["location"] is not None for item in heard(phone)] == [True, False]  # type: ignore[index]
    abroad = push("location", Location_X="48.85", Location_Y="2.35", created=int(clock.now))
    assert phone.read(phone.post(abroad)) == say("wechat_place_unclear")


def test_a_reported_position_is_for_what_is_near(wechat: Wechat) -> None:
    phone = wechat()
    assert phone.event("LOCATION", Latitude="31.299", Longitude="121.514", Precision="65") == ""
    assert phone.event("LOCATION", Latitude="nan", Longitude="", Precision="") == ""
    phone.say("附近的食堂")
    phone.say("高龄津贴怎么领")
    phone.say("附近的食堂", "another")
    assert [item.metadata["location"] for item in heard(phone)] == [  # type: ignore[index]
        {"lng": 121.514, "lat": 31.299, "crs": "wgs84"}, None, None]


# --- numbers, more --------------------------------------------------------------------------------


def test_a_number_is_the_button_of_the_last_list(wechat: Wechat) -> None:
    async def bot(heard: UserMessage) -> None:
        made = message("question" if heard.text in ("问", "再问") else "ack")
        await heard.output_channel.send_response(heard.sender_id, made)

    phone = wechat(bot)
    assert phone.say("问").endswith("回复 1：是\n回复 2：不是\n回复 3：不清楚")
    for number in ("2", "２", "回复2", "2.", " 2、", "②", "第2个"):
        phone.say("再问")
        phone.say(number)
    phone.say("2")  # the list is gone
    phone.say("再问")
    phone.say("9")
    assert texts(phone) == ["问", *["再问", "不是"] * 7, "2", "再问", "9"]


def test_an_age_is_an_age(wechat: Wechat) -> None:
    asked = message("question")
    asked["text"], asked["buttons"] = "您母亲多大年纪？", [{"title": "不清楚", "payload": "不清楚"}]
    phone = wechat(bot_of("question", text=asked["text"], buttons=asked["buttons"]))
    assert phone.say("我妈能领高龄津贴吗") == "您母亲多大年纪？\n\n也可以回复“不清楚”。"
    phone.say("75")
    phone.say("1")
    assert texts(phone)[1:] == ["75", "1"]


def test_a_buttons_words_are_its_button(wechat: Wechat) -> None:
    phone = wechat(bot_of("faq", buttons=[{"title": "要带什么", "payload": "老年助餐要带什么材料"}]))
    phone.say("问")
    phone.say("要带什么。")
    assert texts(phone)[1] == "老年助餐要带什么材料"


def test_more_brings_the_rest(wechat: Wechat) -> None:
    long = "".join(f"第{number}句话写在这里，好让它长一点。" for number in range(150))
    phone = wechat(bot_of("ack", text=long))
    said = phone.say("问")
    assert said.endswith(say("wechat_more"))
    pages = [said]
    while pages[-1].endswith(say("wechat_more")):
        pages.append(phone.say("更多"))
    assert len(pages) == 4 and texts(phone) == ["问"]
    assert "".join(page.removesuffix(say("wechat_more")).strip() for page in pages) == long
    phone.say("更多")
    assert texts(phone) == ["问", "更多"]  # there is no more: it is the bot's word


def test_the_rest_is_gone_with_another_question(wechat: Wechat) -> None:
    long = "".join(f"第{number}句话写在这里，好让它长一点。" for number in range(150))
    phone = wechat(bot_of("ack", text=long))
    first = phone.say("问")
    assert phone.say("再问") == first
    phone.say("更多")
    assert texts(phone) == ["问", "再问"]


# --- events ---------------------------------------------------------------------------------------


def test_whoever_follows_is_welcomed(wechat: Wechat) -> None:
    phone = wechat()
    welcome = phone.event("subscribe")
    assert welcome == say("wechat_welcome", hours="24") and welcome.count("·") == 3
    assert "删除我的记录" in welcome and "24小时" in welcome
    assert phone.event("subscribe", EventKey="qrscene_12", Ticket="t") == welcome
    assert phone.event("SCAN", EventKey="12") == welcome
    assert heard(phone) == []


def test_a_menu_item_says_its_key(wechat: Wechat) -> None:
    phone = wechat()
    assert phone.event("CLICK", EventKey="附近的老年食堂") == "您说：附近的老年食堂"
    fields = push("event", Event="CLICK", EventKey="高龄津贴")
    assert phone.read(phone.post(fields)) == phone.read(phone.post(fields)) == "您说：高龄津贴"
    assert texts(phone) == ["附近的老年食堂", "高龄津贴"]


def test_events_without_an_answer(wechat: Wechat) -> None:
    phone = wechat()
    for event in ("VIEW", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "location_select", "enter_agent",
                  "TEMPLATESENDJOBFINISH", "anything"):
        assert phone.event(event, EventKey="https://a.example", ScanCodeInfo={"ScanType": "qrcode"}) == ""
    assert heard(phone) == []


def store_of(phone: Phone) -> dict[str, Any]:
    return phone.server.agent.tracker_store.store  # type: ignore[attr-defined,no-any-return]


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_who_leaves_is_forgotten(wechat: Wechat, tmp_path: Path) -> None:
    phone = wechat()
    phone.say("我妈七十五了")
    phone.say("我在", "another")
    assert len(store_of(phone)) == 2 and "七十五".encode() in everything_in(tmp_path)
    assert phone.event("unsubscribe") == ""
    assert list(store_of(phone)) == [heard(phone)[1].sender_id]
    assert "七十五".encode() not in everything_in(tmp_path) and "我在".encode() in everything_in(tmp_path)


def test_leaving_while_the_queue_is_full_is_tried_again(
    wechat: Wechat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = wechat()
    phone.say("我妈七十五了")

    async def full(*_: Any) -> Any:
        raise WebError("too_many_waiting")

    with monkeypatch.context() as busy:
        busy.setattr(phone.server.channel._turns, "run", full)  # type: ignore[attr-defined]
        fields = push("event", Event="unsubscribe")
        # Held, as a try without an answer is: WeChat sends it once more.
        assert tried(phone, fields) is None and "七十五".encode() in everything_in(tmp_path)
    assert tried(phone, fields) == "" and "七十五".encode() not in everything_in(tmp_path)


def test_forgetting_in_words(wechat: Wechat, tmp_path: Path) -> None:
    async def bot(heard: UserMessage) -> None:
        made = message("ack")
        if heard.text == "删除我的记录":
            made["text"] = "您的记录已经删掉了。"
            made["custom"]["of"] = "forget"
        await heard.output_channel.send_response(heard.sender_id, made)

    phone = wechat(bot)
    phone.say("我妈七十五了")
    fields = push(Content="删除我的记录")
    assert phone.read(phone.post(fields)) == phone.read(phone.post(fields)) == "您的记录已经删掉了。"
    assert store_of(phone) == {} and len(heard(phone)) == 2
    left = everything_in(tmp_path)
    assert "七十五".encode() not in left and "删掉".encode() not in left


def test_a_deletion_that_failed_is_not_said_to_be_done(wechat: Wechat, monkeypatch: pytest.MonkeyPatch) -> None:
    async def bot(heard: UserMessage) -> None:
        made = message("ack")
        made["custom"]["of"] = "forget"
        await heard.output_channel.send_response(heard.sender_id, made)

    phone = wechat(bot)
    phone.server.agent.tracker_store = type("Odd", (), {"store": {}})()  # type: ignore[attr-defined]
    assert phone.say("删除我的记录") == APOLOGIES["not_deleted"]


# --- nobody is named ------------------------------------------------------------------------------


def test_an_openid_is_neither_stored_nor_logged(
    wechat: Wechat, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def broken(heard: UserMessage) -> None:
        raise RuntimeError(f"words of {heard.text}")

    phone, failing = wechat(), wechat(broken)
    phone.say("我妈七十五了")
    assert APOLOGIES["bot_failure"] in failing.say("我妈七十五了")
    query, body = phone.request(push(Content="好"))
    phone.post_raw({**query, "openid": OPENID}, body)
    phone.post_raw({**query, "openid": OPENID, "nonce": "x"}, body)
    phone.event("unsubscribe")
    assert OPENID.encode() not in everything_in(tmp_path)
    # urllib3 is the phone's own.
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("urllib3"))
    assert "failed" in ours and OPENID not in ours and "七十五" not in ours


def test_files_are_for_their_owner_alone(wechat: Wechat, tmp_path: Path) -> None:
    wechat().say("好")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "var").glob("state.db*")} == {0o600}


# --- failures -------------------------------------------------------------------------------------


def test_a_bot_that_fails_or_says_nothing_apologises(wechat: Wechat) -> None:
    async def silent(heard: UserMessage) -> None:
        return None

    assert wechat(silent).say("问") == APOLOGIES["no_reply"]
    assert wechat(bot_of("ack", text=5), strict=False).say("问") == APOLOGIES["contract"]
    assert wechat(bot_of("ack", text=5), strict=True).say("问") == APOLOGIES["bot_failure"]


def test_a_bot_that_is_not_ready(wechat: Wechat) -> None:
    phone = wechat()
    phone.server.agent.ready = False  # type: ignore[attr-defined]
    assert phone.say("问") == APOLOGIES["starting"]
    del phone.server.app.ctx.agent  # type: ignore[attr-defined]
    assert phone.say("问") == APOLOGIES["starting"]


def test_who_sends_too_fast_is_told_so(wechat: Wechat) -> None:
    phone = wechat(per_minute=3)
    said = [phone.say("问") for _ in range(3)]
    assert said == ["您说：问", say("wechat_too_many"), say("wechat_too_many")]
    assert phone.say("问", "another") == "您说：问"


# --- tries ----------------------------------------------------------------------------------------


def sleepy(seconds: dict[str, float]) -> Callable[[UserMessage], Any]:
    """A bot that takes its time over some texts."""

    async def bot(heard: UserMessage) -> None:
        await asyncio.sleep(seconds.get(heard.text or "", 0.0))
        made = {**message("ack"), "text": f"答{heard.text}。"}
        await heard.output_channel.send_response(heard.sender_id, made)

    return bot


def tried(phone: Phone, fields: dict[str, Any], after: float = 0.7) -> str | None:
    """A try that WeChat cuts; None where nothing was said until then."""
    try:
        return phone.read(phone.post(fields, timeout=after))
    except requests.Timeout:
        return None


def test_three_tries_over_real_connections(wechat: Wechat) -> None:
    phone = wechat(sleepy({"慢": 1.0}))
    fields = push(Content="慢")
    assert [tried(phone, fields), tried(phone, fields)] == [None, "答慢。"]
    assert texts(phone) == ["慢"]


def test_after_three_tries_the_answer_goes_with_the_next_message(wechat: Wechat) -> None:
    phone = wechat(sleepy({"慢": 2.4}))
    fields = push(Content="慢")
    assert [tried(phone, fields) for _ in range(3)] == [None, None, ""]
    # The next message waits for its turn behind the slow one.
    assert phone.say("快") == "您刚才问的“慢”，查到了：\n答慢。\n\n答快。"
    assert phone.say("再") == "答再。" and texts(phone) == ["慢", "快", "再"]


class Sent:
    """A sender that takes notes."""

    def __init__(self, works: bool = True, menus: bool = False) -> None:
        self.works, self.menus = works, menus
        self.sent: list[tuple[Any, ...]] = []
        self.events: list[tuple[str, str]] = []
        self.articles: list[tuple[str, ...]] = []

    async def heard(self, openid: str, what: str) -> None:
        self.events.append((openid, what))

    async def forget(self, openid: str) -> None:
        self.events.append((openid, "forget"))

    async def text(self, openid: str, text: str) -> bool:
        self.sent.append((openid, text))
        return self.works

    async def news(self, openid: str, title: str, description: str, url: str) -> bool:
        self.articles.append((openid, title, description, url))
        return self.works

    async def menu_buttons(self, openid: str, head: str, items: Any, tail: str) -> bool:
        if self.menus:
            self.sent.append((openid, head, list(items), tail))
        return self.menus


SERVICE = replace(SAFE, rights=frozenset({"service"}))


def until(happens: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_account_with_the_right_sends_what_came_too_late(wechat: Wechat) -> None:
    sender = Sent()
    phone = wechat(sleepy({"慢": 2.4}), SERVICE, sender=sender)
    fields = push(Content="慢")
    assert [tried(phone, fields) for _ in range(3)] == [None, None, ""]
    until(lambda: bool(sender.sent))
    assert sender.sent == [(OPENID, "您刚才问的“慢”，查到了：\n答慢。")]
    assert phone.say("快") == "答快。" and sender.events == [(OPENID, "message")] * 2
    phone.event("CLICK", EventKey="快")
    phone.event("subscribe")
    phone.event("SCAN")
    phone.event("unsubscribe")
    assert [what for _, what in sender.events[2:]] == ["click", "subscribe", "scan", "forget"]


def test_a_sender_that_fails_loses_nothing(wechat: Wechat) -> None:
    sender = Sent(works=False)
    phone = wechat(sleepy({"慢": 2.4}), SERVICE, sender=sender)
    fields = push(Content="慢")
    for _ in range(3):
        tried(phone, fields)
    until(lambda: bool(sender.sent))
    assert phone.say("快") == "您刚才问的“慢”，查到了：\n答慢。\n\n答快。"


def test_a_right_that_nothing_is_set_up_for_sends_nothing_and_loses_nothing(wechat: Wechat) -> None:
    phone = wechat(sleepy({"慢": 2.4}), SERVICE)
    fields = push(Content="慢")
    assert [tried(phone, fields) for _ in range(3)] == [None, None, ""]
    assert phone.say("快") == "您刚才问的“慢”，查到了：\n答慢。\n\n答快。"


def test_an_account_without_the_right_never_sends(wechat: Wechat) -> None:
    sender = Sent()
    phone = wechat(sleepy({"慢": 2.4}), SAFE, sender=sender)
    for _ in range(3):
        tried(phone, push(Content="慢", MsgId=5, created=7))
    phone.say("快")
    assert sender.sent == sender.events == []


def test_lines_to_tap_are_known_again(wechat: Wechat) -> None:
    async def bot(heard: UserMessage) -> None:
        await asyncio.sleep(2.4 if heard.text == "慢" else 0)
        await heard.output_channel.send_response(heard.sender_id, message("question"))

    sender = Sent(menus=True)
    phone = wechat(bot, replace(SAFE, rights=frozenset({"service", "msgmenu"})), sender=sender)
    fields = push(Content="慢")
    for _ in range(3):
        tried(phone, fields)
    until(lambda: bool(sender.sent))
    ((openid, head, items, tail),) = sender.sent
    assert openid == OPENID and head == message("question")["text"] and tail == ""
    assert [title for _, title in items] == ["是", "不是", "不清楚"] and all(number.isdigit() for number, _ in items)
    phone.say("不是", bizmsgmenuid=items[1][0])
    phone.say("是", bizmsgmenuid=items[0][0])  # an older menu: its words count
    phone.say("好", bizmsgmenuid="x")
    assert texts(phone) == ["慢", "不是", "是", "好"]


def test_messages_of_one_resident_keep_their_order(wechat: Wechat) -> None:
    phone = wechat(sleepy({"一": 0.25}))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(phone.say, "一")
        time.sleep(0.08)
        assert phone.say("二") == "答二。" and first.result() == "答一。"
    assert texts(phone) == ["一", "二"]


def test_another_process_on_the_same_folder_joins(wechat: Wechat) -> None:
    one, other = wechat(sleepy({"慢": 1.0})), wechat()
    fields = push(Content="慢")
    assert [tried(one, fields), tried(other, fields)] == [None, "答慢。"]
    assert texts(one) == ["慢"] and texts(other) == []
    assert tried(one, fields) == "答慢。"


def test_a_page_with_more_is_linked(wechat: Wechat) -> None:
    seen: list[tuple[str, str]] = []

    async def link_for(conversation: str, made: dict[str, Any]) -> tuple[str, str, str] | None:
        seen.append((conversation, made["custom"]["kind"]))
        return ("看地图和清单", "", "https://a.example/card/x") if made["custom"]["kind"] == "verdict" else None

    phone = wechat(bot_of("faq", "verdict"), link_for=link_for)
    assert '<a href="https://a.example/card/x">看地图和清单</a>' in phone.say("问")
    assert seen == [(heard(phone)[0].sender_id, "faq"), (heard(phone)[0].sender_id, "verdict")]


@pytest.mark.parametrize("account", [SERVICE, SAFE])
def test_a_page_is_an_article_too_where_the_account_may(wechat: Wechat, account: Account) -> None:
    async def link_for(_: str, made: dict[str, Any]) -> tuple[str, str, str] | None:
        return ("看地图和清单", "附近的食堂", "https://a.example/card/x") if made["custom"]["kind"] == "sites" else None

    sender = Sent()
    phone = wechat(bot_of("sites"), account, sender=sender, link_for=link_for)
    assert "https://a.example/card/x" in phone.say("问") and sender.articles == []
    if account is SAFE:
        time.sleep(ARTICLE_AFTER_S * 2)
        assert sender.articles == []
    else:
        until(lambda: bool(sender.articles))
        assert sender.articles == [(OPENID, "看地图和清单", "附近的食堂", "https://a.example/card/x")]


def test_for_the_server_around_it(wechat: Wechat, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = wechat()
    server = phone.server  # type: ignore[attr-defined]
    phone.say("好")
    assert server.do(server.channel.storage_trouble()) == "" and server.do(server.channel.sweep()) == 0
    assert server.channel.get_output_channel() is None

    def full(*_: Any) -> Any:
        raise OSError("no space left on device")

    monkeypatch.setattr(server.channel._store._database, "_atomically", full)
    assert "写不进去" in server.do(server.channel.storage_trouble())
    assert phone.say("还是要答") == "您说：还是要答"


def test_an_unexpected_failure_is_success(wechat: Wechat, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = wechat()

    async def broken(*_: Any) -> Answer:
        raise RuntimeError("no")

    monkeypatch.setattr(phone.server.channel._tries, "take", broken)  # type: ignore[attr-defined]
    assert phone.say("问") == ""


def test_the_pages_of_a_conversation_go_with_it(wechat: Wechat) -> None:
    gone: list[str] = []

    async def link_for(conversation: str, made: dict[str, Any]) -> tuple[str, str, str] | None:
        return "看清单", "", "https://a.example/card/x"

    async def forget(conversation: str) -> None:
        gone.append(conversation)

    phone = wechat()
    phone.server.channel.use_pages(link_for, forget)  # type: ignore[attr-defined]
    assert phone.say("问").endswith('<a href="https://a.example/card/x">看清单</a>')
    phone.event("unsubscribe")
    assert gone == [heard(phone)[0].sender_id]


def test_the_reply_is_signed(wechat: Wechat) -> None:
    fields = xml.parse(wechat().post(push(Content="好")).content)
    assert set(fields) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    assert fields["MsgSignature"] == signature(SAFE.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
