"""What a sentence says of a fact that nobody asked for just now: only what cannot be meant of another one.

``bot.nlu.parsers`` reads facts told in so many words, and replies to the open question. Between the two lies what is
said of a question before or behind the open one: 四个人, 合同上个月签了, 聋哑二级.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Optional

from actions.turn import Turn, take_fact
from bot.nlu.parsers.answers import read_answer
from bot.nlu.parsers.places import holds_places
from bot.nlu.parsers.replies import read_reply
from bot.nlu.parsers.yesno import asks, echoes, read_yes_no
from bot.nlu.reading import ReadFact
from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.values import OneOf, Value, to_json
from knowledge.schema import Fact

_NUMBER = r"(?:\d|[一二两三四五六七八九十半百千几])"
#: The unit that shows of which kind of fact a number is said.
_UNIT_OF = {
    "household.size": re.compile(rf"{_NUMBER}(?:个|口)(?:人|子|大人)?(?!月|平|小时)"),
    "person.age": re.compile(rf"{_NUMBER}(?:周)?岁"),
    "household.oldest_parent_age": re.compile(rf"{_NUMBER}(?:周)?岁"),
    "person.residence_points": re.compile(rf"{_NUMBER}分"),
}
_UNIT_OF_TYPE = {
    "money": re.compile(rf"{_NUMBER}(?:万|千|百|元|块)|\d{{3,}}"),
    "months": re.compile(rf"{_NUMBER}(?:个半?月|年|个?多月)"),
}
_UNIT_OF_MEASURE = {"平方米": re.compile(rf"{_NUMBER}(?:个)?平"), "年": re.compile(rf"{_NUMBER}年")}
#: Words of options that say yes or no to anything.
_ANYTHING = frozenset({"没有", "不是", "都没有", "都不是", "是的", "在的", "不够", "几个", "学历", "学校"})
#: Whose income is told.
FAMILYS = re.compile(r"(?:一|全|整)(?:个)?(?:家|屋)|家里|家庭|屋头|屋里|两口子|夫妻|俩人|大家(?:加)?|加起来|合起来")
_PAID = re.compile(r"[交缴存住]")
_RENT = re.compile(r"租")
#: What is said in words of its own is worth remembering, whatever is being checked.
ANYWHERE = frozenset({"household.size", "person.public_service_or_zone_job"})
_SAYS_SOMETHING = 2
_BY_UNIT_ALONE = frozenset({"household.size", "person.age", "person.residence_points"})
#: Words of residents beside those of a fact's name.
_ALSO_CALLED = {"户口": "户籍", "房子": "住房", "人数": "人口", "几口人": "人口", "岁数": "年龄", "文凭": "学历",
                "工资": "收入"}
_GENERAL = re.compile(r"是否|连续|本地|月数|年数|情况|已享受|家庭(?!类别|人口)|个人|所在")
#: 聋哑二级, but not 在一所小学当老师: so much may stand around the word of an option.
_ROUND_IT = 5
_CLAUSES = re.compile(r"[，。；！？,;!? ]+")


def clauses_of(turn: Turn) -> list[str]:
    """The parts of the sentence between commas and pauses."""
    return [clause for clause in _CLAUSES.split(turn.reading.clauses()) if clause]


def said_of(fact: Fact, text: str, *, today: dt.date) -> Optional[Value]:
    """The value that ``text`` tells of ``fact`` although it was not asked for; None where it may mean another."""
    if fact.type == "bool":
        return read_reply(fact.slug, text)
    if not _speaks_of(fact, text):
        return None
    answer = read_answer(fact, text, today=today)
    return answer.value if answer is not None and answer.kind == "value" else None


def _speaks_of(fact: Fact, text: str) -> bool:
    if fact.type == "choice":
        words = {word for option in fact.options for word in (option.title, *option.words)} - _ANYTHING
        return (holds_places(fact) and "户" in text) or any(
            len(word) > 1 and word in text and len(text) - len(word) <= _ROUND_IT for word in words)
    unit = _UNIT_OF.get(fact.slug) or _UNIT_OF_TYPE.get(fact.type) or _UNIT_OF_MEASURE.get(fact.unit)
    return unit is not None and unit.search(text) is not None


def named_in(fact: Fact, text: str) -> int:
    """How many characters of the fact's name stand in the text."""
    for said, name in _ALSO_CALLED.items():
        text = text.replace(said, name)
    name = _GENERAL.sub("，", fact.name)
    return max((end - start for start in range(len(name)) for end in range(start + 2, len(name) + 1)
                if name[start:end] in text), default=0)


