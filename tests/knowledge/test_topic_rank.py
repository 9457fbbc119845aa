"""What speaks for each topic, and the chances made of it; a new topic counts at once, without training."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.base import KnowledgeBase, Snapshot, build
from knowledge.encoder import NoEncoder, shared_encoder
from knowledge.faq import FaqIndex, FaqRecord, Phrase
from knowledge.schema import Faq
from knowledge.topic_rank import FEATURES, LEARNT, WEIGHTS, TopicChance, features, rank

SMALL = Path(__file__).parent / "small_content"


def record(region: str, topic: str, name: str, *phrases: str) -> FaqRecord:
    faq = Faq(id=name, question=phrases[0], paraphrases=phrases[1:], answer="。", sources=("s",), must_win=(),
              must_not=())
    return FaqRecord(f"{region}/{topic}#{name}", region, topic, faq)


RECORDS = [
    record("100000", "rent", "what", "租房补贴是什么", "什么叫租房补贴", "讲讲租房补贴"),
    record("100000", "rent", "where", "租房补贴去哪里办", "办租房补贴找谁"),
    record("100000", "meal", "what", "老年食堂是什么"),
    record("100000", "meal", "where", "老年食堂在哪里", "哪里有老人吃饭的地方"),
    record("320100", "meal", "where", "南京的长者餐厅有哪几家"),
    record("510100", "loan", "what", "蓉易贷是什么"),
]
EXTRA = [Phrase("房租太贵负担不起", "rent", "100000"), Phrase("育儿补贴", "child", "100000")]
TEXTS = ["租房补贴多少钱", "老人在哪里吃饭", "蓉易贷", "养娃有没有补助", "？！", "", "abc"]


@pytest.fixture(scope="module", params=["n-grams", "meaning"])
def index(request: pytest.FixtureRequest) -> FaqIndex:
    encoder = NoEncoder() if request.param == "n-grams" else shared_encoder()
    return FaqIndex(RECORDS, EXTRA, content=encoder, residents=encoder)


def ranked(index: FaqIndex, text: str, region: str = "320100", **told: Any) -> list[TopicChance]:
    return rank(index, text, index.scores(text, region), region=region,
                **{"named": {}, "pointed": {}, **told})


def chance(found: list[TopicChance], topic: str) -> float:
    return next(item.chance for item in found if item.topic == topic)


# --- evidence --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("region", ["100000", "320100", "510104"])
def test_the_evidence_of_a_topic_is_that_of_its_phrases(index: FaqIndex, text: str, region: str) -> None:
    scores = index.scores(text, region)
    replaced = {"老年食堂在哪里", "哪里有老人吃饭的地方"} if region == "320100" else set()
    holding = {"100000", region, f"{region[:4]}00"}
    for item in index.topic_evidence(text, scores, region=region):
        own = sorted((float(scores[place]) for place, phrase in enumerate(index.phrases)
                      if phrase.topic == item.topic and phrase.region in holding and phrase.text not in replaced),
                     reverse=True)
        assert item.nearest == pytest.approx(own[0], abs=1e-6)
        assert item.near == pytest.approx(sum(own[:5]) / 5, abs=1e-6)
        assert scores[item.phrase] == pytest.approx(item.nearest, abs=1e-6)
        assert index.phrases[item.phrase].topic == item.topic
        assert index.text_of(item.phrase) == index.phrases[item.phrase].text


def test_only_topics_of_the_regions_chain_have_evidence(index: FaqIndex) -> None:
    def topics(region: str) -> set[str]:
        return {item.topic for item in index.topic_evidence("蓉易贷", index.scores("蓉易贷"), region=region)}

    assert topics("510104") == {"rent", "meal", "child", "loan"}
    assert topics("320100") == topics("100000") == topics("999999") == {"rent", "meal", "child"}


def test_what_a_local_answer_replaces_speaks_for_no_topic(index: FaqIndex) -> None:
    text = "哪里有老人吃饭的地方"
    here, elsewhere = ({item.topic: item for item in index.topic_evidence(text, index.scores(text), region=region)}
                       for region in ("320100", "510100"))
    assert elsewhere["meal"].nearest == pytest.approx(1, abs=1e-3)
    assert here["meal"].nearest < 0.99
    assert index.text_of(here["meal"].phrase) != text


def test_wording_and_sound_of_the_best_topic_are_nothing_and_of_others_less(index: FaqIndex) -> None:
    for text in TEXTS:
        found = index.topic_evidence(text, index.scores(text), region="510100")
        assert max(item.spelt for item in found) == max(item.sounding for item in found) == 0
        assert all(np.isfinite([item.spelt, item.sounding]).all() for item in found)


def test_features_stand_in_the_order_of_their_names(index: FaqIndex) -> None:
    found = index.topic_evidence("租房补贴", index.scores("租房补贴"), region="320100")
    rows = features(found, {"rent": 0.7}, {"meal": 2})
    assert rows.shape == (len(found), len(LEARNT)) and len(FEATURES) == len(WEIGHTS)
    for item, row in zip(found, rows, strict=True):
        told = dict(zip(LEARNT, row, strict=True))
        assert [told[name] for name in ("nearest", "near", "spelt", "sounding")] == [
            item.nearest, item.near, item.spelt, item.sounding]
        assert (told["named"], told["pointed"]) == (0.7 * (item.topic == "rent"), 2 * (item.topic == "meal"))
    assert features([], {}, {}).shape == (0, len(LEARNT))


def test_no_evidence_speaks_against_its_topic() -> None:
    assert (WEIGHTS > 0).all()


# --- chances ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_chances_are_in_order_and_add_up_to_one(index: FaqIndex, text: str) -> None:
    for region in ("100000", "320100", "510104", "999999"):
        found = ranked(index, text, region)
        chances = [item.chance for item in found]
        assert sum(chances) == pytest.approx(1) and chances == sorted(chances, reverse=True)
        assert len({item.topic for item in found}) == len(found) and all(0 <= item.score <= 1.001 for item in found)


@pytest.mark.parametrize(("text", "topic"), [
    ("租房补贴找谁办", "rent"), ("给老人吃饭的食堂", "meal"), ("育儿补贴", "child"),
])
def test_the_likeliest_is_what_the_sentence_is_about(index: FaqIndex, text: str, topic: str) -> None:
    assert ranked(index, text)[0].topic == topic


def test_a_name_written_with_other_characters_of_the_same_sound_is_found(index: FaqIndex) -> None:
    assert ranked(index, "育而补铁")[0].topic == "child"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(text=st.sampled_from(TEXTS), topic=st.sampled_from(["rent", "meal", "child"]),
       sure=st.floats(0, 1), surer=st.floats(0, 1), facts=st.integers(0, 2), others=st.floats(0, 1))
def test_more_evidence_never_lowers_a_topics_chance(index: FaqIndex, text: str, topic: str, sure: float, surer: float,
                                                    facts: int, others: float) -> None:
    low, high = sorted((sure, surer))
    rest = dict.fromkeys({"rent", "meal", "child"} - {topic}, others)
    less = ranked(index, text, named={**rest, topic: low}, pointed={topic: facts})
    more = ranked(index, text, named={**rest, topic: high}, pointed={topic: facts})
    still_more = ranked(index, text, named={**rest, topic: high}, pointed={topic: facts + 1})
    assert chance(less, topic) <= chance(more, topic) + 1e-12 <= chance(still_more, topic) + 2e-12
    for other in rest:
        assert chance(less, other) >= chance(more, other) - 1e-12 >= chance(still_more, other) - 2e-12


@pytest.mark.parametrize("name", ["nearest", "near", "spelt", "sounding"])
def test_more_of_each_sign_in_the_text_raises_a_topics_chance(index: FaqIndex, name: str,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    text = "老人租房"
    scores = index.scores(text, "320100")
    evidence = index.topic_evidence(text, scores, region="320100")
    lowered = [item._replace(**{name: getattr(item, name) - 0.3}) if item.topic == "rent" else item
               for item in evidence]
    before = chance(ranked(index, text), "rent")
    monkeypatch.setattr(FaqIndex, "topic_evidence", lambda *_, **__: lowered)
    assert chance(rank(index, text, scores, region="320100", named={}, pointed={}), "rent") < before


def test_what_is_named_or_pointed_at_elsewhere_makes_no_difference(index: FaqIndex) -> None:
    plain = ranked(index, "租房补贴")
    assert ranked(index, "租房补贴", named={"loan": 1.0, "nothing": 1.0}, pointed={"loan": 2}) == plain


def test_of_equal_topics_each_has_an_equal_chance() -> None:
    index = FaqIndex([], [Phrase("甲", "one", "100000"), Phrase("乙", "two", "100000")], content=NoEncoder(),
                     residents=NoEncoder())
    assert [(item.topic, round(item.chance, 6)) for item in ranked(index, "丙")] == [("one", 0.5), ("two", 0.5)]


def test_an_empty_index_ranks_nothing() -> None:
    index = FaqIndex([], [], content=NoEncoder(), residents=NoEncoder())
    assert index.topic_evidence("租房补贴", index.scores("租房补贴"), region="320100") == []
    assert ranked(index, "租房补贴", named={"rent": 1.0}) == []


def test_a_region_of_which_nothing_is_known_ranks_nothing() -> None:
    index = FaqIndex([record("510100", "loan", "what", "蓉易贷是什么")], [], content=NoEncoder(),
                     residents=NoEncoder())
    assert ranked(index, "蓉易贷", "320100") == []


def test_a_topic_of_mere_punctuation_is_never_likely() -> None:
    index = FaqIndex([], [Phrase("？！", "none", "100000"), Phrase("老年食堂", "meal", "100000")],
                     content=NoEncoder(), residents=NoEncoder())
    for text in ("食堂", "？", "租房"):
        found = ranked(index, text)
        assert found[0].topic == "meal" and sum(item.chance for item in found) == pytest.approx(1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=50))
def test_any_text_is_ranked(index: FaqIndex, text: str) -> None:
    found = ranked(index, text)
    assert len(found) == 3 and sum(item.chance for item in found) == pytest.approx(1)


# --- a new topic -----------------------------------------------------------------------------------

NEW = """  - slug: bicycle-repair
    name: 修自行车
    field: housing
    aliases: [便民修车摊]
    needs: [车胎瘪了找谁补, 链条老是掉]
