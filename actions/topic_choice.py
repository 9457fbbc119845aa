"""Which service a sentence is about: names first, then meaning, then what was talked of before.

Three outcomes: sure of one topic; unsure between a few (the bot asks back, at most three choices); none.
Whether one is sure goes by its chance (docs/decisions/0010); what goes on about the service at hand, by search scores
(0–1), whose thresholds were set on the dialogue tests (docs/decisions/0004).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Optional

import numpy as np
import numpy.typing as npt

from actions.turn import Turn
from bot.nlu.aspects import JUDGE_ME, matter_of, nothing_but_a_verdict
from bot.nlu.clauses import story_clauses
from bot.nlu.reading import ReadTopic
from knowledge.faq import FaqHit
from knowledge.policy_names import policies_named
from knowledge.topic_rank import TopicChance, rank

#: From this score on meaning alone names the topic.
SURE = 0.60
#: Two topics whose scores differ by less are about as near.
MARGIN = 0.06
#: From this chance on the likeliest topic is answered; below, the bot asks back …
SURE_CHANCE = 0.5
#: … the same for a trouble that is told without naming a service: people tell it in the words of several …
SURE_OF_A_NEED = 0.75
#: … and so does a bare 我要租房 …
FEW, SURE_OF_A_WORD = 5, 0.65
#: … as it does where the second one is as likely but for this …
LEAD = 0.1
#: … among the topics that have at least this chance.
OPTION = 0.08
#: With a place of its kind named, so much is enough.
LIKELY_CHANCE = 0.3
LIKELY = 0.50
#: Below this score a sentence has nothing to do with any topic.
RELATED = 0.36
#: With no second candidate near, so much is enough.
ALONE = 0.46
#: A told fact that so few topics ask for points at them; so many such facts count.
TELLING = 2
MOST_TELLING = 2
#: A mention as sure as this needs no support from meaning; one that only sounds alike or nearly does.
NAMED = 0.95
#: How far behind the best topic the meaning of such a mention may be.
SUPPORT = 0.10
#: What is left of a name that may tell what a household is rather than ask for it (领低保的人过世了).
PERHAPS_TOLD = 0.5
#: A name that sounds just like this one.
ALIKE = 0.9
CHOICES = 3
#: What the mean of a follow-up alone and with the topic's name lacks beside a question that names it itself.
NAMED_BONUS = 0.08
#: More than there are: the topic at hand is among the hits wherever it stands.
ALL_TOPICS = 200
#: What a clause of a story counts beside the whole.
CLAUSE_WEIGHT = 0.92
#: No more than this stands between a service and the words that ask for a verdict on it (五保我能申请不).
BESIDE = 2
HOTLINE = "hotline-12345"
#: From so many characters on a question speaks of something beside the aspect it asks for.
MATTER = 2
#: A sentence this short that asks for an aspect (在哪办, 要什么材料) goes on about the topic at hand.
SHORT = 10
#: A question no longer than this is taken for one about the topic at hand unless another is so much nearer.
SHORT_QUESTION = 16
AT_HAND = 0.16
#: What people say of a new need of theirs.
_TELLING = frozenset({"inform", "check_eligibility", "correct"})
_NEEDS = frozenset({"state_need", "find_place", "find_benefits"})


@dataclass(frozen=True)
class Choice:
    """``topic`` if one is sure; else ``options`` to ask back with (may be empty)."""

    topic: Optional[str]
    options: tuple[str, ...]
    scores: npt.NDArray[np.float32]
    #: Whether the sentence itself names or means the topic (False: taken from the conversation).
    own: bool = True
    #: The score of the nearest phrase of any topic (0 to 1).
    best: float = 0.0
    #: How likely ``topic``, or the first of ``options``, is what the sentence is about.
    chance: float = 0.0


def choose(turn: Turn, *, follow_context: bool = True) -> Choice:
    """The topic of this turn's sentence."""
    text = _in_characters(turn)
    scores = _story_scores(turn, text)
    ranked = ranking(turn, scores)
    given = next((item for item in ranked if item.topic == turn.given_topic), None)
    if given is not None:  # one part of a message, whose service was found when it was cut
        return Choice(given.topic, (), scores, best=given.score, chance=1.0)
    hits = sorted(ranked, key=lambda item: -item.score)
    best = hits[0].score if hits else 0.0
    called = _called(turn) or _judged_by_name(turn)
    if called is not None:
        return Choice(called, (), scores, best=best, chance=1.0)
    named = _named(turn, hits)
    if follow_context and turn.memory.topic and (
            _asks_on(turn) or _judges_on(turn) or (not named and _follows(turn, hits))):
        return Choice(turn.memory.topic, (), scores, own=False, best=best)
    if not ranked:
        return Choice(None, (), scores)
    first = ranked[0]
    if not named and best < RELATED:
        return Choice(None, (), scores, best=best, chance=first.chance)
    lead = first.chance - (ranked[1].chance if len(ranked) > 1 else 0.0)
    enough = SURE_CHANCE
    if not named and (turn.intent == "state_need" or len(text) <= FEW):
        enough = SURE_OF_A_NEED if turn.intent == "state_need" else SURE_OF_A_WORD
    if not named and first.score < ALONE:
        enough = max(enough, SURE_OF_A_WORD)  # 今天天气怎么样: nothing that staff wrote is near
    if (first.chance >= enough and lead >= LEAD) or _of_a_named_kind(turn, first):
        corrected = _corrected(turn.reading.text, [item for item in turn.reading.topics if item.topic == first.topic])
        both = scores if corrected in (text, turn.reading.text) else np.maximum(scores, turn.scores(corrected))
        return Choice(first.topic, (), both, best=best, chance=first.chance)
    close = [item.topic for item in ranked[:CHOICES] if item.chance >= OPTION]
    if len(close) == 1:
        alone = first.score >= ALONE or first.chance >= enough
        return Choice(first.topic if alone else None, (), scores, best=best, chance=first.chance)
    return Choice(None, tuple(close), scores, best=best, chance=first.chance)


