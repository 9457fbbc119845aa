"""What a conversation remembers: one slot, plain JSON, gone when the resident says so.

Facts belong to a person ("self", "mother" …); household, child and lease facts are shared by a family.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import msgspec

from knowledge.eligibility.values import Value, from_json, to_json

SLOT = "memory"
#: People of the speaker's own household; what is told of anybody else's home or income is kept apart.
INSIDERS = frozenset({"self", "spouse", "child"})
#: They share a household of their own: what is told of the mother's home is not asked of the father's again.
PARENTS = frozenset({"mother", "father", "parents"})


class OpenQuestion(msgspec.Struct, kw_only=True):
    """What the bot has asked and waits for."""

    kind: str  # "fact", "location" or "clarify"
    fact: str = ""
    attempts: int = 0
    #: How often in a row something else was asked instead of answering.
    passed_over: int = 0
    #: The sentence that was answered only after this question (find_place: what to look for).
    about: str = ""
    #: Whose place is asked for (find_place: "home", "work" …), to be kept under that name.
    place_of: str = ""


class Case(msgspec.Struct, kw_only=True):
    """An eligibility check under way."""

    policy: str
    person: str
    skip: list[str] = []
    #: Facts that were answered only in part (四五千, 不是低保); asked once more if that does not settle it.
    partly: list[str] = []
    asked: int = 0
    #: The life event (or ``overview``) that is asked about; ``policy`` is then the one that the open question serves.
    event: str = ""
    #: The facts that were asked for an event, each once.
    put: list[str] = []
    #: The event is still to come (还没生).
    early: bool = False

    def of(self, person: str) -> Case:
        """The same check for somebody else, from the start."""
        return Case(policy=self.policy, person=person, event=self.event)


class Spot(msgspec.Struct, kw_only=True):
    """Where the resident is: a point (GCJ-02) and/or where it lies."""

    name: str
    lng: Optional[float] = None
    lat: Optional[float] = None
    precision_m: Optional[int] = None
    district: str = ""
    street: str = ""
    community: str = ""
    city: str = ""
    #: What the gazetteer takes it for: "district", "street", "station" …; empty for a device's position.
    level: str = ""


class Memory(msgspec.Struct, kw_only=True):
    """The slot's content. Every field has a default, so that old conversations stay readable."""

    region: str = ""
    #: The region that the channel gave last (a resident may have named another in words).
    given_region: str = ""
    subject: str = "self"
    topic: str = ""
    #: The question asked last and its intent: "那上海呢" asks it again.
    asked: str = ""
    asked_as: str = ""
    facts: dict[str, dict[str, Any]] = {}
    #: What was answered for one policy alone, by policy and person.
    own: dict[str, dict[str, Any]] = {}
    spot: Optional[Spot] = None
    #: Places told as somebody's own: "home", "work", "home:mother".
    spots: dict[str, Spot] = {}
    open: Optional[OpenQuestion] = None
    case: Optional[Case] = None
    #: The life event whose plan was given last: what is told behind it makes a new plan.
    plan: Optional[Case] = None
    #: The policy that was last judged; "那我呢" and "说错了" go on with it.
    last_policy: str = ""
    #: The question answered last; "不对，是五万二" corrects that.
    last_answered: str = ""
    #: Facts of the children that are not spoken of now, by what they are called (大, 小; "" for the only one).
    children: dict[str, dict[str, Any]] = {}
    child: str = ""
    #: What the person in question is called (您哥哥), where the word for the relation is wider.
    called: dict[str, str] = {}
    #: What is known of relatives not spoken of now who go by the same wide word, by what they are called (您婆婆).
    namesakes: dict[str, dict[str, dict[str, Any]]] = {}
    last_messages: list[dict[str, Any]] = []
    #: What "还有吗" goes on with: categories, offset.
    shown_sites: Optional[dict[str, Any]] = None
    greeted: bool = False
    #: The resident was told that a number of theirs was hidden: once is enough.
    told_of_hiding: bool = False
    #: Parts of a message (bot.nlu.parts) that are answered once the open question is settled.
    waiting: list[dict[str, Any]] = []

    @property
    def last_said(self) -> dict[str, Any]:
        """The ``custom`` of the last message; empty where nothing was said yet."""
        custom: dict[str, Any] = self.last_messages[-1]["custom"] if self.last_messages else {}
        return custom

    @property
    def person_at_hand(self) -> str:
        """Whom the check under way is about; without one, whom the conversation is about."""
        return self.case.person if self.case is not None else self.subject

    def ask(self, fact: str) -> None:
        """Wait for the answer to ``fact``; one that is asked again keeps count of its attempts."""
        attempts = self.open.attempts if self.open is not None and self.open.fact == fact else 0
        self.open = OpenQuestion(kind="fact", fact=fact, attempts=attempts)

    def household_of(self, person: str) -> str:
        """Under which name the shared facts of ``person`` are kept."""
        if person in PARENTS:
            return "household:parents"
        return "household" if person in INSIDERS else f"household:{person}"

    def remember(self, slug: str, value: Value, person: str) -> None:
        """Keep a fact with the person (or household) it belongs to."""
        owner = person if slug.startswith("person.") else self.household_of(person)
        self.facts.setdefault(owner, {})[slug] = to_json(value)

    def remember_for(self, policy: str, slug: str, value: Value, person: str) -> None:
        """Keep an answer that holds for ``policy`` alone."""
        self.own.setdefault(f"{policy} {person}", {})[slug] = to_json(value)

    def speak_of_child(self, name: str) -> None:
        """Put the facts of the child spoken of so far aside, and take up those of the one called ``name``."""
        if name == self.child:
            return
        shared = self.facts.setdefault("household", {})
        self.children[self.child] = {slug: shared.pop(slug) for slug in [*shared] if slug.startswith("child.")}
        # 我娃…… then 老大……, then 老二: the child without a name was the other one.
        kept = self.children.pop(name, None)
        if kept is None and len(self.children) > 1:
            kept = self.children.pop("", None)
        shared.update(kept or {})
        self.child = name

    def speak_of_namesake(self, person: str, name: str, *, same_home: bool = False) -> bool:
        """Speak of the one called ``name`` of those who go by ``person`` (公公, 婆婆: elder); True if that is another.

        What is known of the one spoken of so far is put aside, the home's facts too unless they share it.
        """
        before, self.called[person] = self.called.get(person, ""), name
        if before in ("", name):
            return False
        home = "" if same_home else self.household_of(person)
        mine = {"facts": self.facts.pop(person, {}), "home": self.facts.pop(home, {})}
        mine["own"] = {key: self.own.pop(key) for key in [*self.own] if key.endswith(f" {person}")}
        self.namesakes[f"{person} {before}"] = mine
        kept = self.namesakes.pop(f"{person} {name}", {})
        self.own.update(kept.get("own", {}))
        for owner, facts in ((person, kept.get("facts", {})), (home, kept.get("home", {}))):
            if owner and facts:
                self.facts[owner] = facts
        return True

    def known(self, person: str, policy: str = "", own: Sequence[str] = ()) -> dict[str, Value]:
        """The facts that a verdict about ``person`` (under ``policy``) may use.

        ``own``: facts that the policy asks about in its own words. What was told of them elsewhere counts as a plain no
        only: whoever has no aid at all has none but the one that this policy allows either.
        """
        told = {**self.facts.get(self.household_of(person), {}), **self.facts.get(person, {})}
        found = {slug: value for slug, value in told.items() if slug not in own or value is False}
        found.update(self.own.get(f"{policy} {person}", {}))
        return {slug: from_json(value) for slug, value in found.items()}


def read_memory(raw: Any) -> Memory:
    """The memory in a slot's value; an empty one where there is none or it is unreadable."""
    if not isinstance(raw, dict):
        return Memory()
    try:
        return msgspec.convert(raw, Memory)
    except msgspec.ValidationError:
        return Memory()


def write_memory(memory: Memory) -> dict[str, Any]:
    """The slot's value."""
    value = msgspec.to_builtins(memory)
    assert isinstance(value, dict)
    return value
