"""The patterns of ``knowledge/content/emergencies.yml`` on sentences of residents (``tests/emergencies.yml``).

Asked through the bot's own ``find_emergency``: the first record that matches without its ``unless`` decides.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import yaml

from bot.nlu.reading import find_emergency
from knowledge.schema import EmergenciesFile
from knowledge.text import bare, normalise
from tests.support.driver import Bot

ROOT = Path(__file__).resolve().parent.parent
FILE = msgspec.convert(
    yaml.safe_load((ROOT / "knowledge/content/emergencies.yml").read_text("utf-8")), type=EmergenciesFile
)
SENTENCES: list[dict[str, str]] = yaml.safe_load((ROOT / "tests/emergencies.yml").read_text("utf-8"))["sentences"]
#: Those that no pattern decides, but the whole bot.
BY_TONE = [sentence for sentence in SENTENCES if sentence.get("by") == "tone"]
#: The number for each kind; the record's text may name it beside its own.
PHONES = {"medical": "120", "fire": "119", "crime": "110", "suicide": "12356", "traffic": "12"}


def kind_of(text: str) -> str:
    """The kind of danger in ``text``, or "none"."""
    number = find_emergency(normalise(text), FILE.emergencies, FILE.all_clear)
    return FILE.emergencies[number].kind if number is not None else "none"


@pytest.mark.parametrize("sentence", [sentence for sentence in SENTENCES if "by" not in sentence],
                         ids=lambda sentence: str(sentence["text"]))
def test_kind_of_danger(sentence: dict[str, str]) -> None:
    assert kind_of(sentence["text"]) == sentence["kind"]


@pytest.mark.parametrize("sentence", BY_TONE, ids=lambda sentence: str(sentence["text"]))
def test_danger_heard_from_the_tone(bot: Bot, sentence: dict[str, str]) -> None:
    replies = bot.converse("510100").say(sentence["text"])
    helps = [reply for reply in replies if reply["custom"]["kind"] == "emergency"]
    assert bool(helps) == (sentence["kind"] != "none")
    assert not helps or PHONES[sentence["kind"]] in helps[0]["text"]


@pytest.mark.parametrize("sentence", [sentence for sentence in SENTENCES if sentence["kind"] == "none"],
                         ids=lambda sentence: str(sentence["text"]))
def test_no_tone_makes_it_danger(bot: Bot, sentence: dict[str, str]) -> None:
    assert not [reply for reply in bot.converse("510100").say(sentence["text"])
                if reply["custom"]["kind"] == "emergency"]


@pytest.mark.parametrize(("text", "kind"), [
    ("有人持刀抢超市，另外问一下公租房怎么申请", "crime"), ("高龄津贴在哪里办，对了我奶奶刚刚晕倒了", "medical"),
    ("我家着火了，还有我想问租房补贴怎么申请", "fire"),
])
def test_a_question_besides_hides_no_danger(text: str, kind: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(("text", "over"), [
    ("爸爸糊涂，走丢过一次，白天想找个托管的地方", True), ("爸爸走丢过一次，今天又走丢了，找不到人", False),
    ("家里昨晚着火，家当全烧光了，现在借住朋友家", True), ("家里着火，东西都烧光了，人还困在里面", False),
])
def test_what_is_over_asks_for_help_with_living_on(text: str, over: bool) -> None:
    assert (kind_of(text) == "none") == over


@pytest.mark.parametrize("text", [
    "警察还没来，他还在砸门", "救护车怎么还没到，他叫不醒了", "送医院来不及了，人没气了", "火灭了又烧起来了",
    "死了就都没事了", "还没到医院就昏过去了",
])
def test_all_clear_hides_no_danger(text: str) -> None:
    assert kind_of(text) != "none"


@pytest.mark.parametrize("text", [
    "刚才厨房着火了，现在火已经灭了", "我妈晕倒了，已经送到医院了", "孩子走丢了，现在找到了，没事了",
    "有小偷，警察已经来了",
])
def test_what_is_over_is_no_danger(text: str) -> None:
    assert kind_of(text) == "none"


@pytest.mark.parametrize(("text", "words"), [
    ("我刚把钱转给骗子了", "别再转钱"), ("孩子放学没回家", "走失的人"), ("家里煤气漏了", "别点火"),
    ("孩子的头卡在栏杆里了", "硬拽"), ("邻居家着火了", "离开着火"),
    ("有人拿刀砍人", "能躲就躲"),
])
def test_what_is_said_fits_what_happened(text: str, words: str) -> None:
    number = find_emergency(normalise(text), FILE.emergencies, FILE.all_clear)
    assert number is not None
    assert words in FILE.emergencies[number].text


def test_number_comes_in_the_text() -> None:
    for record in FILE.emergencies:
        assert record.phone in record.text.split("，")[0] + record.text[:20]


def test_sentences_are_many_and_half_are_harmless() -> None:
    harmless = sum(sentence["kind"] == "none" for sentence in SENTENCES)
    assert len(SENTENCES) >= 300
    assert harmless >= 130
    assert len({bare(sentence["text"]) for sentence in SENTENCES}) == len(SENTENCES)


def test_no_sentence_is_a_training_sentence() -> None:
    trained = {
        bare(line.strip()[2:])
        for path in (ROOT / "data/nlu").glob("**/*.yml")
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]
        for line in block["examples"].splitlines()
    }
    assert not [sentence["text"] for sentence in SENTENCES if bare(sentence["text"]) in trained]
