"""What a sentence means in the light of what was said last: 那我妈呢, 第二家电话, 打折不, 要是低保边缘呢.

The classifier hears each sentence alone, and a short one may sound like small talk or like nothing at all. Where it
goes on about the places, the verdict or the service at hand, the skill for that answers instead.
"""

from __future__ import annotations

import copy
import re
from typing import Optional

from actions import control, corrections, eligibility, relatives, shown_sites, suggest, to_places
from actions.answers import faq_answer, topic_answer
from actions.basis import basis_of_sum
from actions.heard import hear_besides, hear_denied, said_surely
from actions.picking import picked
from actions.say import ack
from actions.topic_choice import AT_HAND, LIKELY, Choice, names_other_service
from actions.turn import Skill, Turn
from actions.verdict import verdict_message
from bot.memory import Case
from bot.nlu.parsers.answers import read_answer
from bot.nlu.parsers.facts import read_facts
from bot.nlu.parsers.places import holds_places
from bot.nlu.parsers.replies import read_reply
from bot.nlu.parsers.yesno import asks
from knowledge.eligibility import engine
from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.values import Value, from_json, to_json
from knowledge.text import touches

#: Acts that are what they are, whatever was said before.
_OWN = frozenset({"emergency", "answer_fact", "answer_place", "start_over", "forget_me", "why_asked", "resume",
                  "life_circle", "unsure", "refuse"})
#: Small acts that a short question may be mistaken for.
_SMALL = frozenset({"out_of_scope", "more", "help", "greet", "goodbye", "affirm", "deny", "unclear", "complain",
                    "cancel", "repeat", "summary", "identity", "feedback_good", "feedback_bad", "human", "correct",
                    "thanks", "inform"})
#: Small acts that are believed from this confidence on, question or not.
BELIEVED = 0.8
#: Inside a check, what is no question and tells nothing was meant as an answer.
_MEANT_AS_ANSWER = frozenset({"ask_service", "state_need", "find_benefits", "check_eligibility", "affirm", "deny",
                              "complain", "unclear", "more", "help", "feedback_good", "feedback_bad", "correct"})
#: From this score on a sentence is the question of an FAQ itself; so many are looked at.
WORD_FOR_WORD = 0.93
CLOSE = 5
#: From this score on a question of the service at hand is meant …
MEANT = 0.5
#: … and from this one where the classifier is not sure of its own reading, or an aspect is asked for.
PERHAPS = 0.36
DOUBTFUL = 0.6
#: A longer sentence stands for itself.
SHORT = 20
#: … but not one that says 如果.
LONG = 40
#: 电话, 要带啥: so few characters with an aspect can only go on about the service at hand.
BARE = 6
#: What is no longer than this is more likely an answer in odd words than another matter.
ANSWER = 8
#: 打折不, in the middle of a check.
_ASKED_OF_IT = re.compile(r"^.{2,6}[不伐](?:嘛|哦|啊)?$")
_COURTESY = frozenset({"thanks", "greet", "identity", "goodbye", "cancel", "human", "complain", "out_of_scope"})

_ASKS = re.compile(r"[不没伐么喃哇嘛吗呢啵]$|[？?]$|^(那|还|又|再)")
_ALSO = re.compile(r"(呢|喃|咧|嘞|哪|啊)$|(再|也|想)(帮|替|给)?(问|查|看)"
                   r"|也(能|可以|行|得行|有|算|符合)|(能|可以|行|得行|算|符合)(不|没|伐|吗|么|不能)"
                   r"|能不能|可不可以|行不行|得不得行|够不够|有没有|领得到|有份")
#: 社保的话一直在交 tells; 没签合同的话呢 supposes.
_IF = re.compile(r"要是|如果|假如|假设|倘若|假使|若是|的话[，]?(?:呢|喃|咧|嘞|还|那|又|也|就|能|可)")
_SUPPOSED = re.compile(r"要是|如果|假如|假设|倘若|假使|若是|万一|的话|(呢|喃|咧|嘞)[？。]?$")
_SUPPOSING = re.compile(
    r"^(刚才|刚刚|前面|我)*(说|讲|记|打|写|弄)错了?[，。]?(是|应该是)?|^(哦|噢|那|那么|但|但是|可|不过|我)+"
    r"|(我)?(搬|换|改|转|调)(到|去|成|个)"
    r"|要是|如果|假如|假设|倘若|假使|若是|万一|的话|^(她|他|伊|她们|他们|伊拉)(是|有|满|到)?|(呢|喃|咧|嘞|吗|哇|哦)*[？。]*$"
    r"|(能|可以)?(补|领|拿|有|给)?(多少|好多)(钱)?$|(也)?(能|可以|行|得行|算)(不|吗|么|伐)?$"
)


