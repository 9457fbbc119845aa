"""The stock Rasa project that is made from our training data."""

import ast
from pathlib import Path

import pytest
import yaml

from benchmarks.errors import CannotMeasure
from benchmarks.stock.project import FALLBACK_ACTION, actions_source, answers_by_intent, config, write_project

PROJECT = Path(__file__).parents[2]


def load(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("stock")
    write_project(PROJECT, target, epochs=7)
    return target


def examples(folder: Path) -> set[str]:
    return {line[2:].strip() for path in folder.rglob("*.yml") for block in load(path)["nlu"]
            for line in block.get("examples", "").splitlines() if line.startswith("- ")}


def test_it_has_all_our_training_sentences(written: Path) -> None:
    assert examples(written / "data" / "nlu") == examples(PROJECT / "data" / "nlu")


def test_the_epochs_of_the_run_replace_those_of_every_trained_part() -> None:
    whole = config(7)
    trained = {part["name"]: part["epochs"] for part in [*whole["pipeline"], *whole["policies"]] if "epochs" in part}
    assert trained == dict.fromkeys(["DIETClassifier", "ResponseSelector", "UnexpecTEDIntentPolicy", "TEDPolicy"], 7)


def test_every_rule_has_an_action_of_the_domain_and_of_the_action_server(written: Path) -> None:
    domain = load(written / "domain.yml")
    ruled = {step["action"] for rule in load(written / "data" / "rules.yml")["rules"]
             for step in rule["steps"] if "action" in step}
    source = ast.parse((written / "stock_actions.py").read_text(encoding="utf-8"))
    named = {node.value.value for node in ast.walk(source)
             if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant)}
    assert ruled == set(domain["actions"]) == named


def test_every_intent_of_the_domain_has_training_sentences(written: Path) -> None:
    heard = {block["intent"] for path in (written / "data" / "nlu").glob("*.yml") for block in load(path)["nlu"]}
    assert set(load(written / "domain.yml")["intents"]) == heard


def test_intents_that_nobody_trained_are_left_out() -> None:
    rules = {"rules": [{"rule": name, "steps": [{"intent": name}, {"action": f"action_{name}"}]}
                       for name in ("greet", "unclear")]}
    assert answers_by_intent(rules, ["greet"]) == {"greet": "action_greet"}


def test_a_trained_intent_without_a_rule_gets_an_action_of_its_own() -> None:
    assert answers_by_intent({"rules": []}, ["emergency_fire"]) == {"emergency_fire": "action_emergency_fire"}


def test_an_intent_that_rasa_keeps_for_itself_gets_another_name() -> None:
    rules = {"rules": [{"rule": "r", "steps": [{"intent": "restart"}, {"action": "action_fresh"}]}]}
    assert answers_by_intent(rules, ["restart_said"]) == {"restart_said": "action_fresh"}


def test_each_action_says_its_fixed_sentence() -> None:
    said = []

    class Dispatcher:
        def utter_message(self, text: str) -> None:
            said.append(text)

    names: dict = {}
    exec(actions_source(["action_greet", FALLBACK_ACTION]), names)
    action = names["ActionGreet"]()
    assert action.name() == "action_greet"
    assert action.run(Dispatcher(), None, None) == []
    assert "action_greet" in said[0]


def test_without_training_data_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="no training data"):
        write_project(tmp_path, tmp_path / "out", epochs=1)
