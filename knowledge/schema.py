"""The types of the knowledge base: what one YAML or CSV record may say.

Every file under ``knowledge/content`` is read into one of these frozen structs by
``knowledge.loader``; an unknown key, a wrong type or a missing field is an error that names
file, line and column. Names follow the contract's slugs and HSDS (service, location, schedule).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Optional, TypeVar, Union

import msgspec

from knowledge.eligibility.values import read_day

# Patterns stand in the schemas only and are checked by ``records``: msgspec 0.22 gives its own away (Meta(pattern=…))
# each time a text does not fit, and Python crashes before long.
#: 2025, 2025-10 or 2025-10-23; months and days that there are (``real_date`` looks at the 30th of February).
DATE = r"^(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?$"
#: What a resident may tap: a web address, nothing that runs.
URL = r"^(https?://[^\s\"'<>]+)?$"
#: Words that are said must not be blank.
SAID = r"\S"
Words = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": SAID})]
T = TypeVar("T")
#: A list that would leave the bot without a whole kind of content if it were empty.
Some = Annotated[tuple[T, ...], msgspec.Meta(min_length=1)]

Trust = Literal["official", "secondary", "plan", "sample"]
Outcome = Literal["eligible", "ineligible", "undetermined"]
Period = Literal["month", "year", "once", "day", "meal", "withdrawal"]
FactType = Literal["bool", "int", "money", "months", "date", "choice"]

#: What a question about a service is after. A card has one field an aspect, an FAQ may name one.
Aspect = Literal[
    "what", "who", "amount", "how", "documents", "where", "time", "contact", "cost", "hours", "rules", "status"
]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all records: immutable, no unknown keys."""


def real_date(text: str) -> bool:
    """Whether a date in the form of ``DATE`` is in the calendar."""
    return len(text) < len("2025-10-23") or read_day(text) is not None


# --- sources ---------------------------------------------------------------------------------


class Source(Record, frozen=True):
    """Where a fact was read. ``url`` and ``date`` are "" where nobody knows them.

    The address of a repost is never given to residents: then ``url`` stays "" and publisher,
    title and document number speak for it.
    """

    id: str
    title: str
    publisher: str
    trust: Trust
    url: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": URL})] = ""
    date: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": DATE})] = ""
    document_number: str = ""
    note: str = ""
    #: Last day of the period that a plan speaks for; afterwards answers say that it is over.
    plan_until: Optional[dt.date] = None


class SourcesFile(Record, frozen=True):
    sources: Some[Source]


# --- topics, facts, regions, phones ------------------------------------------------------------


class Topic(Record, frozen=True):
    """A service of the catalogue; the slug is the contract's."""

    slug: str
    name: str
    field: str
    plan: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    #: Sentences of people who have the need but do not name the service.
    needs: tuple[str, ...] = ()
    confusable: tuple[str, ...] = ()
    #: Site categories that answer "where is one near me".
    site_categories: tuple[str, ...] = ()


class TopicsFile(Record, frozen=True):
    topics: Some[Topic]


class Option(Record, frozen=True):
    """One answer a resident can tap; ``words`` are other ways of saying it."""

    value: Union[bool, int, str]
    title: str
    words: tuple[str, ...] = ()


class Implication(Record, frozen=True):
    """If the fact has ``value`` ("*" for any), the facts in ``then`` follow."""

    value: Union[bool, int, str]
    then: dict[str, Union[bool, int, str]]


class Fact(Record, frozen=True):
    """A fact about a resident. The slug is the contract's; ``question`` may hold ``{who}``."""

    slug: str
    type: FactType
    name: str
    question: str
    why: str
    values: Union[tuple[Union[int, str], ...], str] = ()
    options: tuple[Option, ...] = ()
    #: The same question in an easier form, for those who did not follow.
    easier: str = ""
    #: How a yes ("true") and a no ("false") read when they are repeated: 有残疾人证, 没有残疾人证.
    told: dict[Literal["true", "false"], str] = {}
    #: Where a resident can look the answer up.
    lookup: str = ""
    #: 1 everybody knows it, 2 takes thought, 3 must be looked up. Easy facts are asked first.
    effort: int = 1
    minimum: Optional[int] = None
    maximum: Optional[int] = None
    unit: str = ""
    #: How people usually answer (share of each value); steers the order of questions only.
    prior: dict[str, float] = {}
    implies: tuple[Implication, ...] = ()


