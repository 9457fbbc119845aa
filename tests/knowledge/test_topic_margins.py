"""What was learnt of the topics' wording: read as it was written, and silent about what is newer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.encoder import NoEncoder
from knowledge.faq import FaqIndex, Phrase
from knowledge.topic_margins import FULL, TopicMargins, digests, grams
from knowledge.topic_rank import LEARNT, LEARNT_WEIGHTS, features, rank

EXTRA = [Phrase("房租太贵负担不起", "rent", "100000"), Phrase("老人在哪里吃饭", "meal", "100000"),
         Phrase("养娃有没有补助", "child", "100000"), Phrase("蓉易贷是什么", "loan", "510100")]


def margins(topics: list[str], known: list[tuple[str, str]], **lines: dict[str, float]) -> TopicMargins:
    """A model whose margin of a topic is what ``lines`` give each of its grams; it has learnt the ``known`` phrases."""
    names = sorted({gram for line in lines.values() for gram in line})
    weights = np.array([[lines.get(topic, {}).get(gram, 0.0) for topic in topics] for gram in names],
                       dtype=np.float32).reshape(len(names), len(topics))
    phrases = np.unique(digests([topic for topic, _ in known], [text for _, text in known]))
    return TopicMargins(topics, names, idf=np.ones(len(names), dtype=np.float32), weights=weights,
                        at_rest=np.full(len(topics), -1, dtype=np.float32), phrases=phrases)


def index(extra: list[Phrase] = EXTRA) -> FaqIndex:
    return FaqIndex([], extra, content=NoEncoder(), residents=NoEncoder())


def chances(found: FaqIndex, text: str, region: str = "510100") -> dict[str, float]:
    return {item.topic: item.chance for item in rank(found, text, found.scores(text, region), region=region, named={},
                                                     pointed={})}


ALL = [(phrase.topic, phrase.text) for phrase in EXTRA]
TOPICS = ["child", "loan", "meal", "rent"]


def test_grams_are_characters_pairs_and_sounds_each_once() -> None:
    assert sorted(grams("好好")) == sorted(["好", "好好", "hao~", "hao hao~"])
    assert set(grams("注房")) & set(grams("住房")) >= {"zu~", "zu fan~"}
    assert grams("？！") == grams("空")


def test_a_margin_is_the_direction_of_its_grams_and_grows_with_their_number() -> None:
    model = margins(TOPICS, ALL, rent={"房": 2.0, "租": 1.0})
    shy = np.sqrt(2 / FULL)
    assert model.of("房租")[TOPICS.index("rent")] == pytest.approx((3 / np.sqrt(2) - 1) * shy)
    assert model.of("房租")[TOPICS.index("meal")] == pytest.approx(-shy)
    assert not model.of("乙").any()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    model = margins(TOPICS, ALL, rent={"房": 2.0}, meal={"饭": 0.25})
    model.write(tmp_path, "topics")
    again = TopicMargins.read(tmp_path, "topics")
    assert again.topics == model.topics and (again.of("房租和饭") == model.of("房租和饭")).all()
    assert again.has_learnt(*zip(*ALL, strict=True)).all() and not again.has_learnt(["rent"], ["新的说法"]).any()
    (tmp_path / "topics.json").write_text('{"topics": ["rent"], "grams": ["房"]}', encoding="utf-8")
    with pytest.raises(ValueError):
        TopicMargins.read(tmp_path, "topics")


def test_nothing_is_on_a_side_before_anything_was_learnt() -> None:
    found = index()
    assert {item.side for item in found.topic_evidence("房租", found.scores("房租"), region="510100")} == {None}


def test_sides_are_measured_from_the_farthest_topic_of_the_region() -> None:
    found = index()
    found.use(margins(TOPICS, ALL, loan={"贷": 9.0}, rent={"贷": 4.0}))
    here, elsewhere = ({item.topic: item.side for item in found.topic_evidence("贷", found.scores("贷"), region=region)}
                       for region in ("510100", "100000"))
    shy = np.sqrt(1 / FULL)
    assert here == pytest.approx({"loan": 0, "rent": -5 * shy, "meal": -9 * shy, "child": -9 * shy})
    assert elsewhere == pytest.approx({"rent": 0, "meal": -4 * shy, "child": -4 * shy})


def test_what_was_learnt_changes_the_chances_and_can_be_taken_away() -> None:
    found = index()
    before = chances(found, "租")
    found.use(margins(TOPICS, ALL, meal={"租": 3.0}))
    assert chances(found, "租")["meal"] > before["meal"]
    found.use(None)
    assert chances(found, "租") == before


def test_a_topic_that_is_newer_keeps_the_chance_that_counting_gives_it() -> None:
    found = index([*EXTRA, Phrase("社区图书角怎么借书", "books", "100000")])
    before = chances(found, "图书角借书")
    found.use(margins(TOPICS, ALL, meal={"书": 3.0}, rent={"书": 1.0}))
    after = chances(found, "图书角借书")
    assert after["books"] == pytest.approx(before["books"]) and sum(after.values()) == pytest.approx(1)
    assert after["meal"] > after["rent"]


def test_a_phrase_that_is_newer_keeps_its_topics_chance() -> None:
    """Staff add 爱心雨伞怎么借 to the meals: what was learnt before knows only of other umbrellas."""
    found = index([*EXTRA, Phrase("爱心雨伞怎么借", "meal", "100000")])
    before = chances(found, "爱心雨伞怎么借")
    found.use(margins(TOPICS, ALL, rent={"雨": 9.0, "伞": 9.0}))
    assert chances(found, "爱心雨伞怎么借")["meal"] == pytest.approx(before["meal"])
    assert chances(found, "老人哪里吃饭")["meal"] != pytest.approx(before["meal"])


def test_features_of_what_was_learnt_stand_last() -> None:
    found = index()
    found.use(margins(TOPICS, ALL, rent={"房": 2.0}))
    rows = features(found.topic_evidence("房", found.scores("房"), region="100000"), {}, {})
    assert rows.shape == (3, len(LEARNT)) == (3, len(LEARNT_WEIGHTS))
    shy = np.sqrt(1 / FULL)
    assert sorted(rows[:, -1]) == pytest.approx([-2 * shy, -2 * shy, 0]) and (LEARNT_WEIGHTS > 0).all()


@given(st.text(max_size=30))
def test_any_text_has_finite_margins(text: str) -> None:
    assert np.isfinite(margins(TOPICS, ALL, rent={"房": 2.0}).of(text)).all()
