"""Writes the stock Rasa project: our training sentences and rules, everything else as Rasa gives it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from benchmarks.errors import CannotMeasure

CONFIG = Path(__file__).with_name("config.yml")
FALLBACK_INTENT = "nlu_fallback"
FALLBACK_ACTION = "action_ask_again"
#: Not ``actions``: that is the name of our own package, and type checkers take the two for one.
ACTIONS_MODULE = "stock_actions"
#: Intents that Rasa itself has rules for; a project's own rules for them are contradictions.
RESERVED = ("restart", "back", "session_start")

Yaml = dict[str, Any]


def write_project(project: Path, target: Path, epochs: int) -> None:
    """Writes config, domain, data and actions below ``target``, from the data of ``project``.

    Raises:
        CannotMeasure: when there are no training data.
    """
    nlu_files = sorted((project / "data" / "nlu").rglob("*.yml"))
    if not nlu_files:
        raise CannotMeasure("no training data in data/nlu: the stock bot is made from them")
    shutil.rmtree(target / "data", ignore_errors=True)
    (target / "data" / "nlu").mkdir(parents=True)
    known = []
    for path in nlu_files:
        whole = _read(path)
        for block in whole["nlu"]:
            if "intent" in block:
                block["intent"] = free_name(block["intent"])
                known.append(block["intent"])
        _write(target / "data" / "nlu" / path.name, whole)
    answers = answers_by_intent(_read(project / "data" / "rules.yml"), known)
    _write(target / "config.yml", config(epochs))
    _write(target / "domain.yml", domain(answers))
    _write(target / "data" / "rules.yml", rules(answers))
    _write(target / "data" / "stories.yml", stories(answers))
    _write(target / "credentials.yml", {"rest": None})
    (target / f"{ACTIONS_MODULE}.py").write_text(actions_source(actions_of(answers)), encoding="utf-8")


def free_name(intent: str) -> str:
    """The intent's name in the stock project: another one where Rasa keeps the name for itself."""
    return f"{intent}_said" if intent in RESERVED else intent


def answers_by_intent(our_rules: Yaml, known: list[str]) -> dict[str, str]:
    """Action of each intent with training sentences (``known``), from our one-step rules.

    Ours turns some of these intents into others before a rule sees them; the stock bot cannot, so an intent without
    a rule gets an action of its own.
    """
    ruled = {}
    for rule in our_rules["rules"]:
        steps = rule["steps"]
        intents = [free_name(step["intent"]) for step in steps if "intent" in step]
        actions = [step["action"] for step in steps if "action" in step]
        if len(intents) == 1 and actions:
            ruled[intents[0]] = actions[0]
    return {intent: ruled.get(intent, f"action_{intent}") for intent in dict.fromkeys(known)}


def actions_of(answers: dict[str, str]) -> list[str]:
    """Every custom action once."""
    return list(dict.fromkeys([*answers.values(), FALLBACK_ACTION]))


def config(epochs: int) -> Yaml:
    """The stock configuration with the epochs of this run."""
    whole = _read(CONFIG)
    for part in [*whole["pipeline"], *whole["policies"]]:
        if "epochs" in part:
            part["epochs"] = epochs
    return whole


def domain(answers: dict[str, str]) -> Yaml:
    """Intents, custom actions and the session settings of ``rasa init``."""
    return {
        "version": "3.1",
        "intents": list(answers),
        "actions": actions_of(answers),
        "responses": {"utter_default": [{"text": "我没有听明白。"}]},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }


def rules(answers: dict[str, str]) -> Yaml:
    """One rule an intent, and one for what was not understood."""
    pairs = {**answers, FALLBACK_INTENT: FALLBACK_ACTION}
    return {"version": "3.1", "rules": [
        {"rule": intent, "steps": [{"intent": intent}, {"action": action}]} for intent, action in pairs.items()
    ]}


def stories(answers: dict[str, str]) -> Yaml:
    """A story an intent, between two neighbours: the two policies with models learn from stories alone."""
    intents = list(answers)
    told = []
    for index, intent in enumerate(intents):
        path = [intents[index - 1], intent, intents[(index + 1) % len(intents)]]
        steps = [step for name in path for step in ({"intent": name}, {"action": answers[name]})]
        told.append({"story": f"around {intent}", "steps": steps})
    return {"version": "3.1", "stories": told}


def actions_source(actions: list[str]) -> str:
    """The module of custom actions: each says one fixed sentence."""
    parts = ['"""Custom actions of the stock bot: each says one fixed sentence."""\n\n'
             "from typing import Any\n\nfrom rasa_sdk import Action\n"]
    for name in actions:
        kind = "".join(word.capitalize() for word in name.split("_"))
        parts.append(
            f"\n\nclass {kind}(Action):\n"
            f"    def name(self) -> str:\n        return {name!r}\n\n"
            f"    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:\n"
            f"        dispatcher.utter_message(text={'这是 ' + name + ' 的固定回答。'!r})\n"
            f"        return []\n"
        )
    return "".join(parts)


def _read(path: Path) -> Yaml:
    whole: Yaml = yaml.safe_load(path.read_text(encoding="utf-8"))
    return whole


def _write(path: Path, content: Yaml) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
