"""Plays a policy's test household as a whole conversation and says what a good clerk would have done otherwise."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Optional

from knowledge.base import Snapshot
from knowledge.check_households import HOUSEHOLD_DAY
from knowledge.eligibility import engine
from knowledge.eligibility.engine import PolicyRules, Verdict
from knowledge.eligibility.facts import CONTEXT_CITY
from knowledge.eligibility.values import Partial, Range, Value
from knowledge.regions import city_of
from knowledge.schema import Household
from tests.households.answers import Speaker, wordings
from tests.support.driver import MOST_QUESTIONS, Bot, Conversation

#: Replies that a clear answer never gets.
ASTRAY = ("error", "clarify", "cannot_answer")
#: One household in so many tells facts in the first sentence, and so many at most.
TELLS_ONE_IN, TELLS_AT_MOST = 3, 3
#: A hint with one of these names what is wanted; any other is said with the service's name (低收入的住房租赁补贴).
_NAMES = re.compile(
    r"补贴|津贴|尊老[金卡]|敬老卡|保险|长护险|失业[金险]|救助|供养|居住证|康复|体检|消费券|优租|扣除|改造|人才公寓|助餐")
#: Services whose hints name them and nothing else.
_STATES = frozenset({"minimum-living-allowance", "extreme-poverty-support", "public-rental-housing"})
#: Hints of one character are parts of words.
_WORD = 2
_CLOCK = "LINLITONG_NOW"
_BRACKETS = re.compile(r"（[^）]*）")
_PLACES = re.compile(r"^(?:上海市?|江苏|四川|成都市?|南京市?|苏州市?|保定)(?=.{4})")


@dataclass
class Played:
    """One conversation: what was asked, how it ended, and everything that was wrong with it."""

    household: str
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def problems(self) -> list[str]:
        """Every problem in words; empty for a conversation as it should be."""
        return [*(f"wrong verdict: {item}" for item in self.wrong),
                *(f"needless question: {item}" for item in self.needless),
                *(f"asked again: {item}" for item in self.repeated),
                *(f"off the path: {item}" for item in self.astray)]


@contextmanager
def on_day(day: dt.date) -> Iterator[None]:
    """The bot's clock stands at noon of ``day``."""
    before = os.environ.get(_CLOCK)
    os.environ[_CLOCK] = f"{day.isoformat()}T12:00:00"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_CLOCK]
        else:
            os.environ[_CLOCK] = before


def names_of(rules: PolicyRules, snapshot: Snapshot, facts: Mapping[str, Value]) -> list[str]:
    """What a resident with these facts may call the policy: its name as people say it, its hints, its service's name.

    The service's name alone means the policy only where it is the one that stands for the service in its region. A hint
    that tells a fact (硕士) is said only by those of whom it is true.
    """
    policy, known = rules.policy, wordings()
    whole = _BRACKETS.sub("", policy.name)
    names = [whole, _PLACES.sub("", whole)]
    if policy.policy in known["calls"]:
        return list(dict.fromkeys([*names, *known["calls"][policy.policy]]))
    topic = _BRACKETS.sub("", snapshot.topics[policy.topic].name)
    for hint in policy.hints:
        slug, value = _told_by(hint, policy.topic)
        if len(hint) < _WORD or hint in known["not_names"] or (slug and facts.get(slug) != value):
            continue
        naming = hint not in known["too_wide"] and (
            policy.topic in _STATES or (_NAMES.search(hint) and len(hint) > _WORD))
        names.append(hint if naming else f"{hint}的{topic}")
    if "." not in policy.policy:
        names.append(topic)
    return list(dict.fromkeys(names))


def _told_by(hint: str, topic: str) -> tuple[str, Any]:
    """The fact that the hint tells of whoever says it; ("", None) if it tells none."""
    slug, value = wordings()["hint_facts"].get(hint, ("", None)) if topic not in _STATES else ("", None)
    return slug, value