def _called(turn: Turn) -> Optional[str]:
    """公租房租赁补贴: the topic of the policy that is called by its own name, where nothing else is named beside it."""
    named = policies_named(turn.reading.text, turn.knowledge.all_policies(turn.region), turn.knowledge.regions)
    if not named:
        return None
    rules, start, end = named[0]
    beside = any(item.topic != rules.policy.topic and not (start <= item.start and item.end <= end)
                 for item in turn.reading.topics)
    return None if beside else rules.policy.topic


def _judged_by_name(turn: Turn) -> Optional[str]:
    """72岁，上海户口，办不办得到五保: the one service named right beside the words that ask for a verdict."""
    names = [item for item in turn.reading.topics if item.weight >= NAMED and not _is_fact(turn, item)]
    asked = JUDGE_ME.search(turn.reading.text)
    if asked is None or len({item.topic for item in names}) != 1:
        return None
    beside = any(0 <= item.start - asked.end() <= BESIDE or 0 <= asked.start() - item.end <= BESIDE for item in names)
    return names[0].topic if beside else None


def ranking(turn: Turn, scores: npt.NDArray[np.float32]) -> list[TopicChance]:
    """Every topic with its chance, likeliest first; what is only told of somebody is not asked for."""
    ranked = rank(turn.knowledge.index, _in_characters(turn), scores, region=turn.region, named=names_in(turn),
                  pointed=_pointed_at(turn))
    told = _told_topics(turn)
    kept = [item for item in ranked if item.topic not in told]
    left = sum(item.chance for item in kept)
    return [item._replace(chance=item.chance / left) for item in kept] if told and left > 0 else ranked


def names_in(turn: Turn) -> dict[str, float]:
    """The topics that the sentence names, with how sure the mention is; not those it denies or tells as a fact."""
    named: dict[str, float] = {}
    for item in turn.reading.topics:
        if not _is_denied(turn, item) and not _is_told(turn, item):
            weight = item.weight * (PERHAPS_TOLD if _is_fact(turn, item) else 1.0)
            named[item.topic] = max(weight, named.get(item.topic, 0.0))
    return named


def _of_a_named_kind(turn: Turn, first: TopicChance) -> bool:
    """The likeliest, and a place of its kind is named."""
    return first.chance >= LIKELY_CHANCE and any(
        first.topic in turn.knowledge.categories[slug].topics for slug in turn.reading.categories)


