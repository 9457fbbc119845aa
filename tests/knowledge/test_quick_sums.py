"""What is reckoned the quick way is what the plain way gives: near names, evidence for topics, chances of labels."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.two_views import TwoViews
from knowledge.encoder import NoEncoder
from knowledge.faq import _MANY, FaqIndex, Phrase, _products
from knowledge.topics import _WEIGHT, NEAR_RATIO, Mention, TopicFinder, _longest

# --- names that are nearly said -----------------------------------------------------------------------

NAMES = {"rental": ["住房租赁补贴", "公租房租金补贴", "租房补贴"],
         "meal": ["老年助餐服务", "助餐补贴", "长者食堂送餐上门"],
         "care": ["居家养老服务", "长期护理保险", "养老服务补贴", "护理补贴补贴"]}
CHARACTERS = sorted({character for names in NAMES.values() for name in names for character in name} | {"我", "想"})


def near_by_comparing_all(finder: TopicFinder, text: str) -> list[Mention]:
    best = []
    likely = process.extract(text, [alias for _, alias in finder._long], scorer=fuzz.partial_ratio,
                             score_cutoff=NEAR_RATIO, limit=None)
    for _, _, number in sorted(likely, key=lambda hit: hit[2]):
        topic, alias = finder._long[number]
        match = fuzz.partial_ratio_alignment(alias, text, score_cutoff=NEAR_RATIO) if len(text) >= len(alias) else None
        if match is not None and match.dest_end - match.dest_start >= len(alias) - 1:
            weight = _WEIGHT["near"] * match.score / 100
            best.append(Mention(topic, alias, match.dest_start, match.dest_end, "near", weight))
    return _longest(sorted(best, key=lambda item: -item.weight)[:5])


FINDER = TopicFinder(NAMES)


@pytest.mark.parametrize("text", ["我想问住房租凭补贴", "长期护里保险", "居家样老服务有吗", "养老服务不贴"])
def test_a_name_said_nearly_is_found(text: str) -> None:
    assert FINDER._near(text) == near_by_comparing_all(FINDER, text) != []


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_no_name_that_is_near_is_passed_over(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for names in NAMES.values() for name in names]))
    text = list(name)
    for _ in range(data.draw(st.integers(0, 3))):  # letters put in, taken out or mistaken
        place = data.draw(st.integers(0, len(text)))
        text[place:place + data.draw(st.integers(0, 1))] = data.draw(st.lists(st.sampled_from(CHARACTERS), max_size=2))
    said = data.draw(st.text(CHARACTERS, max_size=4)) + "".join(text) + data.draw(st.text(CHARACTERS, max_size=4))
    assert FINDER._near(said) == near_by_comparing_all(FINDER, said)


# --- what speaks for a topic --------------------------------------------------------------------------

PHRASES = [Phrase(f"{word}{number}问", topic, "100000") for topic, words in (
    ("a", "甲乙丙丁戊己庚辛"), ("b", "子丑"), ("c", "天")) for number, word in enumerate(words)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.9]), min_size=len(PHRASES), max_size=len(PHRASES)))
def test_the_evidence_is_that_of_each_topics_own_phrases(values: list[float]) -> None:
    index = FaqIndex([], PHRASES, content=NoEncoder(), residents=NoEncoder())
    scores = np.array(values, dtype=np.float32)
    found = {item.topic: item for item in index.topic_evidence("问", scores, region="100000")}
    assert set(found) == {"a", "b", "c"}
    for topic, item in found.items():
        places = [place for place, phrase in enumerate(PHRASES) if phrase.topic == topic]
        own = scores[places]
        assert item.nearest == float(own.max())
        assert item.near == float(np.sort(own)[-5:][::-1].sum()) / 5
        assert item.phrase == places[int(own.argmax())]


def test_evidence_is_remembered_only_for_the_scores_it_came_from() -> None:
    index = FaqIndex([], PHRASES, content=NoEncoder(), residents=NoEncoder())
    low, high = (np.full(len(PHRASES), value, dtype=np.float32) for value in (0.1, 0.9))
    for scores in (low, high, low):
        assert all(item.nearest == float(scores[0]) for item in index.topic_evidence("问", scores, region="100000"))


def test_sentences_looked_up_ahead_score_as_they_do_alone() -> None:
    texts = [phrase.text for phrase in PHRASES[:8]]
    ahead, alone = (FaqIndex([], PHRASES, content=NoEncoder(), residents=NoEncoder()) for _ in range(2))
    ahead.prepare(texts, "100000")
    for text in texts:
        assert ahead._recent[(text,), "100000"] is ahead.scores(text, "100000")
        np.testing.assert_array_equal(ahead.scores(text, "100000"), alone.scores(text, "100000"))
    np.testing.assert_array_equal(ahead.best_scores(texts, "100000"), alone.all_scores(texts, "100000").max(axis=0))


class Counting:
    """Notes what is encoded; the vector of a text is made of its length."""

    name, size, keeps = "counting", 4, False

    def __init__(self) -> None:
        self.asked: list[str] = []

    def prepare(self, texts: Any) -> None:
        """Keeps nothing."""

    def encode(self, texts: Any) -> Any:
        self.asked += list(texts)
        return np.array([np.eye(4, dtype=np.float32)[len(text) % 4] for text in texts]).reshape(-1, 4)


REGIONAL = [*PHRASES, Phrase("成都甲问", "a", "510000"), Phrase("武侯乙问呀", "b", "510100"),
            Phrase("上海丙", "c", "310000")]


def test_what_a_district_shares_with_its_city_and_the_country_is_reckoned_once() -> None:
    residents = Counting()
    index = FaqIndex([], REGIONAL, content=Counting(), residents=residents)
    fresh = FaqIndex([], REGIONAL, content=Counting(), residents=Counting())
    for region in ("510105", "510100", "100000", "510000", None, "310110"):
        np.testing.assert_array_equal(index.scores("甲在哪问", region), fresh.all_scores(["甲在哪问"], region)[0])
    # Once for the first region, and once more for the one block that no region before it held.
    assert residents.asked == ["甲在哪问"] * 2
    both = index.best_scores(["甲在哪问", "乙问"], "510105")
    np.testing.assert_array_equal(both, fresh.all_scores(["甲在哪问", "乙问"], "510105").max(axis=0))
    assert residents.asked == ["甲在哪问", "甲在哪问", "乙问"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text("甲乙丙问在哪", min_size=1, max_size=6),
                          st.sampled_from(["510105", "510100", "310110", "100000"])), max_size=12))
def test_scores_do_not_depend_on_what_was_asked_before(asked: list[tuple[str, str]]) -> None:
    index, fresh = (FaqIndex([], REGIONAL, content=Counting(), residents=Counting()) for _ in range(2))
    for text, region in asked:
        index.prepare([text, text + "呢"], region)
        for said in (text, text + "呢"):
            np.testing.assert_allclose(index.scores(said, region), fresh.all_scores([said], region)[0], atol=1e-6)


@pytest.mark.parametrize("count", [1, _MANY - 1, _MANY, 3 * _MANY])
def test_products_of_vectors_do_not_depend_on_how_many(count: int) -> None:
    random = np.random.default_rng(0)
    questions, phrases = (random.normal(size=(size, 32)).astype(np.float32) for size in (count, 50))
    np.testing.assert_allclose(_products(questions, phrases), questions @ phrases.T, rtol=1e-4, atol=1e-5)


# --- chances of labels ------------------------------------------------------------------------------

LEARNT = [("租房补贴怎么领", "ask"), ("食堂怎么去", "find"), ("怎么申请", "ask"), ("食堂在哪", "find"),
          ("谢谢", "thanks"), ("谢谢你啊", "thanks"), ("补贴多少", "ask"), ("哪里有食堂", "find"), ("多谢", "thanks"),
          ("再见", "bye"), ("拜拜再见", "bye")]


def fitted(labels: int) -> TwoViews:
    model = TwoViews(TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True), ngram_strength=10.0,
                     meaning_strength=20.0, steps=50, exponent=0.4)
    chosen = [pair for pair in LEARNT if pair[1] in ["ask", "find", "thanks", "bye"][:labels]]
    vectors = np.random.default_rng(1).normal(size=(len(chosen), 6)).astype(np.float32)
    model.fit([text for text, _ in chosen], vectors, [label for _, label in chosen])
    return model


def as_scikit_learn_has_it(model: TwoViews, texts: list[str], vectors: Any) -> Any:
    spelt = model._by_ngrams.predict_proba(model._ngrams.transform(texts))
    if not vectors.shape[1]:
        return spelt
    both = (spelt * model._by_meaning.predict_proba(vectors)) ** model._exponent
    return both / both.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("labels", [2, 3, 4])
@pytest.mark.parametrize("size", [6, 0])
def test_chances_are_scikit_learns(labels: int, size: int) -> None:
    model = fitted(labels)
    texts = ["食堂食堂怎么走", "谢谢再见", "", "一二三", "补贴补贴补贴怎么领多少"]
    vectors = np.random.default_rng(2).normal(size=(len(texts), size)).astype(np.float32)
    np.testing.assert_allclose(model.probabilities(texts, vectors), as_scikit_learn_has_it(model, texts, vectors),
                               rtol=1e-6)


@pytest.mark.parametrize("labels", [2, 4])
@pytest.mark.parametrize("size", [6, 0])
def test_a_model_that_was_kept_gives_the_same_chances(labels: int, size: int, tmp_path: Path) -> None:
    model, again = fitted(labels), fitted(3)
    if not size:
        model.fit([text for text, label in LEARNT if label in model.labels], np.zeros((len(
            [text for text, label in LEARNT if label in model.labels]), 0)),
            [label for _, label in LEARNT if label in model.labels])
    model.write(tmp_path, "intents")
    again.read(tmp_path, "intents")
    texts = ["食堂食堂怎么走", "谢谢再见", "", "一二三"]
    vectors = np.random.default_rng(2).normal(size=(len(texts), size)).astype(np.float32)
    assert again.labels == model.labels
    np.testing.assert_array_equal(again.probabilities(texts, vectors), model.probabilities(texts, vectors))


@pytest.mark.parametrize("harm", ["missing", "half", "pickle", "other"])
def test_a_kept_model_that_is_none_is_refused(harm: str, tmp_path: Path) -> None:
    fitted(4).write(tmp_path, "intents")
    numbers = tmp_path / "intents.npz"
    if harm == "missing":
        numbers.unlink()
    elif harm == "half":
        numbers.write_bytes(numbers.read_bytes()[:100])
    elif harm == "pickle":
        with numbers.open("wb") as file:
            np.savez(file, idf=np.array([object()], dtype=object), weights=np.zeros((1, 1)), at_rest=np.zeros(1))
    else:
        fitted(4).write(tmp_path, "danger")
        words = json.loads((tmp_path / "danger.json").read_text(encoding="utf-8"))
        words["grams"].pop()
        (tmp_path / "intents.json").write_text(json.dumps(words), encoding="utf-8")
    with pytest.raises((OSError, ValueError, KeyError, zipfile.BadZipFile)):
        fitted(3).read(tmp_path, "intents")


def test_a_model_that_learns_again_forgets_its_old_weights() -> None:
    model = fitted(4)
    empty = np.zeros((1, 0))
    model.probabilities(["谢谢"], empty)
    model.fit(["甲甲", "乙乙", "丙丙", "甲", "乙", "丙"], np.zeros((6, 0)), ["x", "y", "z"] * 2)
    np.testing.assert_allclose(model.probabilities(["甲甲"], empty), as_scikit_learn_has_it(model, ["甲甲"], empty))
