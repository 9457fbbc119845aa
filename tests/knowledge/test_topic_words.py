"""Which topic a text is worded like: the counting is that of naive Bayes, by region, and an edit costs only its own."""

from __future__ import annotations

import threading
from collections import Counter
from math import log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.faq import Phrase, RegionPhrases
from knowledge.text import bare
from knowledge.topic_words import MOST_CHAINS, SMOOTHING, TopicWords, sounding, spelt

COUNTRY = [("租房补贴是什么", "rent"), ("住房租金太贵了，付不起", "rent"), ("老年食堂在哪里", "meal"),
           ("老人吃饭怎么办", "meal"), ("育儿补贴怎么领", "child")]
NANJING = [("南京租房补贴多少钱", "rent"), ("南京哪里有老年食堂", "meal"), ("鼓楼的长者餐厅", "meal")]
CHENGDU = [("蓉易贷怎么申请", "loan"), ("成都租房补贴多少钱", "rent")]
TEXTS = ["租房补贴多少钱", "老人在哪里吃饭饭饭", "蓉易贷", "ABC租房", "完全没有见过的话", "领", ""]
NUMBERS = {"rent": 0, "meal": 1, "child": 2, "loan": 3}


def phrases(region: str, rows: list[tuple[str, str]]) -> RegionPhrases:
    return RegionPhrases.of((), tuple(Phrase(text, topic, region) for text, topic in rows))


def country() -> dict[str, RegionPhrases]:
    return {"100000": phrases("100000", COUNTRY), "320100": phrases("320100", NANJING),
            "510100": phrases("510100", CHENGDU)}


@pytest.fixture(scope="module")
def words() -> TopicWords:
    return TopicWords(country(), NUMBERS)


def by_hand(rows: list[tuple[str, str]], text: str) -> dict[str, float]:
    """Log likelihoods by topic, relative to the best: a gram counts once a phrase and once in the text."""
    counts: dict[str, Counter[str]] = {}
    for phrase, topic in rows:
        counts.setdefault(topic, Counter()).update(set(spelt(bare(phrase))))
    known = set().union(*counts.values())
    found = {}
    for topic, own in counts.items():
        total = sum(own.values()) + SMOOTHING * len(known)
        found[topic] = sum(log((own[gram] + SMOOTHING) / total) for gram in set(spelt(text)) & known)
    return {topic: value - max(found.values()) for topic, value in found.items()}


@pytest.mark.parametrize("text", TEXTS)
def test_counting_is_that_of_a_hand_calculation(words: TopicWords, text: str) -> None:
    plain = bare(text) or "空"
    found = words.likelihoods(text, "320100")[0]
    for topic, expected in by_hand([*NANJING, *COUNTRY], plain).items():
        assert found[NUMBERS[topic]] == pytest.approx(expected / sqrt(len(plain)), abs=1e-4)


@pytest.mark.parametrize("text", TEXTS)
def test_counting_is_that_of_scikit_learn(words: TopicWords, text: str) -> None:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB

    rows = [*CHENGDU, *COUNTRY]
    vectors = CountVectorizer(analyzer="char", ngram_range=(1, 2), binary=True)
    model = MultinomialNB(alpha=SMOOTHING, fit_prior=False)
    model.fit(vectors.fit_transform([bare(phrase) for phrase, _ in rows]), [topic for _, topic in rows])
    plain = bare(text) or "空"
    logs = model.predict_log_proba(vectors.transform([plain]))[0]
    expected = (logs - logs.max()) / sqrt(len(plain))
    found = words.likelihoods(text, "510100")[0]
    assert np.allclose(found[[NUMBERS[str(topic)] for topic in model.classes_]], expected, atol=1e-4)


@pytest.mark.parametrize("text", TEXTS)
def test_the_regions_of_a_chain_add_up(words: TopicWords, text: str) -> None:
    together = TopicWords({"100000": phrases("100000", [*COUNTRY, *NANJING])}, NUMBERS)
    for one, other in zip(words.likelihoods(text, "320102"), together.likelihoods(text, "100000"), strict=True):
        assert np.allclose(one, other, atol=1e-5)


