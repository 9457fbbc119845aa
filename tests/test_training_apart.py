"""No test sentence is one that the bot has learnt or looks up: tests measure understanding, not memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import knowledge_access
from bot.settings import PROJECT
from knowledge.text import bare
from tests.support.understanding import PARTS, sentences

TESTS = Path(__file__).parent
NLU = PROJECT / "data" / "nlu"
#: Conversations speak in short answers (是, 五角场); from this length on their sentences count as test sentences.
SENTENCE = 6
#: A test sentence that shares more of its pairs of characters with another one is only that one slightly changed.
TWINS = 0.8
#: Words that everybody uses for the same thing, so that no other wording would be a fair test.
FIXED_PHRASES = frozenset({
    "你好", "侬好", "在吗", "哈喽", "早上好", "谢谢你", "谢谢侬", "写写你", "再见", "帮助", "使用说明", "取消",
    "算了不问了", "重新开始", "人工", "想死", "我想自杀", "我不想活了", "我家着火了",
})


def held_out() -> Iterator[tuple[str, str]]:
    """Every test sentence with its file."""
    yield from ((f"understanding/{theme}.yml", str(item["text"])) for theme, item in sentences())
    for path in sorted((TESTS / "conversations").glob("*.yml")):
        said = [turn["say"] for script in _load(path) for turn in script["turns"] if "say" in turn]
        yield from ((f"conversations/{path.name}", text) for text in said if len(text) >= SENTENCE)
    yield from (("emergencies.yml", item["text"]) for item in _load(TESTS / "emergencies.yml")["sentences"])


@cache
def learnt() -> dict[str, str]:
    """Every sentence that was trained on or is looked up, in its bare form, and where it stands."""
    found: dict[str, str] = {}
    for path in sorted(NLU.glob("**/*.yml")):
        for block in _load(path)["nlu"]:
            lines = [line.strip()[2:] for line in block["examples"].splitlines() if line.strip()]
            found.update({bare(line): f"data/nlu/{path.relative_to(NLU)}: {line}" for line in lines})
    snapshot = knowledge_access.snapshot()
    for record in snapshot.faqs:
        found.update({bare(text): f"{record.key}: {text}" for text in (record.faq.question, *record.faq.paraphrases)})
    for topic in snapshot.topics.values():
        found.update({bare(need): f"needs of {topic.slug}: {need}" for need in topic.needs})
    return found


def pairs_of(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text in bare form; a single character stands for itself."""
    return frozenset(text[place:place + 2] for place in range(len(text) - 1)) or frozenset({text})


def twins(texts: list[str], known: dict[str, str], more_than: float = TWINS) -> Iterator[tuple[str, str]]:
    """Each text with every known sentence with which it has more than this share of all their pairs in common."""
    sizes = {sentence: len(pairs_of(sentence)) for sentence in known}
    holding: dict[str, list[str]] = defaultdict(list)
    for sentence in known:
        for pair in pairs_of(sentence):
            holding[pair].append(sentence)
    for text in texts:
        own = pairs_of(bare(text))
        shared = Counter(sentence for pair in own for sentence in holding.get(pair, ()))
        yield from ((text, sentence) for sentence, both in shared.items()
                    if both > more_than * (len(own) + sizes[sentence] - both))


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_no_test_sentence_is_learnt_or_looked_up() -> None:
    known = learnt()
    fixed = {bare(phrase) for phrase in FIXED_PHRASES}
    shared = {f"{where}: {text}  =  {known[bare(text)]}" for where, text in held_out()
              if bare(text) in known and bare(text) not in fixed}
    assert not shared, "change the training sentence or the paraphrase, never the test:\n" + "\n".join(sorted(shared))


@pytest.mark.parametrize("part", PARTS)
def test_no_test_sentence_is_nearly_one_that_is_learnt_or_looked_up(part: str) -> None:
    """Only the learnt sentence is told: what is sealed is not to be read."""
    known = learnt()
    fixed = {bare(phrase) for phrase in FIXED_PHRASES}
    texts = [str(item["text"]) for _, item in sentences(part) if bare(str(item["text"])) not in fixed]
    found = {known[sentence] for _, sentence in twins(texts, known)}
    assert not found, "change the training sentence or the paraphrase, never the test:\n" + "\n".join(sorted(found))


def test_twins_are_found() -> None:
    known = {bare(text): text for text in ("租房补贴在哪里申请啊", "高龄津贴一个月多少钱", "好")}
    assert list(twins(["租房補貼，在哪裡申請？", "好！", "高龄津贴多少钱"], known)) == [
        ("租房補貼，在哪裡申請？", "租房补贴在哪里申请啊"), ("好！", "好")]
    assert list(twins(["高龄津贴多少钱"], known, 0.4)) == [("高龄津贴多少钱", "高龄津贴一个月多少钱")]


def test_fixed_phrases_are_short_and_needed() -> None:
    assert all(len(bare(phrase)) <= SENTENCE for phrase in FIXED_PHRASES)
    asked, known = {bare(text) for _, text in held_out()}, learnt()
    assert {phrase for phrase in FIXED_PHRASES if bare(phrase) not in asked or bare(phrase) not in known} == set()


def test_all_sources_are_looked_at() -> None:
    files = {where for where, _ in held_out()}
    assert len(files) >= 20 and "emergencies.yml" in files
    assert len(learnt()) >= 20_000
    learnt_from = {where.split(":")[0] for where in learnt().values()}
    assert {"data/nlu/ask_service.yml", "data/nlu/danger.yml", "data/nlu/styles/typo.yml"} <= learnt_from
