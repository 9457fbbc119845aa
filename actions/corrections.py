"""Skill: repairs. 说错了是四个人, 不对，我没有享受, 前面那个收入是一家人的, 年龄写错了.

What is said now takes the place of what was told, however long ago that was; then the open question comes again if
it still matters, or the verdict is given anew.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Set
from typing import Any, Optional

from actions import eligibility, suggest
from actions.heard import ANYWHERE, FAMILYS, denied, hear, named_in, said_of, said_surely
from actions.say import lead
from actions.turn import Skill, Turn, take_fact
from actions.understood import plain_name, wording_of
from bot.memory import Case
from bot.nlu.parsers.answers import read_answer
from bot.nlu.parsers.yesno import asks
from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.values import Value, to_json
from knowledge.text import normalise

#: Acts that no slip of the tongue takes the place of.
_OWN = frozenset({"emergency", "answer_place", "forget_me", "start_over"})
_VERB = r"[说讲记搞弄打写填点答报按选整听数算]"
#: Something said before was wrong, in so many words.
_WRONG = re.compile(
    rf"{_VERB}(?:得|的)?(?:有)?(?:错|拐|岔|反|漏)(?:了|脱|咯|啦|喽)*|错了|更正|纠正|(?:要|得)?改(?:一下|一哈|下|成|为|口)|重新说"
    r"|收回|口误|嘴瓢|手滑|手抖|搞混|弄混|记混"
)
_I_WAS_WRONG = re.compile(rf"我[^，。是]{{0,6}}{_VERB}[^，。]{{0,2}}[错拐岔反混]")
#: Perhaps so: it is a correction only if it gives another value for what was told.
_PERHAPS = re.compile(
    r"^(?:哦|噢|唉|哎呀?|啊|等等|等下|等一下|，)*(?:不对|不是|勿是|弗是|勿对|弗对)|不对[，。]|不是[^，。]{1,8}[，]?是"
    r"|(?:刚才|刚刚|前面|前头|先前|上面|起先|头先|方才|之前)(?:说|讲|报|填|写|答)?的?(?:那个|那句|那条)?|^(?:那个?|这个?|我[说讲]的)[^，。]{0,6}是|其实|实际上"
)
_FILLERS = re.compile(
    r"^(?:哦|噢|唉|哎呀?|啊|嗯|呃|等等|等下|等一下|我|俺|阿拉|是|就是|的是|应该|那个|那句|了|脱|，|。|、|对不起"
    r"|不好意思|刚才|刚刚|前面|前头|先前|上面|之前|不对|不是|勿是|弗是|勿对|弗对|错|其实|实际上|说|讲|话|把)+"
)
#: Another matter is asked about: no slip.
_ASKED_ABOUT = re.compile(r"(?:想|要)?(?:问|查|了解|打听)(?:的是|一下|下)?")
#: 收入是一家人的, 那是我一个人的: whose income it was; 是一年的: for how long.
_INCOME = re.compile(r"收入|工资|挣|赚|钱|万|千")
_ONES = re.compile(r"(?:我|自己|本人)(?:一个人|自己|个人|单独)?(?:一个人)?(?:的|挣|收入|工资)|一个人的|个人的")
_YEARS, _MONTHS = re.compile(r"年的?(?:收入)?|全年"), re.compile(r"月的?(?:收入)?")
_INCOMES = ("household.income_year", "household.income_month", "person.income_year")
_NUMBERS = ("int", "money", "months")
LONGEST = 40


def correction(turn: Turn) -> Optional[Skill]:
    """The skill that puts right what was said before; None if the sentence is no correction that can be told."""
    rules, text = at_hand(turn), turn.reading.text
    _same_person(turn)
    anew = _button(turn)
    if anew is not None:
        return lambda again: _ask_anew(again, *anew)
    wrong = _WRONG.search(text) is not None
    if turn.intent in _OWN or len(text) > LONGEST or turn.someone_else:
        return None
    if rules is None:
        said = _by_name(turn, frozenset()) if wrong and not turn.reading.facts and not asks(text) else {}
        return (lambda again: _note(again, said)) if said else None
    if not wrong and (_PERHAPS.search(text) is None or asks(text)):
        return None
    if turn.intent == "answer_fact" and not (wrong or _fits_last(turn, rules)):
        return None
    ruled_out = denied(turn)
    if ruled_out is not None:  # 低保 is what it is not, whatever it is
        known_of = ruled_out[0] in rules.base_facts
        return (lambda again: _put_right(again, rules, dict([ruled_out]))) if known_of else None
    moved = _income_moved(turn)
    if moved:
        return lambda again: _put_right(again, rules, moved)
    facts = _from_reading(turn, rules, sure=wrong)
    if not facts and not _ASKED_ABOUT.search(text):
        facts = _meant(turn, rules, sure=wrong)
    facts = facts or (_by_name(turn, rules.base_facts) if wrong and not asks(text) else {})
    if facts:
        stay_here(turn)
        return lambda again: _put_right(again, rules, facts)
    named = _named(turn, rules) if wrong and not asks(text) else ""
    return (lambda again: _ask_anew(again, named)) if named else None


def _button(turn: Turn) -> Optional[tuple[str, str]]:
    """The told fact and its owner that a button of the summary names; None if the sentence is none of them."""
    if not turn.reading.text.startswith("改一下"):
        return None
    said = plain_button(turn.reading.text)
    for owner, facts in turn.memory.facts.items():
        for slug in facts:
            if slug in turn.knowledge.catalogue.facts and plain_button(wording_of(turn, slug, owner)) == said:
                return slug, owner
    return None


def plain_button(text: str) -> str:
    """A button's words as they are read: in normal form, without pauses."""
    return re.sub(r"[：:，,、（）()\s]", "", normalise(text))


