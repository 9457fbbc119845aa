"""Finds every use of a text of ``knowledge/content/texts`` in the source: its key, what is filled in.

The actions use them, and the WeChat channel, whose sentences are staff's too.

A key that is no literal is followed: into the variable or parameter it comes from, and there to every call.

``python -m tests.actions.texts_used`` writes what it finds to ``knowledge/texts_needed.py``, by which content is
checked, and gives ``tests/knowledge/small_content`` a wording of each.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Union, get_args

from actions.answers import UNANSWERED
from bot.settings import PROJECT
from knowledge.eligibility.engine import Status
from knowledge.schema import Trust
from knowledge.sites import SameArea

SMALL = PROJECT / "tests" / "knowledge" / "small_content" / "texts" / "all.yml"
#: What the variable part of a composed key may be, by the variable's last name. Official sources need no word.
COMPOSED = {"aspect": UNANSWERED, "trust": tuple(trust for trust in get_args(Trust) if trust != "official"),
            "same_area": get_args(SameArea), "status": get_args(Status)}
Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


@dataclass(frozen=True)
class Use:
    """``exact``: the key stands in the call itself, so that it should take all that is filled in."""

    key: str
    values: frozenset[str]
    where: str
    exact: bool


class Source:
    """The modules of one package, with their functions and calls; ``ways``: how they get a sentence."""

    def __init__(self, folder: Path, ways: tuple[str, ...] = ("say", "text")) -> None:
        self._ways = ways
        self.modules = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.py"))}
        self._parents: dict[ast.AST, ast.AST] = {}
        self._calls: dict[str, list[ast.Call]] = {}
        self._module_of: dict[ast.AST, str] = {}
        for name, tree in self.modules.items():
            for node in ast.walk(tree):
                self._module_of[node] = name
                for child in ast.iter_child_nodes(node):
                    self._parents[child] = node
                if isinstance(node, ast.Call):
                    self._calls.setdefault(_last_name(node.func), []).append(node)

    def uses(self) -> Iterator[Use]:
        """Every ``….say(key, …)`` of a turn and ``….text(key, …)`` of a snapshot."""
        for call in [call for way in self._ways for call in self._calls.get(way, ())]:
            if not isinstance(call.func, ast.Attribute) or not call.args:
                continue
            function = self._function_of(call)
            if function is not None and function.name == "say":
                continue  # the turn's own way to the snapshot
            assert all(keyword.arg for keyword in call.keywords), f"{self._where(call)}: ** hides what is filled in"
            values = frozenset(str(keyword.arg) for keyword in call.keywords)
            literal = isinstance(call.args[0], (ast.Constant, ast.IfExp))
            for key in self._strings(call.args[0], set()):
                yield Use(key, values, self._where(call), literal)

    def _strings(self, node: ast.expr, seen: set[ast.AST]) -> set[str]:
        """The strings that an expression may be; fails where it cannot be told."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return {node.value}
        if isinstance(node, ast.IfExp):
            return self._strings(node.body, seen) | self._strings(node.orelse, seen)
        if isinstance(node, ast.JoinedStr):
            head, tail = node.values
            assert isinstance(head, ast.Constant) and isinstance(tail, ast.FormattedValue)
            return {f"{head.value!s}{value}" for value in COMPOSED[_last_name(tail.value)]}
        if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
            return {f"{node.left.value!s}{value}" for value in COMPOSED[_last_name(node.right)]}
        if isinstance(node, ast.Name):
            return self._of_variable(node, seen)
        raise AssertionError(f"{self._where(node)}: a key that cannot be followed")

    def _of_variable(self, node: ast.Name, seen: set[ast.AST]) -> set[str]:
        function = self._function_of(node)
        while function is not None:
            if function in seen:
                return set()
            assigned = [item.value for item in ast.walk(function) if isinstance(item, ast.Assign)
                        and any(isinstance(target, ast.Name) and target.id == node.id for target in item.targets)]
            found = [self._strings(value, seen) for value in assigned]
            if node.id in [item.arg for item in _parameters(function)]:
                found.append(self._of_parameter(function, node.id, seen | {function}))
            if found:
                return set().union(*found)
            function = self._function_of(function)
        raise AssertionError(f"{self._where(node)}: where does {node.id} come from?")

    def _of_parameter(self, function: Function, name: str, seen: set[ast.AST]) -> set[str]:
        """What is given for a parameter in all calls of a function, and its default."""
        arguments = function.args
        positional = [item.arg for item in arguments.args]
        defaults = dict(zip(reversed(positional), reversed(arguments.defaults), strict=False))
        by_keyword = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        defaults |= {item.arg: value for item, value in by_keyword if value is not None}
        found = self._strings(defaults[name], seen) if name in defaults else set()
        for call in self._calls.get(function.name, ()):
            if not self._calls_it(call, function):
                continue
            given: Optional[ast.expr] = next((item.value for item in call.keywords if item.arg == name), None)
            if given is None and name in positional and positional.index(name) < len(call.args):
                given = call.args[positional.index(name)]
            if given is not None:
                found |= self._strings(given, seen)
        return found

    def _calls_it(self, call: ast.Call, function: Function) -> bool:
        """Whether a call of that name means this function: by its module, or by its name within or imported."""
        module = self._module_of[function]
        if isinstance(call.func, ast.Attribute):
            return _last_name(call.func.value) == module
        own = self._module_of[call]
        return own == module or any(
            isinstance(item, ast.ImportFrom) and (item.module or "").endswith(f".{module}")
            and function.name in [alias.name for alias in item.names] for item in ast.walk(self.modules[own]))

    def _function_of(self, node: ast.AST) -> Optional[Function]:
        parent = self._parents.get(node)
        while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            parent = self._parents.get(parent)
        return parent

    def _where(self, node: ast.AST) -> str:
        return f"{self._module_of[node]}.py:{getattr(node, 'lineno', 0)}"


def all_uses() -> list[Use]:
    """Every use, in the actions and in the WeChat channel (where ``text`` is how a message is sent)."""
    return [*Source(PROJECT / "actions").uses(), *Source(PROJECT / "bot" / "channels" / "wechat", ("say",)).uses()]


def needed(uses: Iterable[Use]) -> dict[str, frozenset[str]]:
    """Each key with what is filled in wherever it is said."""
    found: dict[str, frozenset[str]] = {}
    for use in uses:
        found[use.key] = found.get(use.key, use.values) & use.values
    return dict(sorted(found.items()))


def module_text(texts: Mapping[str, frozenset[str]]) -> str:
    """``knowledge/texts_needed.py``."""
    rows = "".join(f'    "{key}": frozenset({{{", ".join(chr(34) + name + chr(34) for name in sorted(values))}}}),\n'
                   if values else f'    "{key}": frozenset(),\n' for key, values in texts.items())
    return f'''"""What the bot says and what it fills in; written by ``python -m tests.actions.texts_used``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, frozenset[str]]] = {{
{rows}}}
'''


def small_text(texts: Mapping[str, frozenset[str]]) -> str:
    """A wording of each, for the small content of the tests."""
    rows = "".join(f'  {key}: "{key}。{"".join(f"{{{name}}}" for name in sorted(values))}"\n'
                   for key, values in texts.items())
    return f"# Written by python -m tests.actions.texts_used.\ntexts:\n{rows}"


def main() -> None:
    """Write both files."""
    texts = needed(all_uses())
    (PROJECT / "knowledge" / "texts_needed.py").write_text(module_text(texts), encoding="utf-8")
    SMALL.write_text(small_text(texts), encoding="utf-8")


def _parameters(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


if __name__ == "__main__":
    main()