_NEVER = re.compile(r"(?!)")
#: Words with which a bare number or phrase is supposed of these facts.
_SAID_OF = {
    "person.age": re.compile(r"^(满|快|刚|都)?(\d{2,3}|[二三四五六七八九]?十[一二三四五六七八九]?|一百.?)(岁|了|的)*$"),
    "household.years_since_home_transfer": re.compile(r"卖|过户|转让"),
}


def instead(turn: Turn) -> Optional[Skill]:
    """The skill for what the sentence goes on about; None where it stands for itself."""
    memory = turn.memory
    choice = picked(turn) if turn.intent != "emergency" else None
    if choice is not None:
        return choice
    repair = corrections.correction(turn) or _about_the_talk(turn) or _supposed_in_so_many_words(turn)
    if repair is not None:
        return repair
    heard = _hear_all(turn)
    if not heard and memory.open is None and hear_denied(turn, memory.subject):
        judged = turn.knowledge.policies.get(memory.last_policy)
        told = {found.slug for found in turn.reading.facts}
        return eligibility.inform if judged is not None and told & judged.base_facts else _note
    if heard and memory.open is None:
        return eligibility.inform
    own = turn.intent in _OWN and not (turn.intent == "resume" and memory.case is None)
    if own or (turn.intent == "change_region" and turn.reading.region is not None):
        return None
    text = turn.reading.text
    if turn.intent == "resume" and memory.case is None and memory.last_policy and asks(text):
        return eligibility.check_eligibility  # 后头上班了还领得成不
    if len(text) <= SHORT and not turn.reading.topics and touches(text, turn.knowledge.all_clear):
        return lambda again: again.replies.append(ack(again, again.say("all_clear"), of="all_clear"))
    if shown_sites.asks_about_one(turn):
        return shown_sites.tell_about_one
    sent = relatives.may_do_it(turn)
    if sent is not None:
        return sent
    local = _rule_of_the_place(turn)
    if local is not None:
        return lambda again: _told(again, *local)
    if memory.open is not None and memory.open.kind == "fact":
        if memory.child != turn.child_before and memory.case is not None:
            return eligibility.step
        if _goes_over(turn):
            return _ask_of_them
        if memory.case is not None and not turn.someone_else and _AND_ME.fullmatch(text):
            return eligibility.resume
        if (heard and turn.intent in _MEANT_AS_ANSWER | _COURTESY and not asks(text)) or _only_tells(turn):
            return eligibility.inform
        return eligibility.retry if _missed_the_question(turn) else _about_the_topic(turn)
    literal = _asked_word_for_word(turn)
    if literal is not None or names_other_service(turn):
        return literal
    return to_places.of_the_service(turn) or _about_the_verdict(turn) or _judge_it(turn) or _about_the_topic(turn)


def _note(turn: Turn) -> None:
    """Say what was told, and what may fit it."""
    turn.replies.append(suggest.noted(turn))


def _goes_over(turn: Turn) -> bool:
    """我爸妈呢, in the middle of a check: it goes on for somebody else."""
    case, reading = turn.memory.case, turn.reading
    return case is not None and turn.someone_else and case.person == turn.memory.subject and case.asked == 0 \
        and not reading.topics and reading.aspect is None and _ALSO.search(reading.text) is not None


#: 那我呢, in the middle of one's own check.
_AND_ME = re.compile(r"(那|那么|个么|换|到)*(我|俺|阿拉|咱)(自己|俩|们|两个|两口子)*(呢|喃|咧|嘞|哪)[？?]?")


def _ask_of_them(turn: Turn) -> None:
    """The first question about the one spoken of now: what was asked was asked of another."""
    turn.memory.open = None
    eligibility.step(turn)


