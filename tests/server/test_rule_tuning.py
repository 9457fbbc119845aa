"""RulePolicy made cheaper predicts what Rasa's own predicts, and a debug line still tells everything."""

from __future__ import annotations

import copy
import itertools
import json
import logging
from typing import Any

import pytest
import rasa.core.processor
from hypothesis import given
from hypothesis import strategies as st
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.constants import SHOULD_NOT_BE_SET
from rasa.shared.core.domain import Domain, State

from bot.rule_tuning import _Copies, _get_possible_keys, _indexed, _Quiet, _speak_of_words, tune_rules

ACTIONS = ["action_listen", "action_answer", "action_greet"]
INTENTS = ["ask", "greet", "bye"]


class Policy:
    """What the look-up of rules needs of a policy; the rules themselves are Rasa's."""

    _rule_key_to_state = staticmethod(RulePolicy._rule_key_to_state)
    _does_rule_match_state = staticmethod(RulePolicy._does_rule_match_state)
    _is_rule_applicable = RulePolicy._is_rule_applicable


def rasas_own(policy: Any, lookup: dict[str, str], states: list[State]) -> set[str]:
    """Every rule against every state."""
    possible = set(lookup)
    for number, state in enumerate(reversed(states)):
        possible = {key for key in possible if policy._is_rule_applicable(key, number, state)}
    return possible


def state(action: str | None, intent: str | None, slot: Any = None) -> State:
    whole: State = {}
    if action:
        whole["prev_action"] = {"action_name": action}
    if intent:
        whole["user"] = {"intent": intent}
    if slot:
        whole["slots"] = {"region": slot}
    return whole


STATES = st.builds(state, st.sampled_from([*ACTIONS, None]), st.sampled_from([*INTENTS, None]),
                   st.sampled_from([None, (1.0,), SHOULD_NOT_BE_SET]))
RULES = st.dictionaries(st.lists(STATES, min_size=1, max_size=4).map(json.dumps), st.sampled_from(ACTIONS), max_size=8)


@given(RULES, st.lists(STATES, max_size=7))
def test_the_same_rules_fit(lookup: dict[str, str], states: list[State]) -> None:
    assert _get_possible_keys(Policy(), lookup, states) == rasas_own(Policy(), lookup, states)


def test_an_intent_that_must_not_be_there_is_held_against_every_state() -> None:
    rule = [{"prev_action": {"action_name": "action_listen"}, "user": {"intent": SHOULD_NOT_BE_SET}}]
    lookup = {json.dumps(rule): "x"}
    assert _indexed(tuple(lookup)) == (1, {None: list(lookup)})
    for intent in (*INTENTS, None):
        states = [state("action_listen", intent)]
        assert _get_possible_keys(Policy(), lookup, states) == rasas_own(Policy(), lookup, states)


@pytest.mark.parametrize(("rule", "speaks"), [
    ([{"user": {"text": "你好"}}], True), ([{"user": {"intent": "greet"}}, {"user": {"text": "再见"}}], True),
    ([{"user": {"intent": "greet"}}], False), ([{"prev_action": {"action_name": "action_listen"}}], False)])
def test_rules_about_the_very_words_are_known(rule: list[State], speaks: bool) -> None:
    assert _speak_of_words((json.dumps([{"user": {"intent": "ask"}}]), json.dumps(rule))) is speaks


def test_an_empty_domain_is_known_as_rasa_knows_it() -> None:
    tune_rules()
    full = Domain.from_dict({"intents": ["greet"], "actions": ["action_answer"]})
    for _ in range(2):
        assert Domain.empty().is_empty() and not full.is_empty()


def test_debug_lines_are_whole_when_they_are_wanted(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Any] = []

    class Lines:
        def debug(self, *args: Any, **kwargs: Any) -> None:
            told.append((args, kwargs))

        info = debug

    logger, copies = _Quiet(Lines(), "bot.test.quiet"), _Copies("bot.test.quiet")
    events = [{"a": [1]}]
    with caplog.at_level(logging.INFO, "bot.test.quiet"):
        logger.debug("one", events=events)
        assert not told and copies.deepcopy(events) is events
        logger.info("two")
    with caplog.at_level(logging.DEBUG, "bot.test.quiet"):
        logger.debug("three", events=events)
        assert copies.deepcopy(events) == events and copies.deepcopy(events)[0] is not events[0]
    assert [args for args, _ in told] == [("two",), ("three",)]
    assert copies.copy is copy.copy


def test_it_is_applied_once() -> None:
    for _ in range(2):
        tune_rules()
    logger = rasa.core.processor.structlogger
    assert isinstance(logger, _Quiet) and not isinstance(logger._logger, _Quiet)
    assert RulePolicy._get_possible_keys is _get_possible_keys


def test_every_rule_of_ours_still_leads_where_it_says() -> None:
    """All pairs of an intent and what was done before, as the rules file has them."""
    lookup = {json.dumps([state("action_listen", intent)]): f"action_{intent}" for intent in INTENTS}
    lookup |= {json.dumps([state("action_listen", intent), state(f"action_{intent}", intent)]): "action_listen"
               for intent in INTENTS}
    for before, intent in itertools.product(INTENTS, INTENTS):
        states = [{}, state("action_listen", before), state(f"action_{before}", before), state("action_listen", intent)]
        assert [lookup[key] for key in _get_possible_keys(Policy(), lookup, states)] == [f"action_{intent}"]
