"""“删除我的记录” on the real server: what a resident said in any way is nowhere afterwards, and in no log ever."""

from __future__ import annotations

import hashlib
import secrets
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import requests

from bot.settings import settings
from bot.training import ensure_model
from tests.server.process import Conversation, Server, within
from tests.support.services import Postgres

REGION = "310110"
WECHAT_TOKEN = "TokenOfTheTests0"
#: Words that nothing else in the world writes, so that they are found wherever they lie; each is said in another way.
WEB, COMMENT, WECHAT, PUBLIC = "椴槭榉楠", "鳜鲅鲈鲷", "鸬鹚鹭鸶", "蕨苔藓菌"


@dataclass
class World:
    """A server and where it keeps things. ``dump``: all that its database gives out, as text."""

    server: Server
    dump: Callable[[], bytes]
    residents: list[Conversation] = field(default_factory=list)

    def lies_in(self, word: str) -> list[str]:
        """Where ``word`` can be read: files of the folder byte by byte, and the database."""
        forms = [word.encode("utf-8"), word.encode("utf-16-le"), word.encode("unicode_escape"),
                 word.encode("unicode_escape").upper().replace(b"\\U", b"\\u")]
        places = {str(path): path.read_bytes() for path in self.server.folder.rglob("*") if path.is_file()}
        places["the database"] = self.dump()
        return sorted(name for name, held in places.items() if any(form in held for form in forms))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The real server, on each kind of database, with WeChat's door open."""
    ensure_model()
    more = {"LINLITONG_WECHAT_TOKEN": WECHAT_TOKEN, "LINLITONG_WECHAT_APPID": "wx0123456789abcdef",
            "LINLITONG_WECHAT_MODE": "plain", "LINLITONG_WECHAT_REGION": REGION,
            "LINLITONG_PUBLIC_URL": "https://linli.example.gov.cn", "LINLITONG_CACHE": str(settings().cache)}
    dump: Callable[[], bytes] = lambda: b""  # noqa: E731
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.fresh()
        more |= {"STATE_URL": url, "LINLITONG_SECRET": secrets.token_hex(32)}
        dump = lambda: dumped(postgres, url)  # noqa: E731
    folder = tmp_path_factory.mktemp(f"everywhere-{request.param}")
    server = Server(folder, settings().content, more)
    try:
        server.start()
        yield World(server, dump)
    finally:
        server.kill()