class Derived(Record, frozen=True):
    """A value reckoned from facts, usable in rules like a fact."""

    slug: str
    name: str
    expr: str


class FactsFile(Record, frozen=True):
    facts: Some[Fact]
    derived: tuple[Derived, ...] = ()


class Region(Record, frozen=True):
    code: str
    name: str
    short: str
    aliases: tuple[str, ...] = ()
    #: Where people are sent when nothing is known here.
    hotline: str = "12345"
    office: str = ""
    demo_place: str = ""


class RegionsFile(Record, frozen=True):
    regions: Some[Region]


class Hotline(Record, frozen=True):
    number: str
    name: str
    use: str
    sources: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    hours: str = ""
    region: str = "100000"


class HotlinesFile(Record, frozen=True):
    hotlines: Some[Hotline]


class EmergencyKind(Record, frozen=True):
    """One kind of danger: which number, what to say, and the words that betray it."""

    kind: Literal["medical", "fire", "crime", "suicide", "traffic"]
    phone: Words
    text: Words
    #: Regular expressions over the normalised sentence.
    patterns: Some[Words]
    #: If one of these matches as well, it is a question about a service, not a danger.
    unless: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class EmergenciesFile(Record, frozen=True):
    emergencies: Some[EmergencyKind]
    #: Words that say the danger is over; then no emergency is called.
    all_clear: tuple[str, ...] = ()


class Limit(Record, frozen=True):
    """Something that the bot does not answer however it is put, and what it says instead."""

    kind: str
    text: Words
    #: Regular expressions over the normalised sentence.
    patterns: Some[Words]
    #: If one of these matches as well, it is a question about a service after all.
    unless: tuple[str, ...] = ()


class LimitsFile(Record, frozen=True):
    limits: Some[Limit]


class MenuItem(Record, frozen=True):
    """A line of the menu in WeChat. A tap asks ``ask``, opens ``url``, or opens the mini-program ``appid``."""

    name: Words
    #: A question that the bot answers, as a resident would put it.
    ask: str = ""
    #: An https page, or a page of our own as “/…”; with a mini-program what old versions of WeChat open instead.
    url: str = ""
    appid: str = ""
    #: The mini-program's page, for example pages/index/index.
    page: str = ""


class MenuButton(MenuItem, frozen=True):
    """One of the buttons at the foot of the chat: a line itself, or a list of lines."""

    items: tuple[MenuItem, ...] = ()


class MenuFile(Record, frozen=True):
    menu: Some[MenuButton]


class Early(Record, frozen=True):
    """The event is still to come: what cannot be known yet is not asked, and the plan says ``text``.

    ``wait``: what is said of a policy that needs just that.
    """

    patterns: Some[Words]
    skip: Some[Words]
    wait: Words
    text: Words


class LifeEvent(Record, frozen=True, kw_only=True):
    """Something that happens in a life, with all the services that it makes due (一件事)."""

    id: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[a-z-]+$"})]
    #: Stands in a sentence: “生孩子”这件事.
    name: Words
    #: Whose case it is: ``self`` the speaker's unless somebody else is named; ``family`` the speaker's, also where the
    #: spouse or the child is named; ``elder`` an old relative's.
    about: Literal["self", "family", "elder"]
    #: Regular expressions over the normalised sentence: what has happened.
    patterns: Some[Words]
    unless: tuple[Words, ...] = ()
    #: Whole sentences of residents that must be taken for this event.
    said: Annotated[tuple[Words, ...], msgspec.Meta(min_length=3)]
    #: Services in the order in which they are told: ``<topic>``, or ``<topic>.<suffix>`` for one policy of a topic.
    serves: Some[Words]
    #: Facts that follow from what happened, unless something else was told.
    tells: dict[str, Union[bool, int, str]] = {}
    early: Optional[Early] = None


class LifeEventsFile(Record, frozen=True):
    """``asking``: how people ask for all that there is; only with one of these is an event more than news."""

    asking: Some[Words]
    events: Some[LifeEvent]
    #: Who has this already is not asked about that: by topic, the facts (all of them) that show it.
    already: dict[str, dict[str, Union[bool, int, str]]] = {}
    #: From this age on nobody is asked about these topics, or for these facts, when everything is asked for.
    older_from: int = 60
    not_for_older: tuple[Words, ...] = ()
    not_asked_of_older: tuple[Words, ...] = ()