def _rule_of_the_place(turn: Turn) -> Optional[tuple[PolicyRules, dict[str, Value]]]:
    """我住普陀; 安国的: a place with a rule of its own for the service at hand, and what it tells of the resident."""
    reading, memory = turn.reading, turn.memory
    if not memory.topic or reading.topics or reading.aspect is not None or len(reading.text) > SHORT \
            or asks(reading.text) or not reading.places:
        return None
    rules = eligibility.choose_policy(turn, memory.topic)
    at_hand = memory.case.policy if memory.case is not None else memory.last_policy
    if rules is None or rules.policy.policy == at_hand or "." not in rules.policy.policy:
        return None
    judged = at_hand.split(".")[0] == rules.policy.policy.split(".")[0]
    if memory.case is None and memory.shown_sites is not None and not judged:
        return None
    for slug in sorted(rules.base_facts):
        fact = turn.knowledge.catalogue.facts.get(slug)
        if fact is None or not holds_places(fact) or slug == "person.hukou_city":
            continue
        said = read_answer(fact, reading.text, today=turn.today)
        if said is not None and said.value is not None:
            return rules, {slug: said.value}
    return None


def _asked_word_for_word(turn: Turn) -> Optional[Skill]:
    """The FAQ that asks this very sentence, whatever else it sounds like; a check of one's own case stays one."""
    reading, index = turn.reading, turn.knowledge.index
    own_case = turn.intent == "check_eligibility" and ("我" in reading.text or reading.subject is not None)
    if reading.facts or turn.intent == "find_benefits" or own_case:
        return None
    hits = index.faqs(turn.scores(reading.text), region=turn.region, limit=CLOSE)
    if not hits or hits[0].score < WORD_FOR_WORD:
        return None
    at_hand = next((hit for hit in hits if hit.record.topic == turn.memory.topic and hit.score >= WORD_FOR_WORD), None)
    hit = at_hand or hits[0]

    def answer(again: Turn) -> None:
        again.memory.topic = hit.record.topic
        again.replies.append(faq_answer(again, hit))

    return answer


def _missed_the_question(turn: Turn) -> bool:
    """房贷还起的, asked whether it is deducted: an answer that was not understood, and no question about a service."""
    reading = turn.reading
    heard = turn.intent in _MEANT_AS_ANSWER or (turn.intent == "out_of_scope" and len(reading.text) <= ANSWER)
    if _ASKED_OF_IT.search(reading.text):
        return False
    if not heard or reading.facts or reading.topics or reading.categories or reading.places:
        return False
    return reading.aspect is None and not asks(reading.text) and turn.reading.subject in (None, "self")


def _only_tells(turn: Turn) -> bool:
    """有居住证, in the middle of a check: it names a service, but only to tell what the resident has."""
    reading = turn.reading
    return bool(reading.topics) and reading.aspect is None and len(reading.text) <= SHORT and not asks(reading.text) \
        and all(any(fact.start < item.end and item.start < fact.end for fact in reading.facts)
                for item in reading.topics)


# --- the verdict at hand ---------------------------------------------------------------------------


def _about_the_verdict(turn: Turn) -> Optional[Skill]:
    rules = turn.knowledge.policies.get(turn.memory.last_policy)
    reading = turn.reading
    if rules is None or turn.memory.case is not None or len(reading.text) > SHORT:
        return None
    if reading.aspect not in (None, "amount", "who") or reading.region is not None:
        return None
    if reading.subject is not None and turn.someone_else:
        bare = _bare_options(turn, rules)
        if bare or reading.facts or _ALSO.search(reading.text):
            return lambda again: _told(again, rules, bare)
    if turn.intent == "correct" and not reading.facts:
        meant = _supposed_facts(turn, rules)
        return (lambda again: _told(again, rules, meant)) if meant else None
    if turn.memory.child != turn.child_before and any(slug.startswith("child.") for slug in rules.base_facts):
        return lambda again: eligibility.start(again, rules)
    if _SUPPOSED.search(reading.text) or _age_later(turn) is not None:
        supposed = _supposed_facts(turn, rules)
        if supposed:
            return lambda again: _suppose(again, rules, supposed)
    if {found.slug for found in reading.facts} & rules.base_facts:
        return lambda again: eligibility.start(again, rules)
    changed = _now_so(turn, rules)
    return (lambda again: _told(again, rules, changed)) if changed else None


