"""Intents, rules and actions fit together: nothing without an answer, nothing that nobody calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from actions import rasa_actions
from actions.rasa_actions import SkillAction
from bot.settings import PROJECT

#: Read by the bot from what else the sentence says; the classifier has no examples of them.
GIVEN_BY_CONTEXT = {"emergency", "answer_fact", "answer_place", "unclear"}
#: Kinds of danger the classifier knows; the context reader makes "emergency" or something harmless of them.
DANGERS = {"emergency_medical", "emergency_fire", "emergency_crime", "emergency_suicide"}


def _load(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


DOMAIN = _load(PROJECT / "bot" / "domain.yml")
RULES: list[dict[str, Any]] = _load(PROJECT / "data" / "rules.yml")["rules"]


def _examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted((PROJECT / "data" / "nlu").glob("**/*.yml")):
        for block in _load(path)["nlu"]:
            lines = block["examples"].splitlines()
            found.setdefault(block["intent"], []).extend(line[2:].strip() for line in lines if line.strip())
    return found


EXAMPLES = _examples()
STEPS = [(next(step["intent"] for step in rule["steps"] if "intent" in step),
          [step["action"] for step in rule["steps"] if "action" in step]) for rule in RULES]
OURS = {kind.skill_name: kind for kind in SkillAction.__subclasses__() if kind.__module__ == rasa_actions.__name__}


def test_training_and_domain_know_the_same_intents() -> None:
    assert set(EXAMPLES) == set(DOMAIN["intents"]) - GIVEN_BY_CONTEXT
    assert set(DOMAIN["intents"]) >= GIVEN_BY_CONTEXT | DANGERS
    assert len(DOMAIN["intents"]) == len(set(DOMAIN["intents"]))


def test_every_intent_has_one_rule_with_one_action() -> None:
    intents = [intent for intent, _ in STEPS]
    assert len(intents) == len(set(intents))
    assert set(intents) | DANGERS >= set(DOMAIN["intents"])
    assert set(intents) <= set(DOMAIN["intents"])
    assert all(len(actions) == 1 for _, actions in STEPS)


def test_rules_are_named_after_their_intent() -> None:
    assert [rule["rule"] for rule in RULES] == [intent for intent, _ in STEPS]


@pytest.mark.parametrize(("intent", "actions"), STEPS, ids=[intent for intent, _ in STEPS])
def test_the_action_of_a_rule_is_a_skill_and_in_the_domain(intent: str, actions: list[str]) -> None:
    assert set(actions) <= set(OURS)
    assert set(actions) <= set(DOMAIN["actions"])


def test_every_action_of_the_domain_is_registered_and_used() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    assert set(DOMAIN["actions"]) == set(executor.actions)
    assert set(DOMAIN["actions"]) == set(OURS)
    assert len(DOMAIN["actions"]) == len(set(DOMAIN["actions"]))
    config = _load(PROJECT / "bot" / "config.yml")
    fallback = {policy.get("core_fallback_action_name") for policy in config["policies"]} - {None}
    assert set(DOMAIN["actions"]) == {action for _, actions in STEPS for action in actions} | fallback


def test_skills_have_words_to_learn_from() -> None:
    for intent, examples in EXAMPLES.items():
        assert len(examples) >= 20, intent
        assert all(examples), intent


def test_no_example_stands_under_two_intents() -> None:
    from knowledge.text import bare

    seen: dict[str, str] = {}
    for intent, examples in EXAMPLES.items():
        for text in examples:
            other = seen.setdefault(bare(text), intent)
            assert other == intent, f"{text}: {other} and {intent}"
