"""Skill: does somebody qualify? Asks only what can still change the verdict, then says it with its reasons."""

from __future__ import annotations

import re
from typing import Any, Optional

from actions import life_events, suggest
from actions.answers import cannot_answer, card_answer, faq_answer, topic_answer, which_one
from actions.basis import basis_of_verdict
from actions.heard import hear_besides
from actions.location import ask_location
from actions.nearby import asks_for_money, find_sites, take_place
from actions.say import Message, ack, button, lead, message
from actions.service import answer_service
from actions.topic_choice import HOTLINE, Choice, best_faq, choose, spans_of_names
from actions.turn import Turn, take_fact
from actions.understood import understood
from actions.verdict import verdict_message
from bot.memory import Case, OpenQuestion
from bot.nlu.aspects import JUDGE_ME, nothing_but_a_verdict
from bot.nlu.context import RESIDENCE
from bot.nlu.parsers.answers import Answer, read_answer
from bot.nlu.parsers.hukou import residence
from bot.nlu.parsers.yesno import asks
from bot.nlu.reading import ReadFact
from knowledge.eligibility import engine
from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.values import Partial, to_json
from knowledge.schema import Fact

#: After so many misunderstood answers a question is put aside as unknown.
ATTEMPTS = 2
#: From this score on an FAQ answers "can one …"; higher where the resident speaks of themselves.
RULE_FAQ = 0.62
RULE_FAQ_ME = 0.74
#: In the middle of a check this much is enough: what else could a question be about?
IN_PASSING = 0.5
#: Asking for these is no asking for a verdict.
RULE_ASPECTS = ("documents", "rules", "time", "where", "contact", "hours", "status", "how")
#: 有没有年龄限制: a question about the rule, whoever asks it.
RESTRICTION = re.compile(r"(有没有|有无|有什么|有啥|什么样的?|哪些)[^，。？]{0,6}(限制|要求|条件)")
#: 如今还作数不: whether a rule still holds.
HEARSAY = re.compile(r"到底[^，。]{0,10}还是|作数|作废|老黄历|还算数|真的假的|是不是真|是真的|(变|改)了(没|吗|不)")
#: 我们接着问: back to the case.
GOING_BACK = re.compile(r"接(着|到|倒)(刚才|问|说|来|办|讲)|继续(问|说|刚才|吧|办)|(回到|说回)(刚才|前面|正题)")
#: So many facts that only another policy asks for point at that one.
CLEARLY_TOLD = 2
#: A hint of so many characters names the policy that is meant.
CLEAR_HINT = 4
#: Facts with one of these asked are a question, though it names no service.
WANTING = ("amount", "how", "where", "time")
#: Where facts are told without a question, a service must be so near and so likely to be meant.
MEANT, MEANT_CHANCE = 0.5, 0.85
#: What people with a case of their own want a verdict on.
JUDGED_ASPECTS = (None, "amount", "how", "who", "what")
UNSURE = button("不清楚")
YES_NO = (button("是"), button("不是"))


def check_eligibility(turn: Turn) -> None:
    """Start (or go on with) a check of the service that the sentence is about."""
    choice = choose(turn)
    topic = choice.topic
    if topic is None:
        turn.replies.append(which_one(turn, choice))
        return
    turn.memory.topic = topic
    if not choice.own and turn.memory.case is None and _names_nobody(turn):
        answer_service(turn, choice)  # 打折伐, after a list of canteens
        return
    rules = _fitting_what_was_told(turn, choose_policy(turn, topic))
    if asks_the_rule(turn, choice, topic):
        turn.replies.append(topic_answer(turn, choice, topic))
        return
    if rules is not None and rules is current_rules(turn) and not turn.reading.facts and not turn.someone_else:
        _asked_in_passing(turn, choice, topic)
        return
    if rules is not None and _just_judged(turn, rules):
        hits = best_faq(turn, choice, topic)
        if hits and hits[0].score >= (RULE_FAQ_ME if asks_for_money(turn) else IN_PASSING):
            turn.replies.append(faq_answer(turn, hits[0]))
            return
    if rules is None:
        turn.replies.append(_conditions_in_words(turn, choice, topic))
        return
    start(turn, rules)