def _now_so(turn: Turn, rules: PolicyRules) -> dict[str, Value]:
    """后来补交上了，现在一直在交: the one condition said not to be met is met now."""
    if asks(turn.reading.text):
        return {}
    missed = [slug for slug, value in turn.known(turn.memory.subject, rules.policy).items()
              if value is False and slug in rules.base_facts]
    text = turn.reading.clauses()
    parts = (text, re.split("[，。]", text)[-1])
    met = [slug for slug in missed if any(read_reply(slug, part) for part in parts)]
    return {met[0]: True} if len(met) == 1 else {}


def _bare_options(turn: Turn, rules: PolicyRules) -> dict[str, Value]:
    """肢体，一级: options of the policy's questions, said as they stand; 那我爷爷呢 89: an age behind a person."""
    found: dict[str, Value] = {}
    text = turn.reading.text
    for clause in re.split("[，。]", turn.reading.clauses()):
        said = clause.strip("的了是呢嘛啊也")
        for slug in sorted(rules.base_facts):
            fact = turn.knowledge.catalogue.facts.get(slug)
            for option in fact.options if fact is not None else ():
                if said and option.value != "none" and said in (option.title, *option.words):
                    found.setdefault(slug, option.value)
    age = _AGE_BEHIND.search(text) if "person.age" in rules.base_facts else None
    if age is not None and turn.reading.subject is not None:
        found["person.age"] = int(age["age"])
    return found


_AGE_BEHIND = re.compile(r"[呢喃咧嘞，]\s?(?P<age>\d{2,3})岁?$")


def _supposed_facts(turn: Turn, rules: PolicyRules, said: str = "") -> dict[str, Value]:
    """What is supposed for the policy (by the part ``said``): 要是低保边缘呢 gives the household's category."""
    later = _age_later(turn)
    if later is not None:
        return {"person.age": later} if "person.age" in rules.base_facts else {}
    text = _SUPPOSING.sub("", said or turn.reading.clauses()).strip("，。 ")
    if not text:
        return {}
    found = {item.slug: item.value for item in read_facts(text, today=turn.today).facts}
    if not found:
        found = {slug: item.value for slug in sorted(rules.base_facts)
                 if (fact := turn.knowledge.catalogue.facts.get(slug)) is not None
                 and (fact.type == "choice" or _SAID_OF.get(slug, _NEVER).search(text))
                 and (item := read_answer(fact, text, today=turn.today)) is not None and item.value is not None}
        if "lease.district" in found and "租" in text:
            found = {"lease.district": found["lease.district"]}
        if len(found) > 1:
            return {}
    if not found:
        facts = [fact for slug in sorted(rules.base_facts)
                 if (fact := turn.knowledge.catalogue.facts.get(slug)) is not None]
        found = said_surely(facts, text, today=turn.today)
    return {slug: value for slug, value in found.items() if slug in rules.base_facts}


def _age_later(turn: Turn) -> Optional[int]:
    """他下个月就70了，那呢; 明年呢: the age that is meant; None if none is."""
    soon = _SOON.search(turn.reading.text)
    if soon is not None:
        said = read_answer(turn.knowledge.catalogue.facts["person.age"], f"{soon['age']}岁", today=turn.today)
        return said.value if said is not None and isinstance(said.value, int) else None
    years = _YEARS_ON.fullmatch(turn.reading.text)
    known = turn.memory.known(turn.memory.subject).get("person.age")
    if years is None or not isinstance(known, int):
        return None
    return known + (1 if years["year"] == "明" else 2)


_SOON = re.compile(r"(?:下个?月|下周|明年|后年|马上|过完年|年底|过几天|再过[^，。]{1,4})(?:就|要|快|满|到|是|她|他|我)*"
                   r"(?P<age>\d{2,3}|[二三四五六七八九]十[一二三四五六七八九]?|一百)(?:周?岁|了|的|，|呢|$)")
_YEARS_ON = re.compile(r"(?:那|那么|到了?|他|她|我|等)*(?P<year>明|后)年(?:也|还|就|又|再|接着|继续)*"
                       r"(?:(?:能|可以|能不能)?(?:申请|领|办|拿|享受|有)?(?:得|不)?(?:到|了|成|上)?(?:吗|不|么|没|伐)?)"
                       r"(?:呢|喃|咧|嘞|哪)?[？?]?")


def _told(turn: Turn, rules: PolicyRules, facts: dict[str, Value]) -> None:
    """Take facts in and judge (anew)."""
    corrections.take(turn, rules, facts, turn.memory.subject)
    eligibility.start(turn, rules)