def _same_person(turn: Turn) -> None:
    """我记错了，是上海户口, said of the father: it is the speaker who was mistaken, and nobody else is spoken of."""
    memory, before = turn.memory, turn.person_before
    if turn.reading.subject != "self" or before == memory.subject or _I_WAS_WRONG.search(turn.reading.text) is None \
            or turn.reading.text.count("我") > 1:
        return
    memory.subject, memory.facts = before, copy.deepcopy(turn.facts_before)
    if memory.case is not None:
        memory.case.person = before
    for found in turn.reading.facts:
        take_fact(turn, found.slug, found.value, before)


def stay_here(turn: Turn) -> None:
    """说错了，户口是绵阳的: the rules that are talked of stay those of this city."""
    if turn.reading.region_is_hukou:
        turn.memory.region = turn.region_before


def at_hand(turn: Turn) -> Optional[PolicyRules]:
    """The policy that is being checked, or the one judged last."""
    return eligibility.current_rules(turn) or turn.knowledge.policies.get(turn.memory.last_policy)


def take(turn: Turn, rules: PolicyRules, facts: dict[str, Value], person: str) -> None:
    """Take facts in with what follows from them: 办了证是二级 takes an earlier "no certificate" back."""
    for slug, value in facts.items():
        only_for = rules.policy.policy if slug in rules.policy.own_answers else ""
        take_fact(turn, slug, to_json(value), person, only_for=only_for)
        if only_for and slug in {**turn.memory.facts.get(person, {}),
                                 **turn.memory.facts.get(turn.memory.household_of(person), {})}:
            take_fact(turn, slug, to_json(value), person)  # what was told of it before was wrong, too
        for rule in turn.knowledge.catalogue.facts[slug].implies:
            if rule.value in ("*", value):
                for other, implied in rule.then.items():
                    take_fact(turn, other, implied, person)


# --- what is meant -----------------------------------------------------------------------------


def _from_reading(turn: Turn, rules: PolicyRules, *, sure: bool) -> dict[str, Any]:
    """The facts that were told in so many words (they are taken in already)."""
    found = {item.slug: item.value for item in turn.reading.facts}
    if sure or any(slug in told for told in turn.facts_before.values() for slug in found):
        return found
    return {}


def _meant(turn: Turn, rules: PolicyRules, *, sure: bool) -> dict[str, Value]:
    """Of which fact a bare value is said: the one named, the one answered last, the one told last, or a coming one."""
    known = _known_before(turn, rules)
    catalogue = turn.knowledge.catalogue.facts
    last = turn.memory.last_answered
    told = [slug for slug in dict.fromkeys([last, *reversed(known)]) if slug in catalogue]
    for rest in _rests(turn):
        fitting = [(slug, value) for slug in told
                   if (value := said_of(catalogue[slug], rest, today=turn.today)) is not None
                   and value != known.get(slug)]
        if fitting:
            # max() keeps the first of equals: the one told last.
            slug, value = max(fitting, key=lambda item: named_in(catalogue[item[0]], rest))
            return {slug: value}
    if last in catalogue:
        for rest in _rests(turn):
            answer = read_answer(catalogue[last], rest, today=turn.today)
            if answer is not None and answer.value is not None and answer.value != known.get(last):
                return {last: answer.value}
    bare = _bare_number(turn, [slug for slug in told if slug in rules.base_facts])
    if bare:
        return bare
    others = [catalogue[slug] for slug in sorted((rules.base_facts | ANYWHERE) - set(told)) if slug in catalogue]
    for rest in _rests(turn) if sure else ():
        found = said_surely(others, rest, today=turn.today)
        if found:
            return found
    return {}