def _names_nobody(turn: Turn) -> bool:
    """Whether the sentence tells nothing, speaks of nobody and asks for no verdict in so many words."""
    text = turn.reading.text
    return not turn.reading.facts and turn.reading.subject is None and "我" not in text \
        and JUDGE_ME.search(text) is None and not nothing_but_a_verdict(text)


def _asked_in_passing(turn: Turn, choice: Choice, topic: str) -> None:
    """打折不, in the middle of the check of that service: its FAQ if one fits; the open question comes again."""
    hits = best_faq(turn, choice, topic)
    needed = RULE_FAQ if JUDGE_ME.search(turn.reading.text) else IN_PASSING
    if hits and hits[0].score >= needed and not nothing_but_a_verdict(turn.reading.text):
        turn.replies.append(faq_answer(turn, hits[0]))
        return
    ask_again(turn)


def _just_judged(turn: Turn, rules: PolicyRules) -> bool:
    """券过期了还能用不, after the verdict: something more particular than the verdict that was just given."""
    last = turn.memory.last_said
    if last.get("of") == "cancel":
        return False  # given up before there was a verdict
    return turn.memory.case is None and turn.memory.last_policy == rules.policy.policy and not turn.reading.facts \
        and turn.memory.subject == turn.person_before \
        and not nothing_but_a_verdict(turn.reading.text, spans_of_names(turn))


def _conditions_in_words(turn: Turn, choice: Choice, topic: str) -> Message:
    """What the card says of who qualifies, where there is no rule to reckon with: no single FAQ stands for it all."""
    turn.memory.topic = topic
    card = turn.knowledge.card(topic, turn.region)
    text = turn.reading.text
    told = bool(turn.reading.facts) or JUDGE_ME.search(text) is not None \
        or nothing_but_a_verdict(text, spans_of_names(turn))
    if card is None or not card.card.who or not told:
        return topic_answer(turn, choice, topic)
    return card_answer(turn, card, f"{turn.say('conditions_only', phone=turn.hotline)}\n{card.card.who}")


#: 那她在食堂吃饭有补贴没得 is asked for her.
_SOMEBODY = re.compile(r"[我她他伊俺]")


def asks_the_rule(turn: Turn, choice: Choice, topic: str) -> bool:
    """Whether "can one …" asks for a rule that an FAQ states, rather than for a verdict on somebody."""
    if turn.reading.facts or nothing_but_a_verdict(turn.reading.text, spans_of_names(turn)):
        return False
    if turn.reading.aspect in RULE_ASPECTS:
        return True
    if not choice.own:
        return False
    somebody = _SOMEBODY.search(turn.reading.text) is not None or turn.reading.subject is not None
    if somebody and JUDGE_ME.search(turn.reading.text):
        return False
    if turn.reading.aspect == "who" and RESTRICTION.search(turn.reading.text):
        return True
    hits = best_faq(turn, choice, topic)
    if hits and hits[0].score >= MEANT and HEARSAY.search(turn.reading.text):
        return True
    if not hits or hits[0].record.faq.aspect == "who":
        return False
    return hits[0].score >= (RULE_FAQ_ME if somebody else RULE_FAQ)


def answer_or_judge(turn: Turn, meant: Optional[Choice] = None) -> None:
    """A question about a service; where the resident also told facts of the case, the verdict follows the answer.

    ``meant``: the service, where that is known already.
    """
    if turn.memory.case is not None and not turn.reading.topics and GOING_BACK.search(turn.reading.text):
        step(turn)
        return
    choice = meant or choose(turn)
    told_of = _fitting_what_was_told(turn, choose_policy(turn, choice.topic)) if choice.topic is not None else None
    if told_of is not None and told_of.policy.topic != choice.topic and turn.reading.aspect in JUDGED_ASPECTS:
        start(turn, told_of)  # E类 租50平 保租房 补多少: the facts are those of another service's rule
        return
    answer_service(turn, choice)
    if choice.topic is None or turn.memory.case is not None:
        return
    if turn.replies[-1]["custom"]["kind"] not in ("faq", "service"):
        return
    rules = choose_policy(turn, choice.topic)
    if rules is None:
        return
    said = {found.slug for found in turn.reading.facts}
    told = turn.reading.aspect in JUDGED_ASPECTS and bool(said & rules.base_facts)
    asked = turn.reading.subject is not None and JUDGE_ME.search(turn.reading.text) is not None
    if told or asked:
        start(turn, rules)


