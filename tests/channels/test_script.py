"""Traditional signs for those who read them: every kind of message, over every call, and nothing else is touched."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from typing import Any

import opencc
import pytest
import requests
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.channels.channel import UserMessage

from bot.channels.script import FIXED, HANS, HANT, traditional, written
from bot.contract import validate
from knowledge.base import CONTENT
from tests.channels.messages import ALL_KINDS, message
from tests.channels.server import Server

Serve = Callable[..., Server]
SIMPLIFIED_ONLY = set("们这说为会从无医养补贴领条证关实际务总")


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Each text and number with the key it stands under (of a list, the list's)."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, key)
    else:
        yield key, value


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_stays_a_sound_message_whose_fixed_fields_are_the_same(kind: str) -> None:
    before = message(kind)
    after = written(before, HANT)
    assert before == message(kind), "the message itself is left as it was: it is kept in Simplified"
    validate(after)
    pairs = list(zip(leaves(before), leaves(after), strict=True))
    for (key, old), (same, new) in pairs:
        assert key == same
        if key in FIXED or not isinstance(old, str):
            assert new == old, key
        else:
            assert new == traditional(old)
            assert not SIMPLIFIED_ONLY & set(new), new
    read = [(old, new) for (key, old), (_, new) in pairs if isinstance(old, str) and key not in FIXED]
    assert any(old != new for old, new in read)
    assert written(after, HANT) == after
    assert written(before, HANS) is before


def test_what_is_sent_back_dialled_or_looked_up_is_never_rewritten() -> None:
    button = {"title": "要带什么材料", "payload": "租房补贴要带什么材料"}
    said = written({**message("verdict"), "buttons": [button]}, HANT)
    assert said["buttons"] == [{"title": "要帶什麼材料", "payload": "租房补贴要带什么材料"}]
    assert said["custom"]["receipt"] == message("verdict")["custom"]["receipt"]
    sites = written(message("sites"), HANT)["custom"]
    assert sites["items"][0]["map_url"] == message("sites")["custom"]["items"][0]["map_url"]
    assert sites["items"][0]["name"] == "五角場街道社區長者食堂"


def test_what_fields_are_called_by_programs_is_what_the_schema_fixes() -> None:
    """A field whose form the schema fixes (a slug, a code, an address) would no longer fit once rewritten."""
    schema = json.loads((CONTENT.parents[1] / "bot" / "contract" / "answer.schema.json").read_text("utf-8"))
    held = {"slug", "factSlug", "policyId", "region", "date", "publishedDate", "webAddress", "phone", "outcome"}

    def fixed(of: Any) -> bool:
        if not isinstance(of, dict):
            return False
        if of.get("$ref", "").rpartition("/")[2] in held or "enum" in of or "const" in of or "pattern" in of:
            return True
        return any(fixed(item) for name in ("anyOf", "allOf") for item in of.get(name, ())) or fixed(of.get("items"))

    def names(of: Any) -> Iterator[str]:
        if isinstance(of, dict):
            yield from (name for name, item in of.get("properties", {}).items() if fixed(item))
            for item in of.values():
                yield from names(item)
        elif isinstance(of, list):
            for item in of:
                yield from names(item)

    bodies = {"errorResponse", "healthResponse", "sessionRequest", "sessionResponse", "messageRequest", "historyEntry"}
    said = {name for part, item in schema["definitions"].items() if part not in bodies for name in names(item)}
    assert said - FIXED == set()


def every_text(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from every_text(item)
    elif isinstance(value, str):
        yield value


def test_nothing_that_we_can_say_changes_when_it_is_rewritten_again() -> None:
    texts: set[str] = set()
    for path in CONTENT.rglob("*.csv"):
        with path.open(encoding="utf-8") as rows:
            texts.update(cell for row in csv.reader(rows) for cell in row)
    for path in [*CONTENT.glob("texts/*.yml"), *CONTENT.glob("510100/*.yml"), *CONTENT.glob("310110/*.yml")]:
        texts.update(every_text(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)))
    once = {text: traditional(text) for text in texts}
    assert [text for text in once.values() if traditional(text) != text] == []
    plain = opencc.OpenCC("s2tw")
    # Words are chosen by what stands around them: nearly always as OpenCC says of our Simplified.
    different = [text for text, new in once.items() if plain.convert(text) != new]
    assert len(different) <= len(texts) / 100, different[:20]


@pytest.mark.parametrize(("hans", "hant"), [
    ("邻里通", "鄰里通"), ("以后再说", "以後再說"), ("皇后", "皇后"), ("头发", "頭髮"), ("发展", "發展"),
    ("面条", "麵條"), ("一公里", "一公里"), ("这里面", "這裡面"), ("12345", "12345"), ("", ""),
    ("您和本地的单位签劳动合同了吗", "您和本地的單位簽勞動合同了嗎"), ("抽签", "抽籤"), ("摇号中签", "搖號中籤"),
    ("家庭医生怎么签", "家庭醫生怎麼簽"), ("公寓能买还是只能租", "公寓能買還是只能租"), ("一只猫", "一隻貓"),
    ("公布的名单只有名字", "公佈的名單只有名字"), ("您家具体多少要问窗口", "您家具體多少要問窗口"),
    ("周几出诊", "週幾出診"), ("周一到周五", "週一到週五"), ("周边", "周邊"),
    ("幺儿上小学", "幺兒上小學"), ("什么时候", "什麼時候"), ("老人吃饭", "老人吃飯"), ("刚才列出的", "剛才列出的"),
])
def test_words_of_two_readings(hans: str, hant: str) -> None:
    assert traditional(hans) == hant == traditional(hant)


@settings(max_examples=200, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
))
def test_nothing_breaks_the_walk(value: Any) -> None:
    after = written(value, HANT)
    assert [key for key, _ in leaves(after)] == [key for key, _ in leaves(value)]


# --- over the calls -----------------------------------------------------------------------------------


async def talk(heard: UserMessage) -> None:
    await heard.output_channel.send_response(heard.sender_id, {**message("question"), "text": "您说这里有养老补贴吗？"})


HANS_TEXT, HANT_TEXT = "您说这里有养老补贴吗？", "您說這裡有養老補貼嗎？"


def test_an_answer_the_history_and_the_events_come_in_the_script_that_is_asked_for(serve: Serve) -> None:
    server = serve(talk)
    token = server.session()["token"]
    first = server.post(token, "养老补贴", "m1", script="hant").json()["messages"][0]
    assert first["text"] == HANT_TEXT
    assert [button["payload"] for button in first["buttons"]] == ["是", "不是", "不清楚"]
    # The same message again in the other script, from what is kept: the bot is not asked twice.
    assert server.post(token, "养老补贴", "m1").json()["messages"][0]["text"] == HANS_TEXT
    assert len(server.agent.heard) == 1

    def history(**query: str) -> list[dict[str, Any]]:
        return list(server.get("/webhooks/web/history", token, params=query).json()["messages"])

    assert [entry["message"]["text"] for entry in history()] == ["养老补贴", HANS_TEXT]
    assert [entry["message"]["text"] for entry in history(script="hans")] == ["养老补贴", HANS_TEXT]
    asked, answered = history(script="hant")
    assert asked["message"]["text"] == "养老补贴", "the resident's own words stay as they were typed"
    assert answered["message"] == first
    for query, other, text in (("script=hant", "hans", HANT_TEXT), ("script=hans", "hant", HANS_TEXT),
                               ("", "hant", HANS_TEXT)):
        headers = {"Last-Event-ID": str(first["id"] - 1)}
        with server.get(f"/webhooks/web/events?{query}", token, headers=headers, stream=True) as stream:
            lines = stream.iter_lines(decode_unicode=True)
            told = (json.loads(line[6:]) for line in lines if line.startswith("data: "))
            assert next(told)["text"] == text, "what was missed"
            last = server.post(token, "再问一次", script=other).json()["messages"][0]["id"]
            live = next(item for item in told if item["id"] == last)
            assert live["text"] == text, "what another tab asks in the other script while the stream is open"


def test_regions_and_refusals_come_in_the_script_too(serve: Serve) -> None:
    server = serve(talk)
    told = server.get("/webhooks/web/regions", params={"script": "hant"}).json()["regions"]
    assert [item["name"] for item in told] == ["成都", "上海楊浦", "其他地方"]
    error = server.get("/webhooks/web/history", params={"script": "hant"}).json()["error"]
    assert error == {"code": "no_token", "message": traditional("请先刷新页面，再继续提问。")}
    token = server.session()["token"]
    too_long = server.post(token, "长" * 600, script="hant")
    assert too_long.status_code == 413 and "縮短" in too_long.text
    deleted = requests.delete(f"{server.url}/webhooks/web/conversation?script=hant",
                              headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert "刪除" in deleted.json()["message"]


@pytest.mark.parametrize("script", ["Hant", "zh-TW", "en", "1"])
def test_another_script_is_refused(serve: Serve, script: str) -> None:
    server = serve(talk)
    token = server.session()["token"]
    asked: dict[str, Any] = {"params": {"script": script}}
    for answer in (server.post(token, "问", script=script), server.get("/webhooks/web/regions", **asked),
                   server.get("/webhooks/web/history", token, **asked)):
        assert answer.status_code == 400 and answer.json()["error"]["code"] == "bad_request"
    junk: Any
    for junk in (1, True, [], {}):
        assert server.post(token, "问", script=junk).status_code == 400
    assert server.agent.heard == []