def _story_scores(turn: Turn, text: str) -> npt.NDArray[np.float32]:
    """Scores of the sentence; of a long story each clause speaks too, a little less loudly."""
    scores = turn.scores(text)
    clauses = story_clauses(text)
    if not clauses:
        return scores
    return np.maximum(scores, CLAUSE_WEIGHT * turn.knowledge.index.best_scores(clauses, turn.region))


def _pointed_at(turn: Turn) -> dict[str, int]:
    """The topics whose rules are nearly alone in asking for what was told, and how many such facts there are."""
    told = {found.slug for found in turn.reading.facts}
    users: dict[str, set[str]] = {slug: set() for slug in told}
    for rules in turn.knowledge.all_policies(turn.region) if told else ():
        for slug in rules.base_facts & told:
            users[slug].add(rules.policy.topic)
    counted = Counter(topic for topics in users.values() if 0 < len(topics) <= TELLING for topic in topics)
    return {topic: min(times, MOST_TELLING) for topic, times in counted.items()}


def _told_topics(turn: Turn) -> set[str]:
    """七十二低保，吃食堂补多少; 公租房，不是保租房: what is told of a household, or denied, is not asked for where
    something else is named."""
    told = {item.topic for item in turn.reading.topics if _is_told(turn, item) or _is_denied(turn, item)}
    other = any(item.topic not in told for item in turn.reading.topics) or turn.reading.categories
    return told if other else set()


def _in_characters(turn: Turn) -> str:
    """gongzufang 申请流程: the sentence with names that were typed in pinyin put in characters."""
    text = turn.reading.text
    return _corrected(text, [item for item in turn.reading.topics
                             if item.weight >= NAMED and _LATIN.search(text[item.start:item.end])])


_LATIN = re.compile(r"[a-z]{2}")


def _corrected(text: str, mentions: list[ReadTopic]) -> str:
    """``text`` with misspelt names put right."""
    for item in sorted(mentions, key=lambda mention: -mention.start):
        text = text[:item.start] + item.alias + text[item.end:]
    return text


def best_faq(turn: Turn, choice: Choice, topic: str) -> list[FaqHit]:
    """FAQs of ``topic`` for this sentence; a follow-up is read together with the topic's name."""
    scores = choice.scores
    if not choice.own:
        # With the name alone in front every sentence is half "what is it": what it asks itself counts as much.
        name = turn.knowledge.topics[topic].name
        alone, named = turn.scores(turn.reading.text), turn.scores(f"{name}{turn.reading.text}")
        scores = np.maximum(alone, (alone + named) / 2 + NAMED_BONUS)
    return turn.knowledge.index.faqs(scores, region=turn.region, topics=[topic], limit=8)


def _named(turn: Turn, hits: list[TopicChance]) -> list[str]:
    """Topics that the sentence names; unsure matches count only if meaning agrees or knows nothing better."""
    supported = {hit.topic for hit in hits if hits[0].score - hit.score <= SUPPORT}
    unsettled = not hits or hits[0].score < SURE
    named = [item.topic for item in turn.reading.topics if not _is_denied(turn, item)
             if (hits and item.topic == hits[0].topic if _is_fact(turn, item)
                 else item.topic in supported or item.weight >= NAMED or (unsettled and item.weight >= ALIKE))]
    return list(dict.fromkeys(named))


def _is_fact(turn: Turn, item: ReadTopic) -> bool:
    """家里吃低保: a name that is told as a fact about somebody is not what is asked for."""
    if _is_told(turn, item):
        return True
    text = turn.reading.text
    return _is_denied(turn, item) or (item.topic in STATES and not _ASKED_ITSELF.match(text[item.end:]))


def _is_told(turn: Turn, item: ReadTopic) -> bool:
    """Whether a fact that was told holds the name."""
    return any(found.start < item.end and item.start < found.end for found in turn.reading.facts)


def _is_denied(turn: Turn, item: ReadTopic) -> bool:
    """不是公租房, said of a service."""
    return _DENIED.search(turn.reading.text[:item.start]) is not None


#: Services whose name is also what a household is: 家里吃低保.
STATES = frozenset({"minimum-living-allowance", "extreme-poverty-support"})
_ASKED_ITSELF = re.compile(
    r"(户|金|待遇|家庭)?(怎么|咋|如何|要|标准|申请|办|多少|好多|条件|能领|一个月|是什么|是啥|电话|在哪|取消|$)")