def choose_policy(turn: Turn, topic: str) -> Optional[PolicyRules]:
    """The policy of ``topic`` that is meant: by its hints, by the case at hand, else the topic's main one.

    One with a suffix is for some people or one district only: where nothing points at it, nobody is asked about it.
    """
    candidates = turn.knowledge.policies_for(topic, turn.region)
    if not candidates:
        return None
    text = turn.reading.text
    name = turn.knowledge.topics[topic].name
    hinted = max(candidates, key=lambda rules: (_hint_length(rules, text, name), "." in rules.policy.policy))
    if _hint_length(hinted, text):
        return hinted
    current = turn.memory.case.policy if turn.memory.case is not None else turn.memory.last_policy
    main = next((rules for rules in candidates if "." not in rules.policy.policy), None)
    return next((rules for rules in candidates if rules.policy.policy == current), main)


def _fitting_what_was_told(turn: Turn, rules: Optional[PolicyRules]) -> Optional[PolicyRules]:
    """E类人才租保租房补多少: of the policies hinted at or of the same service the one that asks for what was told."""
    told = {found.slug for found in turn.reading.facts} - suggest.COMMON
    if rules is None or len(told) < CLEARLY_TOLD or _hint_length(rules, turn.reading.text) >= CLEAR_HINT:
        return rules
    hinted = [other for other in turn.knowledge.all_policies(turn.region)
              if other.policy.topic == rules.policy.topic or _hint_length(other, turn.reading.text)]
    best = max(hinted, key=lambda other: len(told & other.base_facts), default=rules)
    return best if len(told & best.base_facts) >= len(told & rules.base_facts) + CLEARLY_TOLD else rules


def _hint_length(rules: PolicyRules, text: str, service: str = "") -> int:
    """How much of the text points at this policy: its longest hint (or its name) in it.

    A hint that is only part of the ``service``'s name tells its policies hardly apart: 人才的住房租赁补贴.
    """
    return max((1 if hint in service else length for hint, length in rules.pointers if hint in text), default=0)


def start(turn: Turn, rules: PolicyRules) -> None:
    """Begin a case and take the first step."""
    person = _CHILD if _is_about_a_child(turn, rules) else turn.memory.subject
    turn.memory.case = Case(policy=rules.policy.policy, person=person)
    turn.memory.last_policy = rules.policy.policy
    turn.memory.topic = rules.policy.topic
    lives = residence(turn.reading.text) if RESIDENCE in rules.base_facts else None
    if lives is not None:
        take_fact(turn, RESIDENCE, lives, person)
    hear_besides(turn, rules, person)
    step(turn)


_CHILD = "child"


def _is_about_a_child(turn: Turn, rules: PolicyRules) -> bool:
    """Whether the rule asks for a child (孩子有残疾人证吗), and of the child something was told already."""
    told = turn.memory.facts.get(_CHILD, {})
    return any(slug.startswith("child.") for slug in rules.base_facts) and bool(told.keys() & rules.base_facts)


def current_rules(turn: Turn) -> Optional[PolicyRules]:
    """The policy of the case under way, if it still exists."""
    case = turn.memory.case
    return turn.knowledge.policies.get(case.policy) if case is not None else None


def step(turn: Turn) -> None:
    """Ask the next useful question, or give the verdict; where a fact was replaced, that is said first."""
    before = len(turn.replies)
    _step(turn)
    changed = replaced(turn)
    if changed and len(turn.replies) > before:
        lead(turn.replies[before], turn.say("changed", facts=changed))


def replaced(turn: Turn) -> str:
    """The facts that this turn replaced by other ones, in words; a vague one made exact is no other."""
    lines = []
    for owner, facts in turn.memory.facts.items():
        kept = turn.facts_before.get(owner, {})
        slugs = {slug for slug, value in facts.items()
                 if slug in kept and kept[slug] != value and not isinstance(kept[slug], dict)
                 and (turn.memory.child == turn.child_before or not slug.startswith("child."))}
        lines.append(suggest.facts_in_words(turn, only=slugs, owner=owner) if slugs else "")
    return "；".join(line for line in lines if line)