class TextsFile(Record, frozen=True):
    """Sentences of the bot that staff may change; ``{…}`` marks what is filled in."""

    texts: Annotated[dict[str, Union[Words, Some[Words]]], msgspec.Meta(min_length=1)]


# --- cards and FAQs ----------------------------------------------------------------------------


class Contact(Record, frozen=True):
    name: str
    phone: str
    hours: str = ""


class Card(Record, frozen=True):
    """A service's card (HSDS service): what it is and how to get it, each part where known."""

    summary: str
    sources: tuple[str, ...]
    name: str = ""
    who: str = ""
    amount: str = ""
    how: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    where: str = ""
    time: str = ""
    cost: str = ""
    hours: str = ""
    rules: str = ""
    contacts: tuple[Contact, ...] = ()
    #: What nobody knows; said aloud with the hotline.
    unknown: tuple[str, ...] = ()
    in_force: Optional[InForce] = None


class Claim(Record, frozen=True):
    """What one source says where sources differ."""

    text: Words
    sources: Some[str]


class Conflict(Record, frozen=True):
    """A question on which sources differ: every claim with its source, the newest first.

    ``use`` tells a resident what to go by. FAQs and policies of the same topic and region name it by ``id``.
    """

    id: str
    about: Words
    claims: Annotated[tuple[Claim, ...], msgspec.Meta(min_length=2)]
    use: Words


class Faq(Record, frozen=True):
    """A question that the base answers. ``id`` is unique within its file."""

    id: str
    question: Words
    answer: Words
    sources: tuple[str, ...]
    #: Indexed together with ``question``.
    paraphrases: tuple[str, ...]
    #: Held-out sentences this FAQ must win, and neighbours it must not. Never indexed.
    must_win: tuple[str, ...]
    must_not: tuple[str, ...]
    aspect: Optional[Aspect] = None
    #: The answer says that this is not known, and whom to ask.
    unknown: bool = False
    phone: str = ""
    in_force: Optional[InForce] = None
    #: The conflict of this file that is told after the answer.
    conflict: str = ""


class TopicFile(Record, frozen=True):
    """``content/<region>/<topic>.yml``: one service in one region."""

    topic: str
    region: str
    card: Optional[Card] = None
    faqs: tuple[Faq, ...] = ()
    #: What sources disagree about, for this service in this region.
    conflicts: tuple[Conflict, ...] = ()
    #: Names used only in this region.
    aliases: tuple[str, ...] = ()


# --- policies ----------------------------------------------------------------------------------


class InForce(Record, frozen=True):
    """First and last day on which a rule holds; None where the paper does not say."""

    start: Optional[dt.date] = None
    until: Optional[dt.date] = None


class Condition(Record, frozen=True):
    """One condition of a policy; ``rule`` is parsed by ``knowledge.eligibility.rules``."""

    id: str
    #: What is required, as a noun phrase or short sentence: 在南京没有自有住房
    text: str
    rule: dict[str, Any]
    clause: str = ""
    #: Said instead of ``text`` when the condition fails.
    failed: str = ""


class AmountCase(Record, frozen=True):
    """``value`` or ``formula`` of the amount where ``when`` holds (no ``when``: always)."""

    when: Optional[dict[str, Any]] = None
    value: Optional[float] = None
    #: Arithmetic over facts: + - * / min() max() and numbers.
    formula: Optional[str] = None
    text: str = ""


class Benefit(Record, frozen=True):
    """What an eligible person gets. ``cases`` are tried in order, the first that holds counts.

    ``amount_unknown``: the sum is not known to anybody here; only ``formula_text`` is said.
    ``floor``: the sum is a least amount (不低于), districts may pay more.
    """

    formula_text: str
    unit: str = "元"
    period: Optional[Period] = None
    max_periods: Optional[int] = None
    upper_limit: bool = False
    floor: bool = False
    amount_unknown: bool = False
    cases: tuple[AmountCase, ...] = ()
    #: A table of sentences that go with the amount (e.g. preferential area by class).
    extra: tuple[AmountCase, ...] = ()