def _judge_it(turn: Turn) -> Optional[Skill]:
    """帮我看看行不行; 八十五的: the service at hand is to be checked, with what was told."""
    topic, text = turn.memory.topic, turn.reading.text
    if not topic or turn.memory.case is not None or len(text) > SHORT:
        return None
    rules = eligibility.choose_policy(turn, topic)
    if rules is None:
        return None
    if _CHECK_ME.search(text):
        return lambda again: eligibility.start(again, rules)
    bare = {} if asks(text) else _bare_options(turn, rules)
    if bare:
        return lambda again: _told(again, rules, bare)
    age = _SAID_OF["person.age"]
    if "person.age" in rules.base_facts and age.search(_SUPPOSING.sub("", text)):
        facts = _supposed_facts(turn, rules)
        return (lambda again: _told(again, rules, facts)) if facts else None
    return None


_CHECK_ME = re.compile(r"(看看|看下|看哈|瞧瞧|查查|查下|算算|核一下|核对)[^，。？]{0,6}"
                       r"(行不行|中不中|得行不|得不得行|符不符合|够不够|能不能|可不可以|有没有资格|行吗|行不)")


def _suppose(turn: Turn, rules: PolicyRules, facts: dict[str, Value]) -> None:
    """The verdict if ``facts`` were so. What is known stays as it was; an open question comes again."""
    memory = turn.memory
    case, own = memory.case, copy.deepcopy(memory.own)
    person = _supposed_of(turn, facts)
    memory.subject, memory.facts = person, copy.deepcopy(turn.facts_before)
    corrections.take(turn, rules, facts, person)
    memory.case = Case(policy=rules.policy.policy, person=person)
    verdict = engine.evaluate(rules, turn.known(person, rules.policy), day=turn.today, city=turn.city)
    reply = verdict_message(turn, rules, verdict, supposed=True)
    words = "，".join(word for slug, value in facts.items()
                     if (word := suggest.fact_in_a_sentence(turn, slug, to_json(value))))
    reply["text"] = f"{turn.say('supposed', facts=words or turn.reading.text)}{reply['text']}"
    turn.replies.append(reply)
    memory.facts, memory.own, memory.case = copy.deepcopy(turn.facts_before), own, case
    memory.subject = turn.person_before
    if case is not None and case.person != turn.person_before:
        memory.case = turn.case_before
    memory.last_policy, memory.topic = rules.policy.policy, rules.policy.topic
    eligibility.ask_again(turn)


def _supposed_of(turn: Turn, facts: dict[str, Value]) -> str:
    """Of whom it is supposed: 假如我妈八十三呢 of her; a sum of the family's of the case's person."""
    case = turn.memory.case
    if turn.memory.subject != turn.person_before and any(slug.startswith("person.") for slug in facts):
        return turn.memory.subject
    return case.person if case is not None and turn.memory.subject == turn.person_before else turn.person_before


def _supposed_in_so_many_words(turn: Turn) -> Optional[Skill]:
    """如果我换个工作没签合同呢, in the middle of a check or behind a verdict, however long."""
    rules, reading = corrections.at_hand(turn), turn.reading
    if rules is None or not _IF.search(reading.text) or len(reading.text) > LONG \
            or turn.intent in ("emergency", "answer_place") \
            or reading.aspect not in (None, "amount", "who") \
            or (reading.region is not None and not reading.region_is_hukou and turn.region != turn.region_before):
        return None
    facts = _supposed_facts(turn, rules) or _supposed_facts(turn, rules, _STILL.sub("", reading.clauses())) \
        or _supposed_answer(turn)
    # 要是是低保呢: the name of a service, too.
    words = {word for slug in facts for option in turn.knowledge.catalogue.facts[slug].options
             for word in (option.title, *option.words)}
    if not facts or any(item.alias not in words for item in reading.topics):
        return None
    corrections.stay_here(turn)
    return lambda again: _suppose(again, rules, facts)


def _supposed_answer(turn: Turn) -> dict[str, Value]:
    """假如我妈退休金是三千呢, asked what the family earns: what would answer the open question is only supposed."""
    asked, answer = turn.memory.open, turn.reading.answer
    if asked is None or asked.kind != "fact" or answer is None or answer["kind"] != "value" \
            or asked.fact not in turn.knowledge.catalogue.facts:
        return {}
    value = from_json(answer["value"])
    return {} if isinstance(value, str) and holds_places(turn.knowledge.catalogue.facts[asked.fact]) \
        else {asked.fact: value}