def test_a_district_without_phrases_has_those_of_its_city(words: TopicWords) -> None:
    for text in TEXTS:
        assert np.array_equal(words.likelihoods(text, "320102")[0], words.likelihoods(text, "320100")[0])
        assert np.array_equal(words.likelihoods(text, "999999")[0], words.likelihoods(text, "100000")[0])


@given(st.one_of(st.text(max_size=30), st.sampled_from([text for text, _ in CHENGDU])))
def test_a_topic_without_phrases_in_the_chain_is_never_best(text: str) -> None:
    words = TopicWords(country(), NUMBERS)
    for found in words.likelihoods(text, "320100"):
        assert found[NUMBERS["loan"]] == -np.inf and np.isfinite(found[:3]).all()
    assert np.isfinite(words.likelihoods(text, "510100")[0]).all()


def test_where_nothing_is_known_no_topic_is_better_than_another() -> None:
    for words in (TopicWords({}, NUMBERS), TopicWords({"320100": phrases("320100", NANJING)}, NUMBERS)):
        for found in words.likelihoods("租房补贴", "510100"):
            assert found.tolist() == [0.0] * len(NUMBERS)
    assert [found.tolist() for found in TopicWords({}, {}).likelihoods("租房补贴", "510100")] == [[], []]


def test_phrases_without_a_word_count_nothing() -> None:
    words = TopicWords({"100000": phrases("100000", [("？！", "rent"), ("老年食堂", "meal")])}, NUMBERS)
    assert words.likelihoods("老年食堂", "100000")[0].tolist()[:2] == [-np.inf, 0.0]


def test_a_phrase_is_worded_like_its_own_topic(words: TopicWords) -> None:
    for region, rows in (("320100", NANJING), ("510100", CHENGDU), ("100000", COUNTRY)):
        for text, topic in rows:
            assert [int(found.argmax()) for found in words.likelihoods(text, region)] == [NUMBERS[topic]] * 2


def test_saying_a_thing_twice_tells_no_more_than_once(words: TopicWords) -> None:
    once, twice = (words.likelihoods(text, "100000")[0] for text in ("食堂", "食堂食堂"))
    assert (once * sqrt(2) >= twice * sqrt(4) - 1e-4).all()


# --- sounds ----------------------------------------------------------------------------------------


def test_homophones_are_the_same_by_sound_and_not_by_spelling() -> None:
    assert sounding("注房补帖") == sounding("住房补贴")
    assert set(spelt("注房补帖")) != set(spelt("住房补贴"))
    assert sounding("住房补贴") != sounding("老年食堂")


@pytest.mark.parametrize(("written", "meant"), [
    ("注房补帖", "住房补贴"), ("老连食汤", "老年食堂"), ("育而补铁", "育儿补贴"),
])
def test_homophones_are_near_in_the_sounding_view(words: TopicWords, written: str, meant: str) -> None:
    by_spelling, by_sound = words.likelihoods(written, "100000")
    right_spelling, right_sound = words.likelihoods(meant, "100000")
    assert np.allclose(by_sound, right_sound, atol=1e-5)
    assert int(by_sound.argmax()) == int(right_sound.argmax())
    assert not np.allclose(by_spelling, right_spelling, atol=1e-5)


# --- edits -----------------------------------------------------------------------------------------


def asked_everywhere(words: TopicWords) -> TopicWords:
    for region in ("320100", "510100"):
        words.likelihoods("租房补贴", region)
    return words


def same(one: TopicWords, other: TopicWords) -> bool:
    return all(np.allclose(left, right, atol=1e-5) for text in TEXTS for region in ("100000", "320100", "510100")
               for left, right in zip(one.likelihoods(text, region), other.likelihoods(text, region), strict=True))