#: 年龄写成六十八; 学历，硕士: what stands behind the name of a fact.
_VALUE = re.compile(r"(?P<name>[^，。]{2,12}?)(?:应该|要|得|给我|帮我|给){0,3}"
                    r"(?:[写改换填记算弄]?[成为作到]|是|，){1,3}(?P<value>[^，。]+)$")


def _by_name(turn: Turn, asked_for: Set[str]) -> dict[str, Value]:
    """改一下，年龄写成六十八: the value behind the name of a fact, told before or not; ``asked_for`` come first."""
    catalogue = turn.knowledge.catalogue.facts
    known = turn.memory.known(turn.memory.person_at_hand)
    for rest in _rests(turn):
        said = _VALUE.search(rest)
        if said is None:
            continue
        named = [(named_in(fact, said["name"]), slug in known, slug in asked_for, -len(fact.name), slug)
                 for slug, fact in catalogue.items() if fact.type != "bool"]
        for length, _, _, _, slug in sorted(named, reverse=True)[:_LIKELY]:
            answer = read_answer(catalogue[slug], said["value"], today=turn.today) if length else None
            if answer is not None and answer.value is not None:
                return {slug: answer.value}
    return {}


#: So many facts whose names fit best are tried.
_LIKELY = 3


def _bare_number(turn: Turn, told: list[str]) -> dict[str, Value]:
    """不对，是八十一: a number alone takes the place of the only number that was told."""
    facts = [fact for slug in told if (fact := turn.knowledge.catalogue.facts[slug]).type in _NUMBERS]
    for rest in _rests(turn) if len(facts) == 1 else ():
        answer = read_answer(facts[0], rest, today=turn.today)
        if answer is not None and answer.value is not None:
            return {facts[0].slug: answer.value}
    return {}


def _known_before(turn: Turn, rules: PolicyRules) -> dict[str, Value]:
    """What was known for the policy, the oldest first; then anything else known of the person."""
    known = turn.known(turn.memory.person_at_hand, rules.policy)
    return {**{slug: value for slug, value in known.items() if slug not in rules.base_facts},
            **{slug: value for slug, value in known.items() if slug in rules.base_facts}}


def _rests(turn: Turn) -> Iterator[str]:
    """What is left of the sentence without the words that take something back, in several cuts."""
    text = _WRONG.sub("，", turn.reading.clauses())
    whole = _FILLERS.sub("", text).strip("，。！？ ")
    parts = [_FILLERS.sub("", part) for part in re.split("[，。！]", text)]
    behind = re.search(r"不是[^，。]+?[，]?(?:而)?是(?P<so>[^，。]+)", text)
    cuts = [behind["so"] if behind is not None else "", whole, *reversed(parts)]
    for cut in dict.fromkeys(cut.strip("，。！？ 吧哈哦嘛") for cut in cuts):
        if cut:
            yield cut


def _fits_last(turn: Turn, rules: PolicyRules) -> bool:
    """不对，我没有享受, asked the next question: it says something of an earlier one and nothing of the open one."""
    catalogue, memory = turn.knowledge.catalogue.facts, turn.memory
    told = [catalogue[slug] for slug in (memory.last_answered, *_known_before(turn, rules)) if slug in catalogue]
    asked = catalogue.get(memory.open.fact) if memory.open is not None else None
    if asked is None:
        return False
    for rest in _rests(turn):
        if said_of(asked, rest, today=turn.today) is not None:
            return False
        if any(said_of(fact, rest, today=turn.today) is not None for fact in told):
            return True
    return False


def _income_moved(turn: Turn) -> dict[str, Value]:
    """前面那个收入是一家人的: the sum stays, whose it is or for how long changes."""
    text, known = turn.reading.text, turn.memory.known(turn.memory.person_at_hand)
    told = next((slug for slug in reversed(known) if slug in _INCOMES), "")
    value = known.get(told)
    if not told or not isinstance(value, (int, float)) or turn.reading.facts or re.search(r"[\d万千百]", text) \
            or not _INCOME.search(text):
        return {}
    family, one = FAMILYS.search(text), _ONES.search(text)
    owner = "household" if family else ("person" if one else told.split(".")[0])
    period = "year" if _YEARS.search(text) else ("month" if _MONTHS.search(text) else told.rpartition("_")[2])
    if owner == "person" and period == "month":
        period, value = "year", value * 12  # there is no fact for what one earns a month
    slug = f"{owner}.income_{period}"
    return {slug: value} if slug != told and slug in _INCOMES else {}