def _step(turn: Turn) -> None:
    rules, case = current_rules(turn), turn.memory.case
    if case is not None and case.event:
        life_events.step(turn, question)
        return
    if rules is None or case is None:
        turn.memory.case = turn.memory.open = None
        return
    facts = turn.known(case.person, rules.policy)
    city = turn.city
    fact = engine.next_question(rules, facts, day=turn.today, city=city, skip=frozenset(case.skip))
    if fact is not None:
        turn.memory.ask(fact)
        turn.replies.append(question(turn, rules, fact))
        return
    turn.memory.open = None
    verdict = engine.evaluate(rules, facts, day=turn.today, city=city)
    turn.replies.append(verdict_message(turn, rules, verdict))
    turn.memory.case = None if verdict.outcome != "undetermined" else turn.memory.case
    more = suggest.after_verdict(turn, rules, verdict)
    if more is not None:
        turn.replies.append(more)


def take_answer(turn: Turn) -> None:
    """Take the answer to the open question and go on."""
    case, asked, answer = turn.memory.case, turn.memory.open, turn.reading.answer
    if case is None and asked is not None and answer is not None and asked.kind == "fact":
        _take_bare_answer(turn, asked, answer)
        return
    if case is None or asked is None or answer is None:
        step(turn)
        return
    rules = current_rules(turn)
    own = case.policy if rules is not None and asked.fact in rules.policy.own_answers else ""
    taken = answer["kind"] == "value" and take_fact(turn, asked.fact, answer["value"], case.person, only_for=own)
    if not taken:
        if answer["kind"] == "value":
            retry(turn)
            return
        case.skip.append(asked.fact)
    elif rules is not None and isinstance(turn.known(case.person, rules.policy).get(asked.fact), Partial):
        (case.skip if asked.fact in case.partly else case.partly).append(asked.fact)
    case.asked += 1
    turn.memory.last_answered = asked.fact
    turn.memory.open = None
    step(turn)


def _take_bare_answer(turn: Turn, asked: OpenQuestion, answer: dict[str, Any]) -> None:
    """The answer to a question that no check asks (改一下：年龄, before any check): noted, with what fits it."""
    turn.memory.open = None
    if answer["kind"] == "value" and take_fact(turn, asked.fact, answer["value"], turn.memory.subject):
        told = {found.slug for found in turn.reading.facts}
        if asked.fact not in told:
            turn.reading.facts.append(ReadFact(slug=asked.fact, value=answer["value"], start=0,
                                               end=len(turn.reading.text)))
        turn.replies.append(suggest.noted(turn))
        return
    turn.replies.append(ack(turn, turn.say("put_aside"), of="inform"))


def ask_fact(turn: Turn, slug: str, *, said_first: str = "") -> None:
    """Ask for this very fact now: for the check at hand, or (where none asks it) only to have it right."""
    rules, case = current_rules(turn), turn.memory.case
    turn.memory.open = OpenQuestion(kind="fact", fact=slug)
    if rules is not None and case is not None and case.person == turn.memory.subject and slug in rules.base_facts:
        turn.replies.append(question(turn, rules, slug, lead=said_first))
        return
    if case is not None and case.person != turn.memory.subject:
        turn.memory.case = None  # its next question would be about somebody else
    fact = turn.knowledge.catalogue.facts[slug]
    options = _options(turn, fact)
    text = fact.question.replace("{who}", turn.who)
    turn.replies.append(message(
        "question", f"{said_first}\n{text}" if said_first else text, knowledge=turn.knowledge, region=turn.region,
        buttons=options, fact=slug, why=turn.say("why_general", why=fact.why), options=options, policy="",
        remaining_at_most=1))


def retry(turn: Turn) -> None:
    """The answer was not understood: ask again in an easier form, then put the question aside."""
    rules, asked, case = current_rules(turn), turn.memory.open, turn.memory.case
    if asked is not None and asked.kind == "fact" and case is None:
        turn.memory.open = None
        turn.replies.append(ack(turn, turn.say("put_aside"), of="inform"))
        return
    if rules is None or asked is None or case is None:
        step(turn)
        return
    if asked.kind != "fact":  # the place that a list needs is open, not a fact of the case
        turn.memory.open = None
        step(turn)
        return
    asked.attempts += 1
    if asked.attempts > ATTEMPTS:
        case.skip.append(asked.fact)
        turn.memory.open = None
        before = len(turn.replies)
        step(turn)
        if len(turn.replies) > before:
            lead(turn.replies[before], turn.say("put_aside"))
        return
    turn.replies.append(question(turn, rules, asked.fact, again=True))


