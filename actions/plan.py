"""The plan at the end of a life event: what can be had, what one thing more would tell, what does not fit and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from actions import choices
from actions.choices import Suggestion
from actions.refusal import time_mends, what_fails
from actions.say import Message, button, join, listed, message, trust_sentence
from actions.turn import Turn
from actions.verdict import amount_text, open_sum
from bot.memory import Case
from knowledge.eligibility import engine
from knowledge.eligibility.engine import PolicyRules, chinese_day
from knowledge.life_events import rules_of, without_rule
from knowledge.schema import Early, LifeEvent

#: So many services are offered as buttons.
BUTTONS = 6
#: A rule that ends within so many days is said to end.
ENDS_SOON_DAYS = 400


@dataclass(frozen=True)
class Plan:
    """The policies of an event by what is known of them; each list in the order in which it is told."""

    certain: list[Suggestion]
    likely: list[Suggestion]
    unfit: list[Suggestion]


def make_plan(turn: Turn, rules: Sequence[PolicyRules], person: str) -> Plan:
    """Judge every policy for ``person``; of those that exclude each other the better one comes first."""
    judged = [Suggestion(item, engine.evaluate(item, turn.known(person, item.policy), day=turn.today, city=turn.city))
              for item in rules]
    by = {outcome: [item for item in judged if item.verdict.outcome == outcome]
          for outcome in ("eligible", "undetermined", "ineligible")}
    likely = sorted(choices.better_first(by["undetermined"]), key=lambda item: len(item.verdict.missing))
    return Plan(choices.better_first(by["eligible"]), likely, by["ineligible"])


def plan_message(turn: Turn, event: LifeEvent, plan: Plan, case: Case) -> Message:
    """The plan as ``suggestions`` of the contract."""
    person = case.person
    waiting = event.early if case.early else None
    shown = [*plan.certain, *plan.likely]
    everything = [*shown, *plan.unfit]
    elsewhere = without_rule(event, rules_of(event, turn.knowledge.all_policies(turn.region)))
    sources = choices.sources_of(turn, shown or everything)
    text = join(
        _headline(turn, event, plan, turn.address(person)),
        *(turn.say("plan_item", number=number, policy=item.rules.policy.name, what=_certain(turn, item, person))
          for number, item in enumerate(plan.certain, 1)),
        _section(turn.say("plan_likely"), [turn.say("plan_unfit_item", policy=item.rules.policy.name,
                                                    reason=_likely(turn, item, person, waiting))
                                           for item in plan.likely]),
        *(choices.only_one(turn, better, other) for better, other in choices.pairs(shown)),
        _section(turn.say("plan_unfit"), [turn.say("plan_unfit_item", policy=item.rules.policy.name,
                                                   reason=why_not(turn, item, person)) for item in plan.unfit]),
        turn.say("plan_elsewhere", items="；".join(_where_to_ask(turn, topic) for topic in elsewhere))
        if elsewhere else "",
        waiting.text if waiting is not None else "",
        turn.say("plan_window_decides") if shown else "",
        trust_sentence(sources, turn.knowledge, turn.today) if sources else "",
    )
    return message(
        "suggestions", text, knowledge=turn.knowledge, region=turn.region, sources=sources,
        buttons=_buttons(turn, shown, elsewhere, person),
        items=[item_json(item, turn, person, shown) for item in everything], event=event.id, person=person,
        elsewhere=elsewhere,
    )


def item_json(item: Suggestion, turn: Turn, person: str, among: Sequence[Suggestion] = ()) -> dict[str, object]:
    """One of ``items[]``; ``not_with``: those of ``among`` that cannot be drawn together with it."""
    policy, verdict = item.rules.policy, item.verdict
    return {
        "policy": policy.policy, "topic": policy.topic, "outcome": verdict.outcome, "name": policy.name,
        "why": why_not(turn, item, person) if verdict.outcome == "ineligible" else item.why,
        "amount": amount_text(verdict.amount) if verdict.outcome == "eligible" else "",
        "not_with": choices.rivals(item, among),
    }


def why_not(turn: Turn, item: Suggestion, person: str) -> str:
    """In one line why somebody does not qualify: what fails first, how much is lacking, and when time mends it."""
    rules, verdict = item.rules, item.verdict
    known = engine.known_facts(rules, turn.known(person, rules.policy), day=verdict.day, city=turn.city)
    telling, lacks = what_fails(turn, rules, verdict, known)
    if not telling:
        return ""
    reason = telling[0]
    text = reason.text.rstrip("。") if reason.says_failure \
        else turn.say("plan_not_met", condition=reason.text.rstrip("。"))
    parts = (lacks.get(reason.id, ""), text, time_mends(turn, rules, verdict, telling, known).rstrip("。"))
    return "；".join(part for part in parts if part)


def _headline(turn: Turn, event: LifeEvent, plan: Plan, who: str) -> str:
    """The first sentence says what can be had; the second counts the rest."""
    certain, likely, unfit = plan.certain, plan.likely, plan.unfit
    if not (certain or likely or unfit):
        return turn.say("plan_nowhere", event=event.name, region=turn.region_name)
    if not certain:
        first = turn.say("plan_none_certain", event=event.name, who=who, count=len(likely), items=_names(likely)) \
            if likely else turn.say("plan_nothing", event=event.name, who=who)
        return first + (turn.say("plan_unfit_count", unfit=len(unfit)) if unfit and likely else "")
    first = turn.say("plan_certain", event=event.name, who=who, count=len(certain), items=_names(certain))
    if likely and unfit:
        return first + turn.say("plan_counts", likely=len(likely), unfit=len(unfit))
    if likely:
        return first + turn.say("plan_likely_count", likely=len(likely))
    return first + (turn.say("plan_unfit_count", unfit=len(unfit)) if unfit else "")


def _names(items: Sequence[Suggestion]) -> str:
    return listed(item.rules.policy.name for item in items)


def _section(title: str, lines: Sequence[str]) -> str:
    return join(f"{title}：", *(f"· {line.rstrip('。')}。" for line in lines)) if lines else ""


def _certain(turn: Turn, item: Suggestion, person: str) -> str:
    """How much, what to bring, where and when."""
    policy, verdict = item.verdict.policy, item.verdict
    parts = [amount_text(verdict.amount) or turn.say("plan_can")]
    needed = open_sum(turn, item.rules, verdict, turn.known(person, policy))
    if needed:
        parts.append(turn.say("plan_amount_open", items=needed))
    documents, where = verdict.documents, verdict.where.rstrip("。")
    parts.append(turn.say("plan_documents", items=listed(documents)) if documents else "")
    parts.append(turn.say("plan_where", where=where) if where else
                 (turn.say("plan_step", step=policy.steps[0].rstrip("。")) if policy.steps else ""))
    parts.append(turn.say("plan_time", time=policy.time.rstrip("。")) if policy.time else "")
    contacts = listed(f"{contact.name} {contact.phone}" for contact in policy.contacts)
    parts.append(turn.say("plan_phone", items=contacts) if contacts else "")
    until = policy.in_force.until
    if until is not None and (until - turn.today).days <= ENDS_SOON_DAYS:
        parts.append(turn.say("plan_until", day=chinese_day(until)))
    return "；".join(part for part in parts if part)


def _likely(turn: Turn, item: Suggestion, person: str, waiting: Optional[Early]) -> str:
    """The one thing to find out, where to look it up, and what it may bring."""
    facts = turn.known(person, item.rules.policy)
    slug = engine.next_question(item.rules, facts, day=turn.today, city=turn.city) \
        or next(iter(item.verdict.missing), None)
    if slug is None:
        return turn.say("plan_window")
    fact = turn.knowledge.catalogue.facts[slug]
    only = len(item.verdict.missing) == 1
    if waiting is not None and slug in waiting.skip:
        parts = [waiting.wait]
    else:
        parts = [turn.say("plan_only", fact=fact.name) if only else turn.say("plan_find_out", fact=fact.name)]
        parts.append(turn.say("plan_lookup", lookup=fact.lookup.rstrip("。")) if fact.lookup else "")
    amount = amount_text(item.verdict.amount)
    parts.append(turn.say("plan_then", amount=amount) if amount else "")
    return "，".join(part for part in parts if part)


def _where_to_ask(turn: Turn, topic: str) -> str:
    """普惠托育（请问 12345）: a service of the event without a rule, and whom to ask."""
    card = turn.knowledge.card(topic, turn.region)
    contact = next((item for item in card.card.contacts if item.phone), None) if card is not None else None
    name = turn.knowledge.topics[topic].name
    return f"{name}（{contact.name} {contact.phone}）" if contact is not None else f"{name}（{turn.hotline}）"


def _buttons(turn: Turn, shown: Sequence[Suggestion], elsewhere: Sequence[str], person: str) -> list[dict[str, str]]:
    found = [choices.ask_about(turn, item, person) for item in shown]
    found += [button(name, f"{name}怎么办理") for name in (turn.knowledge.topics[topic].name for topic in elsewhere)]
    return found[:BUTTONS]
