"""Finding the question: who competes, who wins, and what a local answer replaces."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.encoder import CachedEncoder, NoEncoder, Vectors, shared_encoder
from knowledge.faq import SURE, FaqIndex, FaqRecord, Phrase
from knowledge.schema import Faq
from knowledge.vector_store import MOST_SEGMENTS


def record(region: str, topic: str, name: str, *phrases: str) -> FaqRecord:
    faq = Faq(id=name, question=phrases[0], paraphrases=phrases[1:], answer="。", sources=("s",), must_win=(),
              must_not=())
    return FaqRecord(f"{region}/{topic}#{name}", region, topic, faq)


RECORDS = [
    record("100000", "rent", "what", "租房补贴是什么", "什么叫租房补贴"),
    record("100000", "rent", "where", "租房补贴去哪里办", "办租房补贴找谁"),
    record("320000", "rent", "where", "江苏租房补贴去哪里办"),
    record("320100", "rent", "where", "南京租房补贴去哪里办", "在宁办租房补贴去哪"),
    record("320100", "rent", "amount", "南京租房补贴多少钱"),
    record("510100", "rent", "amount", "成都租房补贴多少钱"),
    record("100000", "meal", "what", "老年助餐是什么"),
]
EXTRA = [Phrase("房租太贵负担不起", "rent", "100000"), Phrase("成都长者食堂", "meal", "510100")]


def index_of(encoder: Any) -> FaqIndex:
    return FaqIndex(RECORDS, EXTRA, content=encoder, residents=encoder)


@pytest.fixture(scope="module", params=["n-grams", "meaning"])
def index(request: pytest.FixtureRequest) -> FaqIndex:
    return index_of(NoEncoder() if request.param == "n-grams" else shared_encoder())


def keys(index: FaqIndex, text: str, **where: Any) -> list[str]:
    return [hit.record.key for hit in index.faqs(index.scores(text), **{"region": "320100", **where})]


def test_a_phrase_finds_its_own_question_with_full_score(index: FaqIndex) -> None:
    hit = index.faqs(index.scores("什么叫租房补贴"), region="320100")[0]
    assert (hit.record.key, hit.phrase) == ("100000/rent#what", "什么叫租房补贴")
    assert hit.score == pytest.approx(1, abs=1e-3)
    assert hit.score > SURE


def test_traditional_writing_and_widths_make_no_difference(index: FaqIndex) -> None:
    assert np.allclose(index.scores("租房補貼　是什麼"), index.scores("租房补贴是什么"), atol=1e-6)


def test_a_question_is_listed_once_by_its_best_phrase(index: FaqIndex) -> None:
    found = keys(index, "租房补贴")
    assert len(found) == len(set(found))


def test_a_local_answer_replaces_its_namesakes_above(index: FaqIndex) -> None:
    assert keys(index, "租房补贴去哪里办")[0] == "320100/rent#where"
    assert not {"100000/rent#where", "320000/rent#where"} & set(keys(index, "租房补贴去哪里办", limit=9))


def test_a_region_without_its_own_answer_inherits(index: FaqIndex) -> None:
    assert keys(index, "租房补贴去哪里办", region="320500")[0] == "320000/rent#where"
    assert keys(index, "租房补贴去哪里办", region="510105")[0] == "100000/rent#where"
    assert keys(index, "租房补贴去哪里办", region="999999")[0] == "100000/rent#where"


def test_a_district_has_the_answers_of_its_city(index: FaqIndex) -> None:
    assert keys(index, "租房补贴多少钱", region="320102")[0] == "320100/rent#amount"
    assert keys(index, "租房补贴多少钱", region="510100-gaoxin")[0] == "510100/rent#amount"


def test_what_holds_elsewhere_is_never_found(index: FaqIndex) -> None:
    assert "510100/rent#amount" not in keys(index, "成都租房补贴多少钱", limit=9)
    assert "320100/rent#amount" not in keys(index, "南京租房补贴多少钱", region="100000", limit=9)


def test_only_the_asked_topics_compete(index: FaqIndex) -> None:
    assert set(keys(index, "租房补贴是什么", topics=["meal"], limit=9)) == {"100000/meal#what"}
    assert keys(index, "租房补贴是什么", topics=["nothing"]) == []


def test_a_need_leads_to_its_topic_without_naming_it(index: FaqIndex) -> None:
    hits = index.topics(index.scores("房租太贵了负担不起"), region="320100")
    assert hits[0].topic == "rent"
    assert [hit.topic for hit in hits] == list(dict.fromkeys(hit.topic for hit in hits))


def test_many_texts_at_once_score_as_each_alone(index: FaqIndex) -> None:
    texts = ["租房补贴是什么", "老人吃饭", "", "？", "😀"]
    assert np.allclose(index.all_scores(texts), np.stack([index.scores(text) for text in texts]), atol=1e-5)


def test_a_regions_scores_are_those_of_the_whole(index: FaqIndex) -> None:
    """Only what holds in the region is scored, and it is scored as if all were."""
    for text in ("租房补贴去哪里办", "老人吃饭"):
        whole, part = index.scores(text), index.scores(text, "320100")
        inside = np.array([phrase.region in ("100000", "320000", "320100") for phrase in index.phrases])
        assert np.allclose(whole[inside], part[inside], atol=1e-6)
        assert not part[~inside].any() and inside.any() and not inside.all()
        assert index.faqs(whole, region="320100", limit=9) == index.faqs(part, region="320100", limit=9)


def test_n_grams_weigh_as_in_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    from knowledge.text import bare

    index = index_of(NoEncoder())
    reference = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    rows = reference.fit_transform([bare(phrase.text) for phrase in index.phrases])
    for text in ("租房补贴去哪里办办办", "成都的老人食堂", "abc"):
        expected = (rows @ reference.transform([bare(text)]).T).todense()
        assert np.allclose(index.scores(text), np.asarray(expected)[:, 0], atol=1e-6)


def test_an_edit_makes_only_its_own_regions_phrases_anew() -> None:
    counting = _Counting()
    before = FaqIndex(RECORDS, EXTRA, content=counting, residents=counting)
    counting.encoded.clear()
    edited = [*RECORDS[:-3], record("320100", "rent", "amount", "南京租房补贴能拿多少"), *RECORDS[-2:]]
    after = FaqIndex(edited, EXTRA, content=counting, residents=counting, before=before)
    assert "南京租房补贴能拿多少" in counting.encoded and "成都租房补贴多少钱" not in counting.encoded
    fresh = FaqIndex(edited, EXTRA, content=counting, residents=counting)
    for text in ("南京租房补贴能拿多少", "租房补贴是什么"):
        assert np.allclose(after.scores(text), fresh.scores(text), atol=1e-6)


@pytest.mark.parametrize("text", ["", " ", "？！", "😀", "a" * 2000, "\u200b", "王" * 500])
def test_any_text_gets_scores_between_nothing_and_one(index: FaqIndex, text: str) -> None:
    scores = index.scores(text)
    assert scores.shape == (len(index.phrases),)
    assert np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1 + 1e-5).all()


def test_an_empty_base_finds_nothing() -> None:
    empty = FaqIndex([], [], content=NoEncoder(), residents=NoEncoder())
    assert empty.faqs(empty.scores("租房补贴"), region="320100") == []
    assert empty.topics(empty.scores("租房补贴"), region="320100") == []


def test_meaning_finds_what_shares_no_word() -> None:
    if not shared_encoder().size:
        pytest.skip("no sentence encoder installed")
    index = index_of(shared_encoder())
    assert index.topics(index.scores("给老人做饭的地方"), region="510100")[0].topic == "meal"


def test_several_threads_may_search_at_once(index: FaqIndex) -> None:
    expected = keys(index, "租房补贴去哪里办")
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(keys(index, "租房补贴去哪里办"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


# --- vectors kept on disk --------------------------------------------------------------------------


class _Counting:
    """An encoder that counts what it is asked for."""

    name, size, keeps = "counting", 4, False

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def prepare(self, texts: Sequence[str]) -> None:
        """Keeps nothing."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        rows = np.array([[1, len(text), 0, 0] for text in texts], dtype=np.float32).reshape(len(texts), 4)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_a_second_start_encodes_only_what_is_new(tmp_path: Path) -> None:
    first = _Counting()
    before = CachedEncoder(first, tmp_path).encode(["甲", "乙", "甲"])
    assert first.encoded == ["甲", "乙"]
    second = _Counting()
    again = CachedEncoder(second, tmp_path).encode(["甲", "丙", "甲"])
    assert second.encoded == ["丙"]
    assert np.array_equal(again[0], before[0]) and np.array_equal(again[2], before[2])