def ask_again(turn: Turn) -> None:
    """Come back to the open question after something else was answered."""
    rules, asked = current_rules(turn), turn.memory.open
    if rules is not None and asked is not None and asked.kind == "fact":
        turn.replies.append(question(turn, rules, asked.fact))


def explain(turn: Turn) -> None:
    """Why the open question is asked: the clause, then the question again; behind a verdict, what that rests on."""
    rules, asked, case = current_rules(turn), turn.memory.open, turn.memory.case
    judged = turn.knowledge.policies.get(turn.memory.last_policy)
    if asked is None and judged is not None and judged.policy.topic == turn.memory.topic:
        turn.replies.append(basis_of_verdict(turn, judged))
        return
    if rules is None or asked is None or case is None or asked.kind != "fact":
        turn.replies.append(ack(turn, turn.say("help"), of="help"))
        return
    turn.replies.append(question(turn, rules, asked.fact, lead=_why(turn, rules, asked.fact)))


def question(turn: Turn, rules: PolicyRules, slug: str, *, again: bool = False, lead: str = "") -> Message:
    """The question for one fact as a message."""
    fact = turn.knowledge.catalogue.facts[slug]
    case = turn.memory.case
    person = turn.memory.person_at_hand
    wording = rules.policy.questions.get(slug) or fact.question
    if again:
        wording = turn.say("retry", question=fact.easier or wording)
    who = turn.who if person == turn.memory.subject else "您"
    text = wording.replace("{who}", who)
    options = _options(turn, fact)
    remaining = life_events.remaining(turn, case) if case is not None and case.event else \
        engine.remaining_questions(rules, turn.known(person, rules.policy), day=turn.today, city=turn.city,
                                   skip=frozenset(case.skip if case is not None else ()))
    return message(
        "question", f"{lead}\n{text}" if lead else text, knowledge=turn.knowledge, region=rules.policy.region,
        topic=rules.policy.topic, buttons=options, fact=slug, why=_why(turn, rules, slug),
        options=options, policy=rules.policy.policy, remaining_at_most=max(remaining, 1),
        sources=turn.knowledge.source_list(rules.on(turn.today).policy.sources), understood=understood(turn, person),
    )


def _options(turn: Turn, fact: Fact) -> list[dict[str, str]]:
    if fact.type == "bool":
        return [*YES_NO, UNSURE]
    if fact.slug == "person.hukou_city":
        return [button(turn.knowledge.region_name(turn.city)), button("外地"), UNSURE]
    if fact.options:
        return [*(button(option.title) for option in fact.options), UNSURE]
    return [UNSURE]


def _why(turn: Turn, rules: PolicyRules, slug: str) -> str:
    known = engine.known_facts(rules, turn.known(turn.memory.person_at_hand, rules.policy), day=turn.today,
                               city=turn.city)
    item = engine.condition_of(rules.on(turn.today), slug, known)
    if item is None:
        return turn.say("why_general", why=turn.knowledge.catalogue.facts[slug].why)
    clause = f"（{item.condition.clause}）" if item.condition.clause else ""
    return turn.say("why", policy=rules.policy.name, condition=item.condition.text, clause=clause)