def said_surely(facts: Sequence[Fact], text: str, *, today: dt.date) -> dict[str, Value]:
    """The one of ``facts``, of which nothing was said before, that ``text`` tells; empty where it may be any of two.

    A bare yes or no tells nothing, nor does a sum, a time or a measure: 一年八万 is no time since a home was sold.
    """
    if len(text) < _SAYS_SOMETHING:
        return {}
    bare = read_yes_no(text) is not None
    found = {fact.slug: value for fact in facts
             if (value := said_of(fact, text, today=today)) is not None
             and (fact.type == "choice" or (fact.type == "bool" and not bare) or fact.slug in _BY_UNIT_ALONE
                  or _is_named(fact, text))}
    if len(found) > 1:
        most = max(named_in(fact, text) for fact in facts if fact.slug in found)
        found = {fact.slug: found[fact.slug] for fact in facts if fact.slug in found and named_in(fact, text) == most}
    return found if len(found) == 1 else {}


def _is_named(fact: Fact, text: str) -> bool:
    if ".income_" not in fact.slug:
        paid = _PAID.search(text)
        return named_in(fact, text) > 0 or (fact.type == "months" and paid is not None and paid[0] in fact.question)
    whose = FAMILYS.search(text) is not None
    return whose == fact.slug.startswith("household.") and ("年" in text) == fact.slug.endswith("_year") \
        and (whose or named_in(fact, text) > 0) and _RENT.search(text) is None


def hear_besides(turn: Turn, rules: PolicyRules, person: str, *, asked: str = "") -> None:
    """Take in what the sentence tells of the policy's other questions, so that none asks what was just said."""
    catalogue = turn.knowledge.catalogue.facts
    told = {found.slug for found in turn.reading.facts}
    known = turn.known(person, rules.policy).keys() | told | {asked} | set(rules.policy.own_answers)
    own = {slug for slug in rules.policy.own_answers
           if (slug != asked or turn.reading.answer is None) and slug not in turn.known(person, rules.policy)
           and slug in catalogue and catalogue[slug].type == "bool"}
    others = [catalogue[slug] for slug in sorted((rules.base_facts | ANYWHERE) - known) if slug in catalogue]
    clauses = clauses_of(turn)
    if turn.reading.answer is not None and len(clauses) == 1 and not turn.reading.facts:
        return  # it answers the open question, and no other
    if turn.reading.answer is not None:
        others = [fact for fact in others if fact.type != "bool"]  # 我没房，老公也没房
    for clause in clauses:
        if asks(clause) or (asked in catalogue and said_of(catalogue[asked], clause, today=turn.today) is not None):
            continue
        for slug in sorted(own):
            said = echoes(clause, rules.policy.questions.get(slug, ""))
            if said is not None:
                hear(turn, slug, to_json(said), person, only_for=rules.policy.policy)
        for slug, value in said_surely(others, clause, today=turn.today).items():
            hear(turn, slug, to_json(value), person)


def denied(turn: Turn) -> Optional[tuple[str, OneOf]]:
    """Of 不是低保, where a service is named only as an answer that does not hold: the fact, and what it may be yet."""
    named = {item.alias for item in turn.reading.topics}
    denial = _DENIED.match(_WHOSE.sub("", turn.reading.text))
    if denial is None or not named or turn.reading.facts or asks(turn.reading.text):
        return None
    for fact in turn.knowledge.catalogue.facts.values():
        if not named <= {word for option in fact.options for word in (option.title, *option.words)}:
            continue
        answer = read_answer(fact, f"不是{denial['what']}", today=turn.today)
        if answer is not None and isinstance(answer.value, OneOf):
            return fact.slug, answer.value
    return None


def hear_denied(turn: Turn, person: str) -> bool:
    """Take in what is ``denied``; the service is then named no more, for nobody asks about it."""
    found = denied(turn)
    if found is None or not hear(turn, found[0], to_json(found[1]), person):
        return False
    turn.reading.topics.clear()
    return True


_WHOSE = re.compile(r"^(?:但是?|可是?|其实|哦|噢|不过|对了|[我俺他她咱]们?|阿拉|伲|屋头|屋里|家里头?|家头|家|又|也|都"
                    r"|还|，)*")
_DENIED = re.compile(r"(?:并)?(?:不是|勿是|弗是|不算|没有?吃|不吃|没有?享受|没得|没有)(?:啥子?|什么|个)?"
                     r"(?P<what>[^，。？]{2,8}?)(?:家庭|人员|户|的|了|嘛|啊|哦|哈|，|。)*$")


def hear(turn: Turn, slug: str, raw: Any, person: str, *, only_for: str = "") -> bool:
    """Take a fact in (``raw`` as ``to_json`` gives it) as told by this sentence; False where it cannot be believed."""
    if not take_fact(turn, slug, raw, person, only_for=only_for):
        return False
    turn.reading.facts.append(ReadFact(slug=slug, value=raw, start=0, end=len(turn.reading.text)))
    return True