#: …还能申请吗, behind what is supposed.
_STILL = re.compile(r"[，]?(?:那|那么)?(?:我|她|他|我们|咱)?(?:们)?(?:是不是)?(?:还|也|又|就)?"
                    r"(?:能不能|可不可以|能|可以|得行|符合|够|有没有|有|领|补)[^，。]{0,8}$")


# --- the talk itself ---------------------------------------------------------------------------


def _about_the_talk(turn: Turn) -> Optional[Skill]:
    """刚才问到哪里了, 问这个干啥, 你都记了些啥: about the check itself, whatever else it sounds like."""
    text, memory = turn.reading.text, turn.memory
    if len(text) > SHORT or turn.reading.topics or turn.reading.facts or turn.intent == "emergency":
        return None
    asked = memory.open is not None and memory.open.kind == "fact"
    if (_WHERE_WERE_WE.search(text) or _WHAT_IS_NOTED.search(text)) and memory.subject != turn.person_before:
        memory.subject = turn.person_before  # 刚才你问我啥来着, in the check of the mother: not the speaker's own case
        if memory.case is not None:
            memory.case.person = turn.person_before
    if _WHERE_WERE_WE.search(text) and (asked or memory.last_policy):
        return eligibility.resume
    if asked and _WHY_THIS.search(text):
        return eligibility.explain
    of_the_sum = _about_the_sum(turn)
    if of_the_sum is not None:
        return of_the_sum
    if memory.open is None and memory.last_policy and _was_judged(turn) \
            and (_WHY_THIS.search(text) or _WHY_SO.search(text)):
        return eligibility.explain
    return control.summary if _WHAT_IS_NOTED.search(text) else None


def _about_the_sum(turn: Turn) -> Optional[Skill]:
    """为啥是800, 咋个算出来的800, behind the verdict that named the sum."""
    rules = turn.knowledge.policies.get(turn.memory.last_policy)
    if rules is None or turn.memory.open is not None or not _was_judged(turn) \
            or rules.policy.topic != turn.memory.topic or _WHY_THIS_SUM.fullmatch(turn.reading.text) is None:
        return None
    return lambda again: again.replies.append(basis_of_sum(again, rules))


def _was_judged(turn: Turn) -> bool:
    """Whether a verdict was the last answer."""
    return any(item["custom"]["kind"] == "verdict" for item in turn.memory.last_messages)


_HOW = r"(?:为什么|为啥子?|为何|凭(?:什么|啥子?)|咋个?|怎么|哪能|如何|啷个)"
_A_SUM = (r"(?:(?:[每一]个?[年月天餐])?(?:(?:\d[\d.]*|[一二两三四五六七八九十百千万]{2,})[多来]?(?:块|元|圆)?(?:钱)?"
          r"|(?:这|那|恁个?|介|嘎)(?:么|样|许)?(?:多|少|点|些|个数)(?:儿)?(?:钱)?))")