def inform(turn: Turn) -> None:
    """Facts without a question: go on with the case, or note them and offer what fits."""
    if turn.memory.case is not None:
        if turn.reading.facts:
            asked = turn.memory.open.fact if turn.memory.open is not None else ""
            told, rules = {found.slug for found in turn.reading.facts}, current_rules(turn)
            # Whoever tells more of what the check needs has not refused the question: it waits.
            needed = bool(turn.memory.case.event) or (rules is not None and bool(told & rules.base_facts))
            if turn.memory.open is not None and asked not in told and not needed:
                turn.memory.open.attempts += 1
                if turn.memory.open.attempts > ATTEMPTS:
                    turn.memory.case.skip.append(asked)
            step(turn)
            if not replaced(turn):
                _say_noted(turn, asked)
        elif turn.memory.open is not None:
            retry(turn)
        return
    if turn.reading.places and turn.memory.shown_sites is not None and not (turn.reading.facts or turn.reading.topics):
        take_place(turn)  # 延吉新村呢, after a list
        return
    follows_up = turn.reading.aspect is not None and bool(turn.memory.topic) and not turn.reading.facts
    if turn.reading.topics or follows_up:
        answer_or_judge(turn)
        return
    last = _talked_of(turn)
    told = {found.slug for found in turn.reading.facts}
    if last is not None and told and (turn.reading.subject is not None or _goes_on(turn) or told & last.base_facts):
        start(turn, last)
        return
    if turn.reading.facts and turn.reading.aspect in WANTING:
        fitting = suggest.best_meant(turn)
        if fitting is not None:
            start(turn, fitting)
            return
    asked_about_them = _only_suggested(turn)
    if turn.reading.facts and turn.memory.topic not in ("", HOTLINE) and last is None and not asked_about_them:
        # A service without a rule of its own is at hand: what is told is told about that.
        turn.replies.append(topic_answer(turn, choose(turn), turn.memory.topic))
        return
    if last is None and turn.memory.shown_sites is None and not asked_about_them and _means_a_service(turn):
        answer_or_judge(turn)
        return
    if turn.reading.facts:
        turn.replies.append(suggest.noted(turn))
        return
    if turn.reading.places and _wants_places(turn):
        find_sites(turn)
        return
    if turn.reading.places:
        place = turn.reading.places[0].name
        turn.replies.append(ack(turn, turn.say("inform_place", place=place), of="inform"))
        return
    topic_answer_or_unknown(turn)


def _only_suggested(turn: Turn) -> bool:
    """Whether the last thing said was what else may fit."""
    return bool(turn.memory.last_said.get("kind") == "suggestions")


def _talked_of(turn: Turn) -> Optional[PolicyRules]:
    """The policy last judged, or the one of the topic at hand."""
    last = turn.knowledge.policies.get(turn.memory.last_policy)
    if last is None and turn.memory.topic:
        return choose_policy(turn, turn.memory.topic)
    return last


def _say_noted(turn: Turn, asked: str) -> None:
    """Where the same question has to come again, say that the fact was heard."""
    reply = turn.replies[-1]
    if reply["custom"]["kind"] == "question" and reply["custom"]["fact"] == asked:
        told = {found.slug for found in turn.reading.facts}
        person = turn.memory.person_at_hand
        owners = dict.fromkeys((person, turn.memory.household_of(person),
                                *(found.person for found in turn.reading.facts if found.person),
                                *(turn.memory.household_of(found.person) for found in turn.reading.facts
                                  if found.person)))
        facts = "；".join(words for owner in owners if owner in turn.memory.facts
                         if (words := suggest.facts_in_words(turn, only=told, owner=owner)))
        if facts:
            reply["text"] = f"{turn.say('noted', facts=facts)}\n{reply['text']}"


def _wants_places(turn: Turn) -> bool:
    """我住鞍山新村，我妈要吃饭: where somebody is, with a need that has places."""
    choice = choose(turn, follow_context=False)
    return choice.topic is not None and bool(turn.knowledge.topics[choice.topic].site_categories)


def _goes_on(turn: Turn) -> bool:
    """那我呢: the same question for somebody else, or with another fact."""
    return turn.reading.text.rstrip("？。!").endswith(("呢", "呐", "哪", "嘞"))


def resume(turn: Turn) -> None:
    """继续: back to the open question, or to the last policy that was talked of."""
    asked = turn.memory.open
    if asked is not None and asked.kind == "fact":
        ask_again(turn)
        return
    if asked is not None and asked.kind == "location":
        ask_location(turn)
        return
    last = turn.knowledge.policies.get(turn.memory.last_policy)
    if last is not None:
        start(turn, last)
        return
    turn.replies.append(ack(turn, turn.say("nothing_to_cancel"), of="resume"))


def _means_a_service(turn: Turn) -> bool:
    """刚毕业，中介的房都两千多，有没有便宜点的: facts in plenty, but a service is clearly meant, or asked about."""
    choice = choose(turn, follow_context=False)
    if not choice.own or choice.topic is None:
        return False
    return (choice.best >= MEANT and choice.chance >= MEANT_CHANCE) \
        or ((turn.reading.facts or not turn.memory.topic) and asks(turn.reading.text))