def test_an_edit_keeps_the_counts_of_the_other_regions() -> None:
    regions = country()
    before = asked_everywhere(TopicWords(regions, NUMBERS))
    edited = {**regions, "320100": phrases("320100", [*NANJING, ("南京养娃给的钱", "child")])}
    after = TopicWords(edited, NUMBERS, before)
    assert set(after._counted) == {"100000", "510100"}
    assert all(after._counted[region] is before._counted[region] for region in after._counted)
    fresh = TopicWords({code: phrases(code, list(zip(one.sayings, (one.topic_names[at] for at in one.topics),
                                                     strict=True))) for code, one in edited.items()}, NUMBERS)
    assert same(after, fresh)
    assert not same(before, fresh)


def test_a_topic_that_comes_first_moves_the_others_and_nothing_else() -> None:
    regions = country()
    before = asked_everywhere(TopicWords(regions, NUMBERS))
    numbers = {"new": 0, **{topic: row + 1 for topic, row in NUMBERS.items()}}
    edited = {**regions, "510100": phrases("510100", [("开荒种菜的地", "new"), *CHENGDU])}
    after = TopicWords(edited, numbers, before)
    assert same(after, TopicWords(dict(edited), numbers))
    assert after.likelihoods("想种菜", "510100")[0].argmax() == 0
    assert np.allclose(after.likelihoods("租房", "320100")[0][1:], before.likelihoods("租房", "320100")[0], atol=1e-5)


def test_a_region_that_goes_is_forgotten() -> None:
    regions = country()
    before = asked_everywhere(TopicWords(regions, NUMBERS))
    left = {code: one for code, one in regions.items() if code != "510100"}
    after = TopicWords(left, NUMBERS, before)
    assert "510100" not in after._counted
    assert after.likelihoods("蓉易贷", "510100")[0][NUMBERS["loan"]] == -np.inf


def test_a_question_during_a_reload_does_no_harm() -> None:
    """The first question to a region may come, to what serves, while an edit is made ready."""
    regions = country()
    before = TopicWords(regions, NUMBERS)
    before.likelihoods("租房补贴", "320100")

    class Asked(dict[str, Any]):
        def get(self, *where: Any) -> Any:
            before.likelihoods("租房补贴", "510100")
            return super().get(*where)

    assert same(TopicWords(Asked(regions), NUMBERS, before), TopicWords(regions, NUMBERS))


def test_only_so_many_chains_are_kept() -> None:
    cities = [f"32{number:02}00" for number in range(1, MOST_CHAINS + 4)]
    words = TopicWords({"100000": phrases("100000", COUNTRY), **{city: phrases(city, NANJING) for city in cities}},
                       NUMBERS)
    found = [words.likelihoods("租房补贴", city)[0] for city in cities]
    assert len(words._tables) == MOST_CHAINS
    assert all(np.array_equal(words.likelihoods("租房补贴", city)[0], found[0]) for city in cities)


def test_several_threads_may_ask_at_once() -> None:
    words = TopicWords(country(), NUMBERS)
    found: list[list[float]] = []
    threads = [threading.Thread(target=lambda: found.append(words.likelihoods("租房补贴", "320100")[0].tolist()))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(one == found[0] for one in found)


# --- any text --------------------------------------------------------------------------------------

_PIECES = st.text(alphabet="租房补贴老年食堂怎么注帖ab12，。？ 😀\u200b", max_size=60)


@given(st.one_of(st.text(max_size=60), _PIECES), st.sampled_from(["100000", "320100", "510104", "510100-gaoxin", ""]))
def test_for_any_text_the_best_is_nothing_and_the_others_less(text: str, region: str) -> None:
    words = TopicWords(country(), NUMBERS)
    for found in words.likelihoods(text, region):
        assert found.shape == (len(NUMBERS),) and not np.isnan(found).any()
        assert found.max() == 0 and (found <= 0).all()


@pytest.mark.parametrize("text", ["字" * 5000, "\ud7ff", "𠮷野家", "a" * 300, "\x00", "补贴" * 1000])
def test_odd_texts_are_no_error(words: TopicWords, text: str) -> None:
    assert all(found.max() == 0 for found in words.likelihoods(text, "320100"))
