"""Makes Rasa's own work of a turn cheaper without changing any answer. Each piece says what it replaces and why."""

from __future__ import annotations

import functools
import logging
from typing import Any, Optional

import jsonschema
import rasa.core.processor
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

from bot.contract.quick import Check, compiled
from bot.rule_tuning import tune_rules

logger = logging.getLogger(__name__)


def tune() -> None:
    """Apply everything once, before an agent is loaded."""
    _compile_action_validator()
    _remember_event_types()
    tune_rules()
    rasa.core.processor.DaskGraphRunner = InOrderRunner


def _compile_action_validator() -> None:
    """Rasa compiles the schema of action results at every call (59 % of a turn, measured); once is enough."""

    @functools.lru_cache(maxsize=1)
    def compiled_once() -> tuple[Check, jsonschema.Draft7Validator]:
        spec = RemoteAction.action_response_format_spec()
        return compiled(spec, spec), jsonschema.Draft7Validator(spec)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        quick, thorough = compiled_once()
        if not quick(result):
            thorough.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def _remember_event_types() -> None:
    """Rasa walks all event classes for each event it reads back; a table does."""
    original = Event.resolve_by_type
    # Several classes share a name (a user's message has two); as in Rasa the first one counts.
    known = {kind.type_name: kind for kind in reversed(all_subclasses(Event))}

    def resolve(type_name: str, default: Optional[type[Event]] = None) -> Optional[type[Event]]:
        return known.get(type_name) or original(type_name, default)

    Event.resolve_by_type = staticmethod(resolve)


class InOrderRunner(GraphRunner):
    """Runs the graph's nodes one after another, in an order found once for each target.

    Rasa builds and schedules a dask graph at every run, though a turn's graph is a chain.
    """

    def __init__(self, runner: DaskGraphRunner, schema: GraphSchema) -> None:
        self._nodes = runner._instantiated_nodes
        self._schema = schema
        self._orders: dict[tuple[str, ...], list[str]] = {}

    @classmethod
    def create(cls, graph_schema: GraphSchema, model_storage: ModelStorage, execution_context: ExecutionContext,
               hooks: Optional[list[GraphNodeHook]] = None) -> InOrderRunner:
        """As the parent class says; nodes are made just as Rasa makes them."""
        return cls(DaskGraphRunner(graph_schema, model_storage, execution_context, hooks), graph_schema)

    def run(self, inputs: Optional[dict[str, Any]] = None, targets: Optional[list[str]] = None) -> dict[str, Any]:
        """The outputs of ``targets`` (default: the schema's own)."""
        wanted = tuple(targets or self._schema.target_names)
        order = self._orders.get(wanted)
        if order is None:
            order = self._orders[wanted] = self._order(wanted)
        done: dict[str, tuple[str, Any]] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in order:
            needs = self._schema.nodes[name].needs.values()
            done[name] = self._nodes[name](*(done[need] for need in needs))
        return {name: done[name][1] for name in wanted}

    def _order(self, wanted: tuple[str, ...]) -> list[str]:
        nodes = self._schema.minimal_graph_schema(list(wanted)).nodes
        order: list[str] = []

        def visit(name: str) -> None:
            if name in order or name not in nodes:
                return
            for need in nodes[name].needs.values():
                visit(need)
            order.append(name)

        for name in wanted:
            visit(name)
        return order
