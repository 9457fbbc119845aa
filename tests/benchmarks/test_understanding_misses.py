"""The list of misses: what stands near, and the sealed part kept shut."""

from benchmarks.understanding.misses import WARNING, listing
from benchmarks.understanding.neighbours import Near
from tests.benchmarks.test_understanding_samples import asked, wrong


class Fake:
    """Neighbours that are always the same."""

    def training(self, text: str) -> list[Near]:
        return [Near(0.91, "ask_service", f"像{text}")]

    def phrases(self, text: str, region: str) -> list[Near]:
        return [Near(0.72, "rental-subsidy", f"{region}的短语")]


ASKED = [asked("答对的句子"), wrong("答错的句子", style="typo", phone=["120"]),
         wrong("封存的句子", part="sealed"), wrong("另一封存", part="sealed", sure=False)]


def test_a_miss_has_what_was_expected_and_got_and_its_neighbours() -> None:
    text = listing(ASKED, Fake())
    assert text.startswith("# Misses: 1\n")
    for line in ("## 答错的句子", "- tuning/housing, typo, 510100: **wrong and sure**",
                 "- expected faq / service; a; number 120", "- got faq b: 答", "- likeliest topic: b (0.90)",
                 "- training sentence 0.91 ask_service: 像答错的句子", "- phrase 0.72 rental-subsidy: 510100的短语"):
        assert line in text.splitlines()
    assert "答对的句子" not in text


def test_the_sealed_part_is_only_counted() -> None:
    text = listing(ASKED, Fake())
    assert "封存" not in text and WARNING not in text
    assert "2 more in the sealed part (1 abstained, 1 wrong and sure), not shown." in text


def test_the_sealed_part_is_opened_with_a_warning() -> None:
    text = listing(ASKED, Fake(), open_sealed=True)
    assert WARNING in text and "## 封存的句子" in text and "not shown" not in text


def test_both_topics_are_named_where_both_are_asked_for() -> None:
    text = listing([wrong(topic=["a", "c"], both=True), wrong(topic=None)], Fake())
    assert "; a and c" in text and "; any topic" in text