"""
ASKED = ["我的车链条又掉了", "车胎没气了哪里补", "练条捞是掉"]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


def add_a_topic(content: Path) -> None:
    path = content / "topics" / "all.yml"
    path.write_text(path.read_text(encoding="utf-8") + NEW, encoding="utf-8")


def likeliest(snapshot: Snapshot, text: str) -> list[tuple[str, float]]:
    return [(item.topic, round(item.chance, 5)) for item in ranked(snapshot.index, text, "320100")]


@pytest.mark.parametrize("text", ASKED)
def test_a_new_topic_is_found_at_once(content: Path, text: str) -> None:
    base = KnowledgeBase(content, meaning=False)
    assert "bicycle-repair" not in dict(likeliest(base.snapshot, text))
    add_a_topic(content)
    assert base.reload() is True
    assert likeliest(base.snapshot, text)[0][0] == "bicycle-repair"
    assert likeliest(base.snapshot, text) == likeliest(build(content, meaning=False), text)


def test_a_new_topic_leaves_what_is_asked_of_others_with_them(content: Path) -> None:
    before = build(content, meaning=False)
    add_a_topic(content)
    after = build(content, meaning=False, previous=before)
    for text in ("租房补贴是什么", "房租太贵了", "公租房"):
        assert likeliest(after, text)[0][0] == likeliest(before, text)[0][0]


def test_a_topic_taken_out_is_never_found_again(content: Path) -> None:
    add_a_topic(content)
    base = KnowledgeBase(content, meaning=False)
    assert likeliest(base.snapshot, ASKED[0])[0][0] == "bicycle-repair"
    shutil.copy(SMALL / "topics" / "all.yml", content / "topics" / "all.yml")
    assert base.reload() is True
    assert "bicycle-repair" not in dict(likeliest(base.snapshot, ASKED[0]))
    assert likeliest(base.snapshot, "公租房") == likeliest(build(SMALL, meaning=False), "公租房")
