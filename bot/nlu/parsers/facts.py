"""All facts a resident states in one message, each with its value, its place in the text and whom it is about.

The area parsers say what a phrase may mean; here it is decided whether it was stated or only asked
(``asked``), about whom, and which reading wins where two overlap or the speaker corrects himself.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Iterator, Optional, Sequence

from bot.nlu.parsers import care, child, family, housing, hukou, income, insurance, lease, study, work
from bot.nlu.parsers.ages import FoundAge, age_from_birth, find_ages
from bot.nlu.parsers.asked import Clauses, is_asked
from bot.nlu.parsers.birthday import age_by_birthday
from bot.nlu.parsers.dates import Birth, add_months, born_between, days, find_births, span_of
from bot.nlu.parsers.found import Candidate, FoundFact, Heard
from bot.nlu.parsers.money import scale
from bot.nlu.parsers.negation import is_denied, is_past, is_turned
from bot.nlu.parsers.numbers import ends
from bot.nlu.parsers.people import PRONOUNS, Mention, find_people, one_of_each, subject_of
from bot.nlu.parsers.plausible import YOUNGEST, is_plausible
from bot.nlu.parsers.variants import plain
from knowledge.eligibility.values import OneOf, Range

#: A resident's message is far shorter (the channel caps it); what is longer is read to here.
MAX_LENGTH = 4000

_AREAS = (hukou, study, work, insurance, care, housing, lease, family, child, income)
#: What is over when it is told of former times.
_PASSING = frozenset(
    {
        "household.category",
        "household.has_other_housing_aid",
        "household.owns_home_in_city",
        "household.owns_home_in_lease_area",
        "lease.type",
        "person.public_service_or_zone_job",
        "person.talent_class",
    }
)
_BELOW = re.compile(r"(?:不是|没有|没得|没到|没)(?=[\d一二两三四五六七八九十百千半几])")
_CHOSEN_NUMBER = "person.disability_level"
# Their parsers read 不是 themselves: 不是本地户口 says something.
_SEE_TO_NO = frozenset({"person.hukou_city", "person.hukou_type"})
_CHILD_BELOW = 18
_US = frozenset({"我们", "我们俩", "我俩", "咱们", "咱俩", "俺们", "我们家", "我家", "俺家", "咱家"})
#: Up to here 满一岁了 is said when it has just come to pass; 满十八 is said of any grown-up.
_JUST_TURNED = 6
_PET_NAME_BELOW = 8
_AND_NOTHING_BUT = frozenset({"", "今年", "现在", "也", "是", "都", "才", "就", "刚", "有"})
_OWN_CHILD = frozenset({"child", None, "self", "spouse"})


@dataclass(frozen=True)
class FactReading:
    """The facts of one message. ``subject``: whom the question is for, None where nobody is named."""

    facts: list[FoundFact]
    subject: Optional[str]


class _Listener:
    """One message while it is being read."""

    def __init__(self, text: str, today: dt.date) -> None:
        self.text = text
        self.today = today
        self.people = one_of_each(text, find_people(text))
        self._ends = [mention.end for mention in self.people]
        self.clauses = Clauses(text)
        self.heard = Heard(text, today, self.people)

    def owner(self, start: int, end: int) -> Optional[Mention]:
        """Who ``text[start:end]`` is about: who stands right behind it (80岁的老母亲), else the last one before."""
        index = bisect_right(self._ends, start)
        for mention in self.people[index : index + 2]:
            behind = mention.start >= end and self.text[end : mention.start] in ("的", "")
            if behind and mention.start == end and self._told_already(start, end):
                continue  # 我妈七十六我爸八十一: the first number is hers
            if behind and mention.person != "self" and not mention.vague and not mention.asking and not mention.errand:
                return mention
        fallback: Optional[Mention] = None
        for mention in reversed(self.people[max(0, index - 6) : index]):
            if mention.negated or mention.beside or (mention.errand and mention.word not in PRONOUNS):
                continue
            if mention.asking:
                fallback = fallback or mention
                continue
            return mention
        return fallback

    def _told_already(self, start: int, end: int) -> bool:
        """Whether ``text[start:end]`` is told of somebody named right before it (俺三岁孙子 is not)."""
        index = bisect_right(self._ends, start)
        if index == 0 or (self.people[index - 1].person == "self" and self.text[start:end].endswith("岁")):
            return False
        return self.text[self.people[index - 1].end : start] in _AND_NOTHING_BUT

    def anchor(self, found: Candidate) -> Optional[Mention]:
        """The person named in the same clause, so that the phrase states something about him or her."""
        owner = self.owner(found.start, found.end)
        clause_start, clause_end = self.clauses.of(found.start)
        if owner and not owner.vague and not owner.asking and clause_start <= owner.start < clause_end:
            behind = owner.start >= found.end
            if not (behind and owner.small) or any(
                clause_start <= m.start < found.start and not m.asking for m in self.people
            ):
                return owner  # "一岁的娃能上托班吗" is about any child
        inside = [
            m
            for m in self.people
            if found.start <= m.start < found.end and not m.asking and not m.vague and not m.negated
        ]
        return inside[0] if inside else None

    # --- ages and births ---------------------------------------------------------------------

    def ages(self) -> Iterator[Candidate]:
        births = list(find_births(self.text, today=self.today))
        for found in find_ages(self.text, today=self.today):
            if any(b.start < found.end and found.start < b.end for b in births):
                continue
            child = self._beside(found.start)
            owner = child or self.owner(found.start, found.end)
            person = owner.person if owner else None
            low, high = ends(found.value)
            if not is_plausible("person.age", found.value, person):
                continue
            if person == "child" and low is not None and self._just_turned(found):
                found, high = replace(found, value=int(low)), low
            strong = found.strong or child is not None
            yield Candidate("person.age", found.value, found.start, found.end, strong,
                            "child" if child is not None else None)
            if person == "child" and high is not None and high < _CHILD_BELOW:
                born = born_between(int(low or 0) * 12, int(high) * 12 + 11, self.today)
                yield Candidate("child.birth_date", born, found.start, found.end, strong, "child")
        yield from self._births(births)

    def _beside(self, start: int) -> Optional[Mention]:
        """The child told of besides whose age stands right behind it: 还有个老大六岁, 带个娃三岁."""
        index = bisect_right(self._ends, start)
        last = self.people[index - 1] if index else None
        if last is None or last.person != "child" or not last.beside or last.negated:
            return None
        return last if self.text[last.end:start] in _AND_NOTHING_BUT else None

    def _just_turned(self, found: FoundAge) -> bool:
        """娃满一岁了 is said when it has just come to pass, not of any child above one."""
        low, high = ends(found.value)
        said = self.text[found.start : found.end]
        young = high is None and low is not None and low <= _JUST_TURNED
        return young and "满" in said and said.endswith(("了", "啦", "咯"))

    def _births(self, births: Sequence[Birth]) -> Iterator[Candidate]:
        for birth in births:
            owner = self.owner(birth.start, birth.end)
            person = owner.person if owner else None
            value = birth.value
            age = age_from_birth(value, today=self.today)
            if age is None:
                continue
            least = YOUNGEST.get(person or "", 0) if person != "self" else 0
            age = age_by_birthday(age, self.text[max(0, birth.start - 16) : birth.end + 16])
            high = ends(age)[1] or 0
            first, last = span_of(value)
            if high < least and first.year >= 2000 and person != "spouse":
                if person in ("mother", "father", "parents"):
                    continue
                if last == self.today and first < last:
                    last = dt.date(last.year, 12, 31)  # was cut off at today
                older = _a_century_before(first), _a_century_before(last)  # 我奶奶26年的
                age = age_from_birth(days(*older), today=self.today)
                if age is None:
                    continue
                yield Candidate("person.age", age, birth.start, birth.end, strong=True)
                continue
            young = high < _CHILD_BELOW
            # 我家妹妹前年八月生的: a small 妹妹 or 弟弟 is one's own child, called by its place among the children.
            pet_name = person == "sibling" and high < _PET_NAME_BELOW
            if birth.baby or pet_name or (young and person in _OWN_CHILD):
                yield Candidate("child.birth_date", value, birth.start, birth.end, True, "child")
                if person == "child" and high >= 3:
                    yield Candidate("person.age", age, birth.start, birth.end, True)
            else:
                yield Candidate("person.age", age, birth.start, birth.end, strong=True)

    # --- putting it together ------------------------------------------------------------------

    def candidates(self) -> list[Candidate]:
        found = list(self.ages())
        for area in _AREAS:
            found.extend(area.find(self.heard))
        found.sort(key=lambda c: (c.start, -c.end))
        return _longest(found)

    def person_of(self, found: Candidate) -> Optional[str]:
        if found.person:
            return found.person
        first = next((m for m in self.people if found.start <= m.start < found.end and not m.beside), None)
        owner = first or self.owner(found.start, found.end)
        if owner is None:
            return None
        if found.slug.split(".")[0] in ("household", "lease") and (owner.small or self._child_of_us(owner)):
            return None
        return owner.person

    def _child_of_us(self, owner: Mention) -> bool:
        """女儿跟着我们在这边上学，没有买房: what the household has is the speakers', who call themselves 我们."""
        return owner.person == "child" and any(m.word in _US and m.start != owner.start for m in self.people)

    def denied(self, found: Candidate) -> bool:
        """Whether the text says that ``found`` is not so (or no longer so)."""
        if found.slug in _SEE_TO_NO:
            return False
        if found.value is False:
            return is_turned(self.text, found.start)
        if found.slug in _PASSING and found.value != "none" and is_past(self.text, found.start):
            return True
        counted = isinstance(found.value, (int, float, Range)) and found.value is not True and found.value != 0
        if counted and _BELOW.search(self.text, found.start, found.end):
            return True  # 工资没有五千: less, but how much less is not said
        named = isinstance(found.value, str) or found.slug == _CHOSEN_NUMBER
        return is_denied(self.text, found.start, found.end, behind=named)

    def facts(self) -> list[FoundFact]:
        kept: dict[tuple[str, Optional[str]], FoundFact] = {}
        told = False
        for found in self.candidates():
            anchor = self.anchor(found)
            if is_asked(found, self.clauses, anchor=anchor, told_before=told):
                continue
            if self.denied(found):
                continue
            person = self.person_of(found)
            if not is_plausible(found.slug, found.value):
                continue
            told = True
            fact = FoundFact(found.slug, found.value, found.start, found.end, person)
            question = self.clauses.is_question(*self.clauses.of(found.start))
            if (found.slug, person) in kept and question and anchor is None and not found.strong:
                continue  # 我本科毕业,硕士能领多少: the second is no correction
            kept.pop((found.slug, person), None)  # the last word counts: 说错了是四十五平
            kept[found.slug, person] = fact
        return _single_income(sorted(kept.values(), key=lambda f: (f.start, f.slug)))