@pytest.mark.parametrize("damage", [b"", b"no rows", b"\x93NUMPYbroken"])
@pytest.mark.parametrize("suffix", ["npy", "keys"])
def test_a_damaged_cache_is_only_a_slower_start(tmp_path: Path, suffix: str, damage: bytes) -> None:
    CachedEncoder(_Counting(), tmp_path).encode(["甲"])
    next(tmp_path.rglob(f"*.{suffix}")).write_bytes(damage)
    counting = _Counting()
    assert CachedEncoder(counting, tmp_path).encode(["甲"]).shape == (1, 4)
    assert counting.encoded == ["甲"]


def test_a_cache_that_cannot_be_written_is_only_a_slower_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert CachedEncoder(_Counting(), tmp_path / "file").encode(["甲"]).shape == (1, 4)


def test_what_was_prepared_is_not_encoded_again(tmp_path: Path) -> None:
    counting = _Counting()
    kept = CachedEncoder(counting, tmp_path)
    kept.prepare(["甲", "乙"])
    assert counting.encoded == ["甲", "乙"]
    kept.encode(["乙", "甲"])
    assert counting.encoded == ["甲", "乙"]


def test_many_small_additions_become_one_segment(tmp_path: Path) -> None:
    kept = CachedEncoder(_Counting(), tmp_path)
    texts = ["字" * length for length in range(1, MOST_SEGMENTS + 3)]
    rows = np.vstack([kept.encode([text]) for text in texts])
    assert len(list(tmp_path.rglob("*.npy"))) == len(texts)
    counting = _Counting()
    again = CachedEncoder(counting, tmp_path)
    assert len(list(tmp_path.rglob("*.npy"))) == len(list(tmp_path.rglob("*.keys"))) == 1
    assert np.array_equal(again.encode(texts), rows) and np.array_equal(kept.encode(texts), rows)
    assert counting.encoded == []


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    one, other = CachedEncoder(_Counting(), tmp_path), CachedEncoder(_Counting(), tmp_path)
    one.encode(["甲"])
    other.encode(["甲", "乙"])
    counting = _Counting()
    CachedEncoder(counting, tmp_path).encode(["甲", "乙"])
    assert counting.encoded == []


def test_without_an_encoder_nothing_is_kept(tmp_path: Path) -> None:
    assert CachedEncoder(NoEncoder(), tmp_path).encode(["甲"]).shape == (1, 0)
    assert list(tmp_path.iterdir()) == []