def _named(turn: Turn, rules: PolicyRules) -> str:
    """年龄写错了: the told fact that is named without a value."""
    known, catalogue = _known_before(turn, rules), turn.knowledge.catalogue.facts
    rest = "，".join(_rests(turn))
    named = max(known, key=lambda slug: named_in(catalogue[slug], rest), default="")
    return named if named and named_in(catalogue[named], rest) else ""


# --- putting it right --------------------------------------------------------------------------


def _put_right(turn: Turn, rules: PolicyRules, facts: dict[str, Any]) -> None:
    """Replace the facts, say so, and go on with the case or judge anew."""
    person = turn.memory.person_at_hand
    said = {item.slug for item in turn.reading.facts}
    take(turn, rules, {slug: value for slug, value in facts.items() if slug not in said}, person)
    for slug in said & set(rules.policy.own_answers):
        take_fact(turn, slug, facts[slug], person, only_for=rules.policy.policy)
    _drop_the_other_income(turn, facts, person)
    case = turn.memory.case
    if case is not None:
        case.skip = [slug for slug in case.skip if slug not in facts]
        case.partly = [slug for slug in case.partly if slug not in facts]
    # What step says of replaced facts would be said twice.
    words = "，".join(word for slug, value in facts.items()
                     if (word := suggest.fact_in_a_sentence(turn, slug, _stored(turn, rules, slug, value, person))))
    before_it = {slug for told in turn.facts_before.values() for slug in told}
    # 那个收入是一家人的: told before, of another or for another time.
    never_told = not before_it & ({*facts, *_INCOMES} if set(facts) & set(_INCOMES) else set(facts))
    turn.facts_before = turn.memory.facts
    before = len(turn.replies)
    (eligibility.step if case is not None else lambda again: eligibility.start(again, rules))(turn)
    if len(turn.replies) == before:
        return
    if words:
        lead(turn.replies[before], turn.say("noted" if never_told else "changed", facts=words))
    elif never_told:  # 不是低保, told for the first time
        slug, value = next(iter(facts.items()))
        lead(turn.replies[before], turn.say("noted", facts=suggest.fact_in_words(turn, slug, to_json(value))))
    else:  # 不是低保: which of the others it is, is asked again
        lead(turn.replies[before], turn.say("taken_back", name=plain_name(turn, next(iter(facts)))))


def _stored(turn: Turn, rules: PolicyRules, slug: str, value: Any, person: str) -> Any:
    """The value as it is remembered now: a place by its code."""
    known = turn.known(person, rules.policy).get(slug, value)
    return to_json(known) if not isinstance(known, dict) else known


def _drop_the_other_income(turn: Turn, facts: dict[str, Any], person: str) -> None:
    """What was one person's and is the family's now is not one person's any more."""
    if not set(facts) & set(_INCOMES) or turn.reading.facts:
        return
    for owner in (person, turn.memory.household_of(person)):
        for slug in _INCOMES:
            if slug not in facts:
                turn.memory.facts.get(owner, {}).pop(slug, None)


def _note(turn: Turn, facts: dict[str, Value]) -> None:
    """Take as told what was never told before, where nothing is being checked."""
    person = turn.memory.person_at_hand
    for slug, value in facts.items():
        hear(turn, slug, to_json(value), person)
    turn.replies.append(suggest.noted(turn))


def _ask_anew(turn: Turn, slug: str, owner: str = "") -> None:
    """Forget the fact that was wrong (told of ``owner``), and ask it again."""
    kind, _, other = owner.partition(":")
    person = (other or turn.memory.person_at_hand) if kind == "household" else owner or turn.memory.person_at_hand
    turn.memory.subject = person
    for whose in (person, turn.memory.household_of(person)):
        turn.memory.facts.get(whose, {}).pop(slug, None)
    for key in [key for key in turn.memory.own if key.endswith(f" {person}")]:
        turn.memory.own[key].pop(slug, None)
    case, rules = turn.memory.case, at_hand(turn)
    if case is None and rules is not None and slug in rules.base_facts:
        turn.memory.case = Case(policy=rules.policy.policy, person=person)
    elif case is not None:
        case.skip = [item for item in case.skip if item != slug]
        case.partly = [item for item in case.partly if item != slug]
    eligibility.ask_fact(turn, slug, said_first=turn.say("taken_back", name=plain_name(turn, slug)))
