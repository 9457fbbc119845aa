"""What ``bot.tuning`` makes cheaper gives the very results that Rasa's own code gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
import rasa.core.processor
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphComponentException
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.utils.common import all_subclasses

from bot.tuning import InOrderRunner, tune


class Step(GraphComponent):
    """Adds its own number to what it is given; ``calls`` notes who ran."""

    calls: ClassVar[list[str]] = []

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> Step:
        return cls(config)

    def one(self, first: int = 100) -> int:
        Step.calls.append(self._config["name"])
        return first + int(self._config["number"])

    def two(self, first: int, second: int) -> int:
        Step.calls.append(self._config["name"])
        return 10 * first + second

    def fails(self, first: int) -> int:
        raise ValueError("step")


def node(name: str, number: int, fn: str, *, target: bool = False, **needs: str) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Step, constructor_name="create", fn=fn, is_target=target,
                      config={"name": name, "number": number})


#: A diamond, a node that nobody needs, one with nothing before it, and one that fails.
SCHEMA = GraphSchema({
    "d": node("d", 0, "two", target=True, first="b", second="c"),
    "b": node("b", 2, "one", first="a"),
    "c": node("c", 3, "one", first="a"),
    "a": node("a", 1, "one", first="input"),
    "alone": node("alone", 5, "one", target=True),
    "unused": node("unused", 9, "one", first="d"),
    "broken": node("broken", 0, "fails", first="a"),
})


@pytest.fixture
def runners(tmp_path: Path) -> Iterator[tuple[DaskGraphRunner, InOrderRunner]]:
    storage = LocalModelStorage.create(tmp_path)
    context = ExecutionContext(graph_schema=SCHEMA, model_id="m")
    yield DaskGraphRunner.create(SCHEMA, storage, context), InOrderRunner.create(SCHEMA, storage, context)


@pytest.mark.parametrize("targets", [None, ["d"], ["b"], ["c", "d"], ["alone"], ["unused", "alone"], ["a", "a"]])
def test_the_outputs_are_dasks(runners: tuple[DaskGraphRunner, InOrderRunner], targets: Any) -> None:
    dask, ours = runners
    for value in (0, 7):
        assert ours.run(inputs={"input": value}, targets=targets) == dask.run(inputs={"input": value}, targets=targets)


def test_each_node_runs_once_after_what_it_needs(runners: tuple[DaskGraphRunner, InOrderRunner]) -> None:
    Step.calls.clear()
    runners[1].run(inputs={"input": 1})
    assert sorted(Step.calls) == ["a", "alone", "b", "c", "d"]
    assert Step.calls.index("a") < min(Step.calls.index("b"), Step.calls.index("c"))
    assert max(Step.calls.index("b"), Step.calls.index("c")) < Step.calls.index("d")


def test_a_failing_node_fails_the_run_as_dask_does(runners: tuple[DaskGraphRunner, InOrderRunner]) -> None:
    for runner in runners:
        with pytest.raises(GraphComponentException):
            runner.run(inputs={"input": 1}, targets=["broken"])


def test_the_real_graph_reads_a_sentence_as_dask_does(bot: Any) -> None:
    from rasa.core.channels.channel import UserMessage

    processor = bot._chat._agent.processor
    ours = processor.graph_runner
    assert isinstance(ours, InOrderRunner)
    dask = DaskGraphRunner.__new__(DaskGraphRunner)
    dask._graph_schema, dask._instantiated_nodes, dask._execution_context = ours._schema, ours._nodes, None
    target = processor.model_metadata.nlu_target
    for text in ("我妈七十五了附近哪里能吃上便宜饭", "人才公寓打几折", "？"):
        results = [runner.run(inputs={"__message__": [UserMessage(text)], "__tracker__": None}, targets=[target])
                   for runner in (ours, dask)]
        first, second = ([message.as_dict_nlu() for message in result[target]] for result in results)
        assert [(item["intent"], item["reading"]) for item in first] \
            == [(item["intent"], item["reading"]) for item in second]


# --- the validator of action results ----------------------------------------------------------------

GOOD: dict[str, Any] = {"events": [{"event": "slot", "name": "memory", "value": {"a": 1}}],
                        "responses": [{"text": "好", "custom": {"kind": "ack"}}]}


def test_a_sound_action_result_is_taken() -> None:
    tune()
    action = RemoteAction("action_inform", None)
    assert action._validate_action_result(GOOD)
    assert action._validate_action_result({"events": [], "responses": []})


@pytest.mark.parametrize("bad", [
    {"events": "none", "responses": []}, {"events": [{"name": "memory"}]}, {"responses": "text"}, {"events": [3]}, [],
    "text", {"events": [{"event": 7}]},
])
def test_a_bad_action_result_is_still_refused(bad: Any) -> None:
    tune()
    with pytest.raises(jsonschema.ValidationError):
        RemoteAction("action_inform", None)._validate_action_result(bad)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, RemoteAction.action_response_format_spec())


# --- the rest ---------------------------------------------------------------------------------------


def test_event_types_are_found_as_before() -> None:
    tune()
    kinds = all_subclasses(Event)
    for name in {kind.type_name for kind in kinds}:
        # As Rasa's own search: the first class of that name.
        assert Event.resolve_by_type(name) is next(kind for kind in kinds if kind.type_name == name)
    assert Event.resolve_by_type("user") is UserUttered
    with pytest.raises(ValueError, match="nonsense"):
        Event.resolve_by_type("nonsense")


def test_rasa_takes_our_runner() -> None:
    tune()
    assert rasa.core.processor.DaskGraphRunner is InOrderRunner