class Route(Record, frozen=True):
    """One of several ways to qualify; all its conditions and the common ones must hold."""

    id: str
    name: str
    conditions: tuple[Condition, ...]
    benefit: Optional[Benefit] = None
    documents: tuple[str, ...] = ()
    where: str = ""


class Exclusion(Record, frozen=True):
    policy: str
    kind: Literal["not_together", "higher_of"]
    text: str


class PolicyVersion(Record, frozen=True):
    """What a policy said, or will say, in another stretch of time; what is left out is as in the policy itself."""

    in_force: InForce
    summary: Union[str, msgspec.UnsetType] = msgspec.UNSET
    sources: Union[tuple[str, ...], msgspec.UnsetType] = msgspec.UNSET
    conditions: Union[tuple[Condition, ...], msgspec.UnsetType] = msgspec.UNSET
    routes: Union[tuple[Route, ...], msgspec.UnsetType] = msgspec.UNSET
    benefit: Union[Benefit, msgspec.UnsetType, None] = msgspec.UNSET
    document_number: Union[str, msgspec.UnsetType] = msgspec.UNSET
    unaskable: Union[tuple[str, ...], msgspec.UnsetType] = msgspec.UNSET
    documents: Union[tuple[str, ...], msgspec.UnsetType] = msgspec.UNSET
    steps: Union[tuple[str, ...], msgspec.UnsetType] = msgspec.UNSET
    where: Union[str, msgspec.UnsetType] = msgspec.UNSET
    time: Union[str, msgspec.UnsetType] = msgspec.UNSET
    notes: Union[tuple[str, ...], msgspec.UnsetType] = msgspec.UNSET


class Policy(Record, frozen=True):
    """``content/<region>/policies/<topic>[.suffix].yml``: one rule with its amounts and steps."""

    policy: str
    topic: str
    region: str
    name: str
    summary: str
    sources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    routes: tuple[Route, ...] = ()
    benefit: Optional[Benefit] = None
    document_number: str = ""
    in_force: InForce = InForce()
    #: The rules of other times, each with its own ``in_force``; a verdict takes those of its day.
    versions: tuple[PolicyVersion, ...] = ()
    #: Words that point at this policy where a topic has several in a region.
    hints: tuple[str, ...] = ()
    #: Conditions that a chat cannot check; said to the resident, decided at the window.
    unaskable: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    where: str = ""
    time: str = ""
    contacts: tuple[Contact, ...] = ()
    excludes: tuple[Exclusion, ...] = ()
    notes: tuple[str, ...] = ()
    #: Wording of a question for this policy alone, by fact.
    questions: dict[str, str] = {}
    #: Facts whose question is worded so differently here that the answer holds for this policy and for no other.
    own_answers: tuple[str, ...] = ()
    #: Conflicts of ``<region>/<topic>.yml`` that are told with the verdict.
    conflicts: tuple[str, ...] = ()


class Expectation(Record, frozen=True):
    outcome: Outcome
    #: Compared when given (``amount: null`` means "no sum may be stated").
    amount: Union[float, msgspec.UnsetType, None] = msgspec.UNSET
    missing: Union[tuple[str, ...], msgspec.UnsetType] = msgspec.UNSET
    route: Union[str, msgspec.UnsetType] = msgspec.UNSET
    unmet: Union[tuple[str, ...], msgspec.UnsetType] = msgspec.UNSET


class Household(Record, frozen=True):
    """A test household: facts, the day, and the verdict a good clerk gives."""

    name: str
    facts: dict[str, Any]
    expect: Expectation
    on: Optional[dt.date] = None


class HouseholdsFile(Record, frozen=True):
    """``content/<region>/policies/<topic>[.suffix].households.yml``"""

    policy: str
    households: Some[Household]


# --- sites and places ---------------------------------------------------------------------------


class SiteCategory(Record, frozen=True):
    slug: str
    name: str
    field: str
    topics: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class SiteCategoriesFile(Record, frozen=True):
    categories: Some[SiteCategory]