class HouseholdDriver:
    """Plays households of one snapshot against one bot."""

    def __init__(self, bot: Bot, snapshot: Snapshot) -> None:
        self._bot = bot
        self._snapshot = snapshot

    def play(self, rules: PolicyRules, household: Household, number: int) -> Played:
        """One conversation; ``number`` is the household's place in its file and steers what the policy is called."""
        played = Played(household.name)
        began = time.perf_counter()
        with on_day(household.on or HOUSEHOLD_DAY):
            self._play(rules, household, number, played)
        played.seconds = time.perf_counter() - began
        return played

    def _play(self, rules: PolicyRules, household: Household, number: int, played: Played) -> None:
        day = household.on or HOUSEHOLD_DAY
        facts = rules.catalogue.read(household.facts)
        region = str(facts.pop(CONTEXT_CITY, rules.policy.region))
        city = city_of(region)
        expected = engine.evaluate(rules, facts, day=day, city=city)
        full = engine.known_facts(rules, facts, day=day, city=city)
        speaker = Speaker(f"{rules.policy.policy}/{household.name}", self._snapshot, day, city)
        names = names_of(rules, self._snapshot, facts)
        name = names[number % len(names)]
        known = _volunteered(rules, facts, speaker, city, played)
        slug, value = _told_by(name.split("的")[0], rules.policy.topic)
        if slug:
            known[slug] = value
        conversation = self._bot.converse(region)
        played.log = conversation.log
        conversation.say(speaker.open(name, played.told))
        while (question := _open_question(conversation)) is not None:
            slug = str(question["custom"]["fact"])
            if question["custom"]["policy"] != rules.policy.policy:
                played.astray.append(f"asks for {question['custom']['policy']}")
                return
            self._judge_question(rules, slug, known, day, city, played)
            if len(played.asked) >= MOST_QUESTIONS:
                played.astray.append("does not stop asking")
                return
            played.asked.append(slug)
            own_words = slug in rules.policy.questions
            conversation.say(speaker.answer(slug, full, question["text"], own_words=own_words))
            played.astray += _astray(conversation)
            value = full.get(slug)
            if value is not None and not isinstance(value, Partial):
                known[slug] = value
        self._judge_end(rules, conversation, expected, played)

    def _judge_question(self, rules: PolicyRules, slug: str, known: dict[str, Value], day: dt.date, city: str,
                        played: Played) -> None:
        if slug in played.asked or slug in engine.known_facts(rules, known, day=day, city=city):
            played.repeated.append(slug)
        elif slug not in _useful(rules, known, day, city):
            played.needless.append(slug)

    def _judge_end(self, rules: PolicyRules, conversation: Conversation, expected: Verdict, played: Played) -> None:
        played.astray += _astray(conversation)
        verdict = next((reply["custom"] for reply in conversation.last if reply["custom"]["kind"] == "verdict"), None)
        if verdict is None or verdict["policy"] != rules.policy.policy:
            kinds = [f"{reply['custom']['kind']} {reply['custom'].get('policy') or ''}" for reply in conversation.last]
            played.astray.append(f"no verdict on it: {kinds}")
            return
        played.wrong += list(_differences(verdict, expected))


def _volunteered(rules: PolicyRules, facts: dict[str, Value], speaker: Speaker, city: str, played: Played
                 ) -> dict[str, Value]:
    """The facts told in the first sentence; the words go into ``played.told``."""
    dice = random.Random(f"{rules.policy.policy}/{played.household}/told")
    if dice.randrange(TELLS_ONE_IN):
        return {}
    policy = rules.policy
    slugs = [slug for slug in sorted(facts) if slug in rules.base_facts - set(policy.own_answers)
             and not (slug == _HUKOU and _asks_elsewhere(facts[slug], city))]
    sayable = [(slug, said) for slug in slugs if (said := speaker.tell(
        slug, facts[slug], of_child="孩子" in policy.questions.get(slug, ""))) is not None]
    dice.shuffle(sayable)
    chosen = sayable[:TELLS_AT_MOST]
    played.told += [said for _, said in chosen]
    return {slug: facts[slug] for slug, _ in chosen}


_HUKOU = "person.hukou_city"


def _asks_elsewhere(hukou: Value, city: str) -> bool:
    """A hukou in another city that we know moves the talk there (docs: a benefit goes by the hukou)."""
    return hukou != city and hukou in wordings()["regions"]


def _open_question(conversation: Conversation) -> Optional[dict[str, Any]]:
    return next((reply for reply in conversation.last if reply["custom"]["kind"] == "question"), None)


def _astray(conversation: Conversation) -> list[str]:
    return [str(reply["custom"]["kind"]) for reply in conversation.last if reply["custom"]["kind"] in ASTRAY]


def _useful(rules: PolicyRules, known: dict[str, Value], day: dt.date, city: str) -> set[str]:
    """Every fact that can still change the verdict or the amount, in whatever order one would ask."""
    verdict = engine.evaluate(rules, known, day=day, city=city)
    useful = set(verdict.missing)
    if verdict.outcome != "ineligible":
        useful |= set(engine.amount_missing(rules, known, day=day, city=city))
    return useful


def _differences(verdict: dict[str, Any], expected: Verdict) -> Iterator[str]:
    """Where the verdict of the bot is not that of the engine on the household's facts."""
    if verdict["outcome"] != expected.outcome:
        yield f"{verdict['outcome']}, should be {expected.outcome}"
        return
    if expected.outcome != "eligible":
        return
    amount = expected.amount
    due = amount.value if amount is not None and not amount.benefit.amount_unknown else None
    due = None if isinstance(due, Range) else due
    said = (verdict["benefit"] or {}).get("amount")
    if due != said and not (due is not None and said is not None and abs(float(due) - float(said)) < 0.005):
        yield f"amount {said}, should be {due}"
    due_reasons = {reason.id for reason in expected.reasons}
    said_reasons = {reason["condition"] for reason in verdict["reasons"]}
    if due_reasons != said_reasons:  # the ways share no condition, so these tell which way was taken
        yield f"by the way of {sorted(said_reasons)}, should be {sorted(due_reasons)}"