def _a_century_before(day: dt.date) -> dt.date:
    return add_months(day, -1200)


def _longest(found: list[Candidate]) -> list[Candidate]:
    """Of candidates with one slug that overlap, the longest; of two equally long, the first."""
    best: dict[str, list[Candidate]] = {}
    for candidate in sorted(found, key=lambda c: c.start - c.end):
        taken = best.setdefault(candidate.slug, [])
        if not any(other.start < candidate.end and candidate.start < other.end for other in taken):
            taken.append(candidate)
    return sorted((c for several in best.values() for c in several), key=lambda c: (c.start, c.end, c.slug))


def _single_income(facts: list[FoundFact]) -> list[FoundFact]:
    """Whoever lives alone has the household's income: add it where only the person's was said."""
    slugs = {fact.slug for fact in facts}
    alone = any(
        (fact.slug == "household.single" and fact.value is True) or (fact.slug == "household.size" and fact.value == 1)
        for fact in facts
    )
    if not alone or slugs & {"household.income_month", "household.income_year"}:
        return facts
    own = next((fact for fact in facts if fact.slug == "person.income_year"), None)
    if own is None or isinstance(own.value, (bool, str, dt.date, OneOf)):
        return facts
    return [
        *facts,
        replace(own, slug="household.income_month", value=scale(own.value, 1 / 12)),
        replace(own, slug="household.income_year"),
    ]


def read_facts(text: str, *, today: dt.date) -> FactReading:
    """The facts stated in ``text`` (normalised, but tolerant of full-width forms) as of ``today``. Never raises.

    ``person.hukou_city`` is "local", "elsewhere" or a name (成都; 四川 where only the province was said),
    ``person.hukou_district`` and ``lease.district`` are names: the caller, who knows the city, resolves them.
    Months and money are ints or ``Range``; days are dates or ``Range`` of dates.
    """
    text = plain(text[:MAX_LENGTH])
    listener = _Listener(text, today)
    return FactReading(listener.facts(), subject_of(text, listener.people))