# A million of them hold nothing but words and numbers: the cycle collector need not walk through them.
class Site(Record, frozen=True, gc=False):
    """A place residents go to (HSDS location with its service). Coordinates are GCJ-02.

    ``precision_m``: how far the true door may be from the point; None where there is no point.
    ``hours``: Chinese as published, compiled by ``knowledge.hours``; "" where unknown.
    """

    id: str
    name: str
    category: str
    city: str
    district: str = ""
    street: str = ""
    community: str = ""
    address: str = ""
    lng: Optional[float] = None
    lat: Optional[float] = None
    precision_m: Optional[int] = None
    hours: str = ""
    phone: str = ""
    cost: str = ""
    serves: str = ""
    accessibility: str = ""
    status: Literal["active", "unchecked", "closed"] = "active"
    note: str = ""
    source_title: str = ""
    source_publisher: str = ""
    source_url: str = ""
    source_date: str = ""
    trust: Trust = "secondary"


class Place(Record, frozen=True, gc=False):
    """A named place of the gazetteer. ``code`` is the adcode or statistics code where it has one."""

    name: str
    level: Literal["city", "district", "area", "street", "community", "station", "landmark"]
    city: str
    aliases: tuple[str, ...] = ()
    code: str = ""
    district: str = ""
    street: str = ""
    lng: Optional[float] = None
    lat: Optional[float] = None
    precision_m: Optional[int] = None
    source: str = ""


# --- lists from other offices -------------------------------------------------------------------

#: What to do with a cell that cannot be read: refuse the row, leave the cell out, or say it in the note as it stands.
Unreadable = Literal["refuse", "empty", "note"]


class ImportSource(Record, frozen=True):
    """Where a list comes from. Rows of one publisher and title belong to one list, from one issue to the next."""

    title: Words
    publisher: Words
    trust: Trust
    url: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": URL})] = ""
    date: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": DATE})] = ""
    #: Titles under which earlier issues of this list were imported.
    earlier_titles: tuple[Words, ...] = ()


class ImportColumns(Record, frozen=True):
    """Which columns of the list hold what; "" where there is none. Several columns are joined."""

    name: Words
    address: Union[str, tuple[str, ...]] = ""
    phone: Union[str, tuple[str, ...]] = ""
    hours: Union[str, tuple[str, ...]] = ""
    note: Union[str, tuple[str, ...]] = ""
    category: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    community: str = ""
    lng: str = ""
    lat: str = ""
    #: Longitude and latitude in one cell.
    lnglat: str = ""
    precision_m: str = ""
    cost: str = ""
    serves: str = ""
    accessibility: str = ""
    source_date: str = ""
    #: The other office's own number of a place, if it keeps it from issue to issue (a serial number does not).
    id: str = ""


class ImportUnreadable(Record, frozen=True):
    """What to do with cells that cannot be read, by what they hold."""

    phone: Unreadable = "refuse"
    hours: Unreadable = "refuse"
    point: Unreadable = "refuse"
    source_date: Unreadable = "refuse"


class ImportDecision(Record, frozen=True):
    """What staff found out about a row that may be there already.

    ``other`` is the id of a site, or the name of another row. same: the row tells of that site; different: both
    are kept; skip: the row is left out.
    """

    name: Words
    other: Words
    decision: Literal["same", "different", "skip"]


class ImportMapping(Record, frozen=True):
    """How to read a list of sites from another office (``knowledge.imports``)."""

    source: ImportSource
    columns: ImportColumns
    #: For all rows; a column of the list goes first.
    city: str = ""
    category: str = ""
    district: str = ""
    street: str = ""
    #: The coordinate system of the list's points.
    crs: Optional[Literal["wgs84", "gcj02", "bd09"]] = None
    #: How far the true door may be from the list's points, in metres.
    precision_m: Optional[int] = None
    #: Put before local numbers: 028.
    area_code: str = ""
    #: Of places that are new.
    status: Literal["active", "unchecked"] = "active"
    #: Ids are ``<id_prefix>-001`` …; without it ``<district>-<category>-001``.
    id_prefix: str = ""
    sheet: str = ""
    header_row: Optional[int] = None
    #: Columns that are left out on purpose.
    ignore: tuple[str, ...] = ()
    #: Cells that say no more than that there is nothing.
    empty_words: tuple[str, ...] = ("无", "/", "\\", "-", "—", "——", "暂无", "不详", "未知")
    #: Column → what stands there → what to take instead.
    translate: dict[str, dict[str, str]] = {}
    if_unreadable: ImportUnreadable = ImportUnreadable()
    decisions: tuple[ImportDecision, ...] = ()
