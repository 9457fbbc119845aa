"""Skill: a life event (一件事), and "what may I be entitled to": a few questions that serve many policies, then a plan.

An event is a case like that of one policy (``bot.memory.Case``), with ``event`` set; its ``policy`` is the one that
the open question is asked for, so that answers, repairs and interruptions work as in any check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Optional

from actions import plan, suggest
from actions.choices import Suggestion
from actions.heard import clauses_of, hear, hear_denied, said_surely
from actions.say import Message, button, lead, message
from actions.topic_choice import NAMED, names_service
from actions.turn import Skill, Turn, take_fact
from bot.memory import Case
from bot.nlu.parsers.yesno import asks
from knowledge.eligibility import engine
from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.many import next_fact_for_many
from knowledge.eligibility.values import Value, to_json
from knowledge.life_events import rules_of
from knowledge.schema import LifeEvent
from knowledge.text import touches

#: Everything that there is, rather than one event.
OVERVIEW = "overview"
#: So many questions at most.
MOST = 8
MOST_OVERVIEW = 5
#: So many policies of an event are settled at a time.
FOCUS = 3
#: Makes the question for a fact of a policy (``actions.eligibility.question``).
Ask = Callable[[Turn, PolicyRules, str], Message]
#: 就这些吧, 算了, 莫问了嘛: the plan with what is known.
_ENOUGH = re.compile(r"(好|行|嗯|那|哦|可以|中|要得|得|了|嘛|吧|，|就|先|我|你|侬)*"
                     r"(就|先|只有|就是)?(这些|这样|恁个|这么多|这点|到这|那些|介许多)(吧|了|嘛|哈|啦|罢|呗|子|里|好了)*"
                     r"|(好|行|那|先|我|你|侬|就|，|了)*(算|够|得)(了|啦|球|咯|哉|呗)(吧|嘛|哈)*"
                     r"|(好|行|那|先|就|，|你|侬|了)*(不|别|莫|覅|勿要|甭|不要|不想|懒得)(再)?(问|答|说|回答)(了|啦|咯|嘛|吧|哉)*"
                     r"|(直接|现在|马上)?(给我|帮我)?(说|讲|出|给|看)(一下|下|个)?(结果|结论|清单)(吧|嘛)?")
#: The button behind suggestions.
_MORE_QUESTIONS = re.compile(r"再(多)?问(我)?(几|两|些)个?(问题|句)?|(问|多问)(我)?几个问题.{0,4}(全|细)|找全一点")


def first(turn: Turn, ask: Ask) -> Optional[Skill]:
    """The skill if the sentence begins or ends an event, or goes on behind its plan; danger goes first."""
    if turn.intent == "emergency" or turn.reading.limit >= 0:
        return None
    case, text = turn.memory.case, turn.reading.text
    if case is not None and case.event and turn.memory.open is not None and _ENOUGH.fullmatch(text):
        return finish
    if _MORE_QUESTIONS.search(text):
        if case is not None and case.event:
            return None
        turn.memory.subject = turn.person_before  # 再问我几个问题: asked of whom, is not whose case it is
        return lambda again: begin(again, OVERVIEW, ask)
    event = turn.knowledge.life_events.meant(text)
    if event is not None and not _names_one_service(turn, event):
        if case is not None and case.event == event.id:
            return None
        return lambda again: begin(again, event.id, ask)
    return _behind_the_plan(turn, ask)


def _names_one_service(turn: Turn, event: LifeEvent) -> bool:
    """生了娃，育儿补贴有哪些要求: one service is named, apart from the words for what happened."""
    return any(item.weight >= NAMED and item.alias not in event.name for item in turn.reading.topics)


def _behind_the_plan(turn: Turn, ask: Ask) -> Optional[Skill]:
    """我有残疾证, told behind a plan: the plan is made anew. 那我爸呢: for him."""
    shown, reading = turn.memory.plan, turn.reading
    last = turn.memory.last_said
    if shown is None or turn.memory.case is not None or last.get("event") != shown.event \
            or reading.aspect is not None or turn.intent == "find_place":
        return None
    if not reading.facts and turn.memory.subject == shown.person and _hears(turn, shown):
        return _again_with
    if names_service(turn):
        return None
    if reading.subject not in (None, shown.person) and turn.memory.subject == reading.subject \
            and (reading.facts or reading.text.endswith(("呢", "喃", "咧", "嘞"))):
        return lambda again: begin(again, shown.event, ask)
    if not reading.facts or turn.memory.subject != shown.person:
        return None
    return _again


def _hears(turn: Turn, shown: Case) -> bool:
    """Take in 没办失业登记, 不是低保, told behind the plan in no words of its own; whether that tells anything."""
    if hear_denied(turn, shown.person):
        return True
    text, catalogue = turn.reading.text, turn.knowledge.catalogue.facts
    if len(text) > _SHORT or turn.reading.topics or asks(text) or _PERHAPS.search(text):
        return False
    rules = _rules(turn, shown)
    slugs = {slug for item in rules for slug in item.base_facts - set(item.policy.own_answers)}
    facts = [catalogue[slug] for slug in sorted(slugs) if slug in catalogue]
    found = [pair for clause in clauses_of(turn) for pair in said_surely(facts, clause, today=turn.today).items()]
    return any([hear(turn, slug, to_json(value), shown.person) for slug, value in found])


#: A longer sentence tells more than an answer.
_SHORT = 16
#: What is only supposed is not told.
_PERHAPS = re.compile(r"要是|如果|假如|万一|的话")


def _again_with(turn: Turn) -> None:
    """The plan anew with what was told just now, which is said first; only noted where no rule of it needs that."""
    shown = turn.memory.plan
    assert shown is not None
    told = {found.slug for found in turn.reading.facts}
    owners = (shown.person, turn.memory.household_of(shown.person))
    words = "；".join(said for owner in owners if (said := suggest.facts_in_words(turn, only=told, owner=owner)))
    needed = any(told & item.base_facts for item in _rules(turn, shown))
    _again(turn)
    if needed:
        lead(turn.replies[-1], turn.say("noted", facts=words))
    else:  # the plan stays what was said last, so that more may be told behind it
        turn.replies[-1]["text"] = turn.say("plan_unchanged", facts=words)


def _again(turn: Turn) -> None:
    """Go on with the event whose plan was given, with what was told since."""
    shown = turn.memory.plan
    assert shown is not None
    turn.memory.case = shown
    finish(turn)


def begin(turn: Turn, name: str, ask: Ask) -> None:
    """Begin an event for the person spoken of, and take the first step."""
    event = turn.knowledge.life_events.named(name)
    person = turn.memory.subject
    if event is not None and event.about == "family" and person in ("spouse", "child"):
        person = "self"  # 我老婆要生了: the household's case
    if event is not None and event.about == "elder" and person in ("self", "spouse"):
        person = "elder"
    turn.memory.subject = person
    turn.memory.open = None
    turn.memory.last_policy = ""
    turn.memory.case = case = Case(policy="", person=person, event=name)
    if event is not None:
        known = turn.memory.known(person)
        for slug, value in event.tells.items():
            if slug not in known:
                take_fact(turn, slug, value, person)
        if event.early is not None and touches(turn.reading.text, event.early.patterns):
            case.early, case.skip = True, [slug for slug in event.early.skip if slug not in known]
    step(turn, ask)


def step(turn: Turn, ask: Ask) -> None:
    """Ask the fact that serves most of the policies still open; else give the plan."""
    case = turn.memory.case
    assert case is not None
    rules = _rules(turn, case)
    _share_own_answers(turn, case, rules)
    found = _next(turn, case, rules)
    if found is None or (found[0] not in case.put and len(case.put) >= most_of(case)):
        finish(turn)
        return
    fact, asker = found
    opening = not case.put
    if fact not in case.put:
        case.put.append(fact)
    case.policy, turn.memory.topic = asker.policy.policy, asker.policy.topic
    turn.memory.ask(fact)
    reply = ask(turn, asker, fact)
    if opening:
        lead(reply, _opening(turn, case, rules))
    turn.replies.append(reply)


def _opening(turn: Turn, case: Case, rules: Sequence[PolicyRules]) -> str:
    event = turn.knowledge.life_events.named(case.event)
    who = turn.address(case.person)
    if event is None:
        return turn.say("overview_start", who=who, most=remaining(turn, case))
    return turn.say("event_start", event=event.name, who=who, count=len(rules), most=remaining(turn, case))


def most_of(case: Case) -> int:
    """How many questions the event may ask."""
    return MOST_OVERVIEW if case.event == OVERVIEW else MOST


def remaining(turn: Turn, case: Case) -> int:
    """At most so many questions are still to come, the open one among them."""
    missing = {slug for item in _rules(turn, case) for slug in _judge(turn, case, item).missing} - set(case.skip)
    asked = turn.memory.open is not None and turn.memory.open.kind == "fact"
    left = most_of(case) - len(case.put) + (1 if asked else 0)
    return max(1, min(left, len(missing)))


def _rules(turn: Turn, case: Case) -> list[PolicyRules]:
    policies = turn.knowledge.all_policies(turn.region)
    events, facts = turn.knowledge.life_events, turn.memory.known(case.person)
    event = events.named(case.event)
    if event is not None:
        return [item for item in rules_of(event, policies) if not events.has_already(item.policy.topic, facts)]
    # One with a suffix is for some people or one district only: nobody is asked about it unless an event names it.
    return [item for item in policies if "." not in item.policy.policy
            and not events.has_already(item.policy.topic, facts) and not events.too_old_for(item.policy.topic, facts)]


def _judge(turn: Turn, case: Case, rules: PolicyRules) -> engine.Verdict:
    return engine.evaluate(rules, turn.known(case.person, rules.policy), day=turn.today, city=turn.city)


def _next(turn: Turn, case: Case, rules: Sequence[PolicyRules]) -> Optional[tuple[str, PolicyRules]]:
    """The next fact, and the policy in whose words it is asked.

    An event's policies stand in the order of what they matter: a few at a time are settled, so that the questions
    bring some to an end instead of all of them half-way.
    """
    judged = [Suggestion(item, _judge(turn, case, item)) for item in rules]
    still_open = [item for item in judged if item.verdict.outcome == "undetermined"]
    if case.event == OVERVIEW:
        return _serving_several(turn, case, still_open)
    for start in range(0, len(still_open), FOCUS):
        focus = still_open[start:start + FOCUS]
        found = _shared(turn, case, focus) or _own(turn, case, [item.rules for item in focus])
        if found is not None:
            return found
    return _own(turn, case, rules)  # all that can be settled is: what is left are sums


def _serving_several(turn: Turn, case: Case, judged: Sequence[Suggestion]) -> Optional[tuple[str, PolicyRules]]:
    """The fact that serves most; none that a single policy needs, of which nobody knows yet whether it is wanted."""
    narrow: set[str] = set()
    while (found := _shared(turn, case, judged, frozenset(narrow))) is not None:
        if sum(found[0] in item.verdict.missing for item in judged) > 1:
            return found
        narrow.add(found[0])
    return None


def _shared(turn: Turn, case: Case, judged: Sequence[Suggestion],
            without: frozenset[str] = frozenset()) -> Optional[tuple[str, PolicyRules]]:
    """The fact (none of ``without``) that serves most of the policies ``judged``, which are still open."""
    rules, facts = [item.rules for item in judged], turn.memory.known(case.person)
    fact = next_fact_for_many(rules, facts, day=turn.today, city=turn.city,
                              skip=_not_asked(turn, case, facts) | without)
    if fact is None:
        return None
    gate = _asked_before(turn, fact, facts)
    if gate in case.skip or gate in without:
        case.skip.append(fact)  # who does not know of a certificate cannot tell its grade
        return _shared(turn, case, judged, without)
    fact = gate or fact
    askers = [item.rules for item in judged if fact in item.verdict.missing] \
        or [item for item in rules if fact in item.base_facts] or list(rules)
    # A wording for one policy alone may not fit the others.
    return fact, next((item for item in askers if fact not in item.policy.questions), askers[0])


def _own(turn: Turn, case: Case, rules: Sequence[PolicyRules]) -> Optional[tuple[str, PolicyRules]]:
    """What only one policy asks in its own words, or for its sum."""
    for item in rules:
        fact = engine.next_question(item, turn.known(case.person, item.policy), day=turn.today, city=turn.city,
                                    skip=frozenset(case.skip))
        if fact is not None:
            return fact, item
    return None


def _share_own_answers(turn: Turn, case: Case, rules: Sequence[PolicyRules]) -> None:
    """What was answered for one policy alone holds for another that asks in the very same words."""
    own = turn.memory.own
    said = {(slug, item.policy.questions.get(slug)): value for item in rules
            for slug, value in own.get(f"{item.policy.policy} {case.person}", {}).items()}
    for item in rules:
        for slug in item.policy.own_answers:
            wording = item.policy.questions.get(slug)
            if wording and (slug, wording) in said:
                own.setdefault(f"{item.policy.policy} {case.person}", {}).setdefault(slug, said[slug, wording])


def _not_asked(turn: Turn, case: Case, facts: Mapping[str, Value]) -> frozenset[str]:
    """What is not asked: what was not known, and, where everything is asked for, what nobody of that age is asked."""
    events = turn.knowledge.life_events
    return frozenset((*case.skip, *(events.not_asked_of(facts) if case.event == OVERVIEW else ())))


def _asked_before(turn: Turn, slug: str, facts: Mapping[str, Value]) -> str:
    """有残疾人证吗, before its grade is asked: what any answer to ``slug`` takes for granted; "" if that is known."""
    return next((gate for rule in turn.knowledge.catalogue.facts[slug].implies if rule.value == "*"
                 for gate, value in rule.then.items() if value is True and gate not in facts), "")


def finish(turn: Turn) -> None:
    """Give the plan (or what may fit) with what is known; the case is over."""
    case = turn.memory.case
    assert case is not None
    rules = _rules(turn, case)
    event = turn.knowledge.life_events.named(case.event)
    turn.memory.open = None
    if event is None:
        turn.replies.append(_overview(turn, case))
        turn.memory.case = None
        return
    made = plan.make_plan(turn, rules, case.person)
    reply = plan.plan_message(turn, event, made, case)
    turn.memory.case, turn.memory.plan = None, case
    shown = [*made.certain, *made.likely]
    if shown:
        turn.memory.topic = shown[0].rules.policy.topic
    turn.replies.append(reply)


def _overview(turn: Turn, case: Case) -> Message:
    found = suggest.fitting(turn, case.person)
    if found:
        return suggest.suggestions_message(turn, found)
    return message("suggestions", turn.say("overview_none", who=turn.address(case.person), phone=turn.hotline),
                   knowledge=turn.knowledge, region=turn.region, items=[], event=OVERVIEW)


def ask_on() -> dict[str, str]:
    """The button that goes on asking."""
    return button("再问我几个问题，找全一点")