def dumped(postgres: Postgres, url: str) -> bytes:
    """Every row of the database, as pg_dump writes it."""
    program = Path(psutil.Process(postgres.pid).exe()).parent / "pg_dump"
    done = subprocess.run([str(program), "--inserts", url], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert b"CREATE TABLE" in done.stdout
    return done.stdout


def push(world: World, openid: str, content: str = "", **fields: str) -> str:
    """What WeChat is answered to a push of its own."""
    stamp, nonce = str(int(time.time())), uuid.uuid4().hex[:8]
    signature = hashlib.sha1("".join(sorted([WECHAT_TOKEN, stamp, nonce])).encode()).hexdigest()
    told = {"ToUserName": "gh_1", "FromUserName": openid, "CreateTime": stamp, "MsgType": "text", "Content": content,
            "MsgId": str(uuid.uuid4().int % 10**15), **fields}
    body = "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in told.items()) + "</xml>"
    answer = requests.post(f"{world.server.url}/webhooks/wechat/", data=body.encode(), timeout=20,
                           params={"signature": signature, "timestamp": stamp, "nonce": nonce})
    assert answer.status_code == 200
    return answer.text


def judge(world: World, web: Conversation, answer_id: str) -> None:
    body = {"token": web.token, "answer_id": answer_id, "helpful": False, "comment": f"{COMMENT}没答好"}
    assert requests.post(f"{world.server.url}/webhooks/web/feedback", json=body, timeout=20).status_code == 204


def tell_all(world: World, web: Conversation) -> None:
    """A resident of the web says something in every way there is."""
    web.say("我妈七十五了，一个月三千块")
    answer = web.say(f"{WEB}附近有老年食堂吗", location={"lng": 121.513, "lat": 31.301, "crs": "wgs84"})
    web.say(f"我叫王{WEB[:2]}，{WEB}是我家")
    judge(world, web, answer[0]["custom"]["answer_id"])


@pytest.mark.parametrize("way", ["button", "words"])
def test_nothing_is_left_of_a_resident_of_the_web(world: World, way: str) -> None:
    web = world.server.converse(REGION)
    tell_all(world, web)
    # Whatever is looked for below is really there before.
    assert world.lies_in(WEB) and world.lies_in(COMMENT) and world.lies_in(web.id)
    if way == "button":
        answer = web.forget()
        assert answer.status_code == 200 and "删除" in answer.json()["message"]
        assert answer.json()["deleted"]["replies"] >= 3
    else:
        assert "删" in web.say("删除我的记录")[0]["text"]
    for word in (WEB, COMMENT, web.id):
        assert world.lies_in(word) == []
    assert web.history() == []
    kept = world.server.get("/webhooks/web/export", web.token).json()
    assert (kept["facts"], kept["messages"], kept["judgements"]) == ([], [], [])


@pytest.mark.parametrize("way", ["words", "unfollowing"])
def test_nothing_is_left_of_a_resident_of_wechat(world: World, way: str) -> None:
    openid = f"o{uuid.uuid4().hex[:27]}"
    push(world, openid, f"{WECHAT}附近有老年食堂吗")
    push(world, openid, MsgType="location", Location_X="31.301", Location_Y="121.513", Scale="16", Label=WECHAT)
    push(world, openid, f"我妈七十五了，住{WECHAT}")
    push(world, openid, f"{WECHAT}能领高龄津贴不")
    assert world.lies_in(WECHAT)
    # The OpenID itself is never stored, only a keyed hash.
    assert world.lies_in(openid) == []
    before = rows(world)
    if way == "words":
        assert "删" in push(world, openid, "删除我的记录")
    else:
        push(world, openid, MsgType="event", Event="unsubscribe", EventKey="")
    within(20, lambda: not world.lies_in(WECHAT) or None)
    assert rows(world) < before
    assert world.lies_in(openid) == []


def rows(world: World) -> int:
    """How many cards and states of WeChat there are."""
    import sqlite3

    file = world.server.folder / "var" / "state.db"
    if not file.exists():
        return world.dump().count(b"INSERT INTO public.wechat_cards") + \
            world.dump().count(b"INSERT INTO public.wechat_conversations")
    with sqlite3.connect(file) as db:
        found = sum(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    for table in ("wechat_cards", "wechat_conversations"))
    db.close()
    return int(found)


def test_numbers_are_nowhere_at_any_time(world: World) -> None:
    """Not after a deletion but at once: what identifies a person is not kept at all."""
    web = world.server.converse(REGION)
    number, mobile = "510102194803051234", "13800138000"
    replies = web.say(f"我身份证{number}，电话幺三八零零幺三八零零零，能办老年卡吗")
    assert replies[0]["custom"]["of"] == "hidden" and "没有保存" in replies[0]["text"]
    # Told once.
    assert web.say(f"电话{mobile}，老年食堂在哪")[0]["custom"].get("of") != "hidden"
    answer = web.say("附近有老年食堂吗")[0]
    judge(world, web, answer["custom"]["answer_id"])
    push(world, f"o{uuid.uuid4().hex[:27]}", f"我身份证{number}，电话{mobile}，能办老年卡吗")
    for word in (number, mobile, "幺三八零零", number[6:14]):
        assert world.lies_in(word) == []


def test_names_and_rooms_are_not_kept_but_the_street_is(world: World) -> None:
    web = world.server.converse(REGION)
    web.say(f"我叫欧阳{WEB[:2]}，住国和路100弄3号502室，附近有老年食堂吗")
    assert world.lies_in(f"欧阳{WEB[:2]}") == [] and world.lies_in("100弄3号") == [] and world.lies_in("502室") == []
    assert world.lies_in("国和路100弄")


def test_no_log_holds_a_word_of_a_resident(world: World) -> None:
    """Runs last: the log of everything above, and of a message that the bot breaks on."""
    web = world.server.converse(REGION)
    web.say(f"{PUBLIC}" * 100)
    torn = f'{{"token": "{PUBLIC}", "text": '.encode()
    requests.post(f"{world.server.url}/webhooks/web/message", data=torn, timeout=20)
    requests.get(f"{world.server.url}/webhooks/web/{PUBLIC}", timeout=20)
    printed = world.server.printed()
    for word in (WEB, COMMENT, WECHAT, PUBLIC, "510102194803051234", "13800138000", web.token):
        assert word not in printed
    assert "国和路" not in printed