_DENIED = re.compile(r"(?<![有是])(不是|没有|没得|不吃|没吃|不算|非|又不是|没|不用说|不问)$")


def names_service(turn: Turn) -> bool:
    """Whether the sentence calls a service by its name, other than as a fact about somebody."""
    return any(item.weight >= NAMED and not _is_fact(turn, item) for item in turn.reading.topics)


def names_other_service(turn: Turn) -> bool:
    """Whether the sentence names, letter by letter, a service other than the one talked of."""
    return any(item.weight >= NAMED and item.topic != turn.memory.topic and not _is_fact(turn, item)
               for item in turn.reading.topics)


def _asks_on(turn: Turn) -> bool:
    """在哪办？电话呢？ — short, asks for an aspect, and names no service outright."""
    short = turn.reading.aspect is not None and len(turn.reading.text) <= SHORT
    if not short or len(matter_of(turn.reading.text)) >= MATTER:
        return False
    return not any(item.weight >= NAMED and not _any_phone(turn, item) for item in turn.reading.topics)


def _judges_on(turn: Turn) -> bool:
    """我妈够不够条件, after a service: whether she qualifies for that one."""
    if turn.memory.topic == HOTLINE or turn.reading.topics or turn.reading.categories:
        return False
    return turn.reading.aspect in (None, "who") and nothing_but_a_verdict(_WHEN.sub("", turn.reading.text))


#: 那明年还领得到不: when it is to be so makes no other service of it.
_WHEN = re.compile(r"(今|明|后)年|以后|将来|今后|下个?月|年底")


def spans_of_names(turn: Turn) -> list[tuple[int, int]]:
    """Where the sentence names services and the region it asks about."""
    text = turn.reading.text
    named = [(item.start, item.end) for item in turn.reading.topics]
    for region in turn.knowledge.regions.values():
        for name in (region.name, region.short, *region.aliases):
            at = text.find(name)
            if at >= 0 and not any(start < at + len(name) and at < end for start, end in named):
                named.append((at, at + len(name)))
    return named


def _any_phone(turn: Turn, item: ReadTopic) -> bool:
    """打哪个电话问, said of another service: its own phone is asked for, no hotline."""
    return turn.reading.aspect == "contact" and item.topic == HOTLINE and turn.memory.topic not in ("", HOTLINE) \
        and not re.search(r"\d|热线", item.alias)


def _told_of_topic(turn: Turn) -> bool:
    """Whether a rule of the service at hand asks for something that was just told."""
    told = {found.slug for found in turn.reading.facts}
    for slug, fact in turn.knowledge.catalogue.facts.items():
        implied = {other for rule in fact.implies for other in rule.then}
        told |= {slug} if implied & told else set()
    return any(told & rules.base_facts for rules in turn.knowledge.policies_for(turn.memory.topic, turn.region))


#: Words with which a hotline is meant; without them 要交税不 is no call for the tax office's number.
_CALLING = re.compile(r"电话|热线|号码|打|拨|找谁|投诉|举报|反映|联系")


def _follows(turn: Turn, hits: list[TopicChance]) -> bool:
    """Whether the sentence goes on about the topic at hand rather than naming a need of its own."""
    if turn.memory.topic != HOTLINE and not _CALLING.search(turn.reading.text):
        hits = [hit for hit in hits if hit.topic != HOTLINE]
    if not hits or hits[0].topic == turn.memory.topic:
        return True
    if turn.reading.facts and turn.intent in _TELLING and (
            len(turn.reading.text) <= SHORT_QUESTION or _told_of_topic(turn)):
        return True
    at_hand = next((hit.score for hit in hits if hit.topic == turn.memory.topic), 0.0)
    length = len(turn.reading.text)
    if turn.memory.open is None and ("附近" in turn.reading.text or turn.reading.categories):
        return False
    if turn.intent in _NEEDS and turn.reading.aspect is None and hits[0].score >= LIKELY:
        return hits[0].score - at_hand < MARGIN
    if at_hand >= RELATED and hits[0].score - at_hand <= (AT_HAND if length <= SHORT_QUESTION else MARGIN):
        return True
    if hits[0].score >= LIKELY and hits[0].score - at_hand > AT_HAND and len(matter_of(turn.reading.text)) >= MATTER:
        return False
    return hits[0].score < (SURE + 0.12 if length <= SHORT + 4 else LIKELY)