def topic_answer_or_unknown(turn: Turn) -> None:
    """For sentences that are no clear act: answer what they are about, if anything."""
    choice = choose(turn, follow_context=False)
    if choice.topic is not None:
        card = turn.knowledge.card(choice.topic, turn.region)
        turn.memory.topic = choice.topic
        turn.replies.append(card_answer(turn, card) if card is not None else cannot_answer(turn, choice.topic))
    else:
        turn.replies.append(which_one(turn, choice))


def correct(turn: Turn) -> None:
    """A fact said before was wrong: the new one is already taken in; go on or judge anew."""
    if not turn.reading.facts and _corrects_last_answer(turn):
        step(turn)
        return
    if not turn.reading.facts:
        if turn.reading.places and turn.memory.shown_sites is not None:
            take_place(turn)
            return
        if turn.memory.open is not None and turn.memory.open.kind == "fact":
            (step if _answers_after_all(turn, turn.memory.open.fact) else retry)(turn)
            return
        turn.replies.append(ack(turn, turn.say("correct_what"), of="correct"))
        return
    for found in turn.reading.facts:
        if turn.memory.case is not None and found.slug in turn.memory.case.skip:
            turn.memory.case.skip.remove(found.slug)
    rules = current_rules(turn)
    if rules is None and not turn.memory.last_policy and _only_suggested(turn):
        turn.replies.append(suggest.noted(turn))  # no check was asked for yet
        return
    if rules is None and turn.memory.topic:
        rules = choose_policy(turn, turn.memory.topic)
        if rules is not None:
            start(turn, rules)
            return
    if rules is not None:
        step(turn)
        return
    turn.replies.append(suggest.noted(turn))


_INSTEAD = re.compile(r"^(不对|不是|错了?|说错了?|讲错了?|哦|噢|等下|等等|更正一下|应该|我|是|，|。|吧)+")


def _corrects_last_answer(turn: Turn) -> bool:
    """不对，是五万二: a value for the question answered last takes the place of the answer given."""
    case, slug = turn.memory.case, turn.memory.last_answered
    fact = turn.knowledge.catalogue.facts.get(slug)
    rest = _INSTEAD.sub("", turn.reading.clauses())
    if case is None or fact is None or fact.type == "bool" or not rest or rest == turn.reading.text:
        return False
    return _taken(turn, case, fact, read_answer(fact, rest, today=turn.today))


def _answers_after_all(turn: Turn, slug: str) -> bool:
    """说错了是八十二, where the age was asked and nothing else can be meant."""
    fact, case = turn.knowledge.catalogue.facts.get(slug), turn.memory.case
    rest = _INSTEAD.sub("", turn.reading.clauses())
    if fact is None or case is None or not rest:
        return False
    return _taken(turn, case, fact, read_answer(fact, rest, today=turn.today, person=case.person))


def _taken(turn: Turn, case: Case, fact: Fact, said: Optional[Answer]) -> bool:
    """Take an answer in for the person of the case; False where it gives no value."""
    return said is not None and said.value is not None and take_fact(turn, fact.slug, to_json(said.value), case.person)


def unplaced_answer(turn: Turn) -> None:
    """A yes, no or "don't know" that answers nothing the bot understands."""
    asked = turn.memory.open
    if turn.reading.facts:
        inform(turn)
        return
    if asked is not None and asked.kind == "fact":
        # 打折不, heard as "don't know": a question about the service at hand.
        (answer_service if _OF_IT.search(turn.reading.text) else retry)(turn)
        return
    if asked is not None and asked.kind == "location":
        ask_location(turn, again=True)
        return
    if turn.memory.topic and _QUESTION.search(turn.reading.text):
        answer_or_judge(turn)  # 要留哪些票: heard as a no, and a question about the service at hand
        return
    turn.replies.append(ack(turn, turn.say("nothing_to_cancel"), of="acknowledged"))


_OF_IT = re.compile(r"^(?!.*(晓得|知道|清楚|记得|好说|一定)).{2,6}[不伐]$")
_QUESTION = re.compile(r"哪|什么|啥|怎么|咋|如何|多少|好多|几|谁|[吗么嘛伐][？?]?$")