#: 为啥只有300, 这800块咋个来的, 咋个算出来的800: how a sum comes about.
_WHY_THIS_SUM = re.compile(
    rf"(?:那|这|你|侬|，)*(?:{_HOW}(?!问|要问|要交|要付|领|拿|办|申|提|取|交)[^，。问]{{0,6}}?{_A_SUM}"
    rf"|(?:(?:这|那)?(?:个|笔|些)?(?:{_A_SUM}|钱|数字?|金额|补贴|补助|津贴)(?:是|到底|究竟|都|又)*{_HOW}"
    rf"(?:算|计算|来|得|定)(?:出来|得出|得)?(?:的)?)"
    rf"|{_HOW}(?:计?算|得)(?:出来|得出)?(?:的)?(?:{_A_SUM})?)"
    r"(?:的|呢|嘛|啊|哦|喃|哟|伐|呀|啦|哉|哇)*[？?]?"
)
#: 凭啥子这么说, 依据是啥, 为啥不够: behind a verdict.
_WHY_SO = re.compile(
    r"^(?:那|这|你|侬|您|我|她|他|，)*(?:为什么|为啥子?|为何|凭(?:什么|啥子?)|咋个?|怎么|哪能|根据(?:什么|啥子?)"
    r"|依据(?:是)?(?:什么|啥子?|哪条)?)(?:会|就|我|她|他|你|侬)*(?:这么说|这样说|恁个说|介讲|这么讲|这样讲|得出来的?"
    r"|算出来的?|判的?|定的?|不够格?|不行|不能(?:领|办|申请)?|不符合|没(?:有)?资格|说的?)?"
    r"(?:的|呢|嘛|啊|哦|额|伐|喃)*[？?]?$"
)
_WHERE_WERE_WE = re.compile(
    r"(?:问|说|讲|聊|核对?|查|办|进行)到(?:了)?(?:哪|啥|什么|何)(?:里|儿|块|搭|子|地方|一步|个问题|一个){0,2}(?:了|来着|啦|咯|哦|哉)?[？?]?$"
    r"|(?:刚才|刚刚|前面|方才|上一个)(?:你|侬)?(?:是)?(?:在)?问(?:的|我|了)?(?:是)?(?:我)?(?:的)?(?:是)?(?:个)?(?:啥|什么|哪样)"
    r"|问(?:的|我)?(?:是)?(?:啥|什么)来着"
)
_WHY_THIS = re.compile(
    r"(?:为什么|为啥|为何|咋个?|怎么|干嘛|做啥)(?:子)?(?:要|还要|还|老是|总)?(?:问|晓得|知道|打听|了解)(?:我)?(?:这|那|介|格)?"
    r"|(?:问|打听|晓得|知道)(?:我)?(?:这|那|介|格)[^，。]{0,4}(?:干|做|有)(?:嘛|啥|什么|么|用)"
    r"|(?:跟|和|同|搭|与)[^，。]{0,8}(?:有)?(?:啥|什么|何)(?:子)?(?:关系|相干|关联)"
)
_WHAT_IS_NOTED = re.compile(
    r"(?:你|侬|您|到底)(?:都|现在|目前)*(?:记|了解|晓得|知道|掌握)(?:了|到|下|住|得|的|起)*(?:我)?(?:的)?(?:些|一些)?(?:啥|什么|哪些)"
    r"|我(?:都|刚才|前面|一共)*(?:说|讲|告诉你)(?:了|过)(?:些)?(?:啥|什么|哪些)"
)


def _hear_all(turn: Turn) -> bool:
    """In the middle of a check nothing that was told is let pass: 聋哑二级 tells the kind and the grade.

    Nor is 合同签了, behind a verdict that was left open because of that.
    """
    rules, case, asked = eligibility.current_rules(turn), turn.memory.case, turn.memory.open
    text, told = turn.reading.text, len(turn.reading.facts)
    if rules is None or case is None or (asked is not None and asked.kind != "fact") or _IF.search(text) \
            or turn.reading.topics or turn.intent == "emergency":
        return False
    if len(text) > LONG if asked is not None else (len(text) > SHORT or told or asks(text)):
        return False
    hear_besides(turn, rules, case.person, asked=asked.fact if asked is not None else "")
    return len(turn.reading.facts) > told


# --- the service at hand ---------------------------------------------------------------------------


def _about_the_topic(turn: Turn) -> Optional[Skill]:
    """A question that small talk's ear took for something else, near enough to the service at hand."""
    topic, text = turn.memory.topic, turn.reading.text
    if not topic or turn.intent not in _SMALL or len(text) > SHORT or turn.reading.facts:
        return None
    aspect = turn.reading.aspect is not None
    asking = turn.intent in ("affirm", "deny") and asks(text)
    if turn.confidence >= BELIEVED and not asking and not (aspect and turn.intent not in _COURTESY):
        return None
    if not (aspect or asks(text) or _ASKS.search(text)) and turn.intent != "out_of_scope":
        return None
    scores = turn.scores(text)
    topics = turn.knowledge.index.topics(scores, region=turn.region, limit=1)
    hits = turn.knowledge.index.faqs(scores, region=turn.region, topics=[topic], limit=1)
    at_hand = hits[0].score if hits else 0.0
    if topics and topics[0].topic != topic and topics[0].score >= LIKELY and topics[0].score - at_hand > AT_HAND:
        return None
    perhaps = at_hand >= PERHAPS and (aspect or turn.confidence < DOUBTFUL)
    if (aspect and len(text) <= BARE) or asking or at_hand >= MEANT or perhaps:
        return lambda again: again.replies.append(
            topic_answer(again, Choice(topic, (), scores, own=False, best=at_hand), topic))
    return None
