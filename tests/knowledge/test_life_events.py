"""Life events: each is recognised in the words of residents, serves what is there, and a wrong file is refused."""

from __future__ import annotations

import pytest
import yaml

from knowledge.assemble import assemble
from knowledge.base import CONTENT, Snapshot, build
from knowledge.errors import Problem
from knowledge.life_events import rules_of, without_rule
from knowledge.loader import Parts, load_parts, would_be
from knowledge.text import normalise

FILE = CONTENT / "life_events.yml"
NAMES = ("生孩子", "退休", "来这座城市工作", "失业", "家里老人失能", "残疾")
#: How the dialects of the file's regions sound; each event has sentences of at least two of them.
DIALECTS = {"sichuan": ("啥子", "没得", "屋头", "老汉", "婆娘", "娃儿", "头裁"), "shanghai": ("阿拉", "好拿", "姆妈"),
            "northern": ("俺",)}
#: Sentences near an event that ask for one thing, or only tell.
ONE_THING = ("育儿补贴怎么领", "失业保险金领几个月", "残疾证在哪里办", "我妈瘫痪了", "我退休了", "我刚生了孩子",
             "附近有啥子食堂", "公租房要什么材料")


@pytest.fixture(scope="module")
def knowledge() -> Snapshot:
    return build(CONTENT, meaning=False)


@pytest.fixture(scope="module")
def parts() -> Parts:
    return load_parts(CONTENT)


def refused(parts: Parts, **changes: object) -> list[Problem]:
    """What is wrong with the file if its first event had these fields."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    raw["events"][0].update(changes)
    text = yaml.safe_dump(raw, allow_unicode=True)
    return [item for item in assemble(would_be(parts, {FILE: text.encode()})).problems if item.path == FILE]


def test_the_six_events_are_there(knowledge: Snapshot) -> None:
    assert tuple(event.name for event in knowledge.life_events.events) == NAMES


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_people_say_it_in_a_dozen_ways_and_several_dialects(number: int, knowledge: Snapshot) -> None:
    said = knowledge.life_events.events[number].said
    assert len(set(said)) >= 12
    spoken = {name for name, words in DIALECTS.items() if any(word in text for text in said for word in words)}
    assert len(spoken) >= 2, spoken


@pytest.mark.parametrize("text", ONE_THING)
def test_who_asks_for_one_thing_or_only_tells_is_asked_nothing_of_an_event(text: str, knowledge: Snapshot) -> None:
    assert knowledge.life_events.meant(normalise(text)) is None


@pytest.mark.parametrize("region", ["510100", "310110", "320100"])
@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_every_event_has_something_to_reckon_with(number: int, region: str, knowledge: Snapshot) -> None:
    event = knowledge.life_events.events[number]
    rules = rules_of(event, knowledge.all_policies(region))
    order = [event.serves.index(item.policy.policy.split("/")[1]) for item in rules]
    assert rules and order == sorted(order)
    assert not {item.policy.topic for item in rules} & set(without_rule(event, rules))


def test_who_draws_it_already_is_known_by_the_facts(knowledge: Snapshot) -> None:
    events = knowledge.life_events
    assert events.has_already("minimum-living-allowance", {"household.category": "low_income"})
    assert not events.has_already("minimum-living-allowance", {"household.category": "none"})
    assert not events.has_already("childcare-subsidy", {"household.category": "low_income"})


@pytest.mark.parametrize(("age", "older"), [(59, False), (60, True)])
def test_what_the_old_are_not_asked_begins_at_the_age_written(age: int, older: bool, knowledge: Snapshot) -> None:
    events, facts = knowledge.life_events, {"person.age": age}
    assert events.too_old_for("talent-apartment", facts) is older
    assert ("person.has_labor_contract" in events.not_asked_of(facts)) is older
    assert not events.too_old_for("elderly-meal", facts)


@pytest.mark.parametrize(("changes", "code", "word"), [
    ({"serves": ["childcare-subsidi"]}, "E020", "childcare-subsidi"),
    ({"serves": ["rental-subsidy.nowhere"]}, "E025", "rental-subsidy.nowhere"),
    ({"said": ["我要生娃了有哪些能办", "我想吃饭有哪些能办", "生娃儿这件事，要办啥子"]}, "E012", "我想吃饭"),
    ({"said": ["我要生娃了有哪些能办", "我要生娃了", "生娃儿这件事，要办啥子"]}, "E012", "认不出"),
    ({"tells": {"person.shoe_size": 43}}, "E026", "person.shoe_size"),
    ({"tells": {"person.age": "很老"}}, "E012", "年龄"),
    ({"id": "retirement"}, "E024", "retirement"),
    ({"early": {"patterns": ["怀孕"], "skip": ["child.name"], "wait": "等", "text": "等"}}, "E026", "child.name"),
    ({"patterns": ["(生+)+娃"]}, "E0", ""),
], ids=["topic", "policy", "sentence", "no question", "fact", "value", "twice", "early", "slow pattern"])
def test_a_mistake_is_named(changes: dict[str, object], code: str, word: str, parts: Parts) -> None:
    found = refused(parts, **changes)
    assert any(item.code.startswith(code) and word in item.message for item in found), found


def test_the_file_may_go_and_only_the_events_go_with_it(parts: Parts) -> None:
    left = Parts(parts.root, {path: part for path, part in parts.by_path.items() if path != FILE})
    done = assemble(left)
    assert not done.life_events.events and not [item for item in done.problems if item.path == FILE]
