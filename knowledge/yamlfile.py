"""Reading one YAML file safely, remembering where everything stands.

Plain YAML 1.2 scalars: only ``true``/``false`` are truth values (``on`` and ``no`` stay words), days stay
strings. Anchors and aliases are refused, so that no file can blow up in memory.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any, Optional, Union

import yaml

from knowledge.errors import Problem, problem, yaml_reason
from knowledge.yaml_reasons import reason_of

Path_ = tuple[Union[str, int], ...]
LARGEST = 2_000_000
#: Deeper nesting is refused before libyaml's recursive composer sees it: it would overflow the C stack.
DEEPEST = 40
#: Longer digit strings stay text: Python refuses to read them as numbers, and no fact is that large.
_INT = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+\Z")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlFile:
    """A file that could be read, and the position (line, column from 1) of each key path.

    Of a sound file nobody asks for positions, and there may be tens of thousands: what is kept is the packed text,
    which is parsed again for the first question.
    """

    __slots__ = ("_data", "_packed", "_positions", "path")

    def __init__(self, path: Path, text: str, data: Any = None) -> None:
        self.path = path
        self._data = data
        self._packed = zlib.compress(text.encode(), 1)
        self._positions: Optional[dict[Path_, tuple[int, int]]] = None

    @property
    def data(self) -> Any:
        """The data of the file; read anew where it was let go of."""
        return self._data if self._data is not None else _value(self._root(), (), {}, self.path)

    def let_go(self) -> None:
        """The data became a record and is not needed any more."""
        self._data = None

    def position(self, path: Path_) -> tuple[int, int]:
        """Where ``path`` stands, or the nearest part above it."""
        positions = self._positions
        if positions is None:
            positions = {}
            _value(self._root(), (), positions, self.path)
            self._positions = positions
        while path and path not in positions:
            path = path[:-1]
        return positions.get(path, (1, 1))

    def _root(self) -> yaml.Node:
        root = yaml.compose(zlib.decompress(self._packed).decode(), Loader=_Loader)
        assert root is not None  # it was read before
        return root


class _Refused(Exception):
    def __init__(self, found: Problem) -> None:
        super().__init__(str(found))
        self.found = found


def read_yaml(path: Path, raw: bytes) -> Union[YamlFile, Problem]:
    """Parse ``raw`` (the file's bytes); a Problem says why it cannot be read."""
    if len(raw) > LARGEST:
        return problem("E002", path, size=len(raw))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return problem("E004", path)
    try:
        refused = _refused_event(text, path)
        if refused is not None:
            return refused
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        reason = reason_of(text, error)
        return problem("E001", path, (reason.line, reason.column), detail=reason.detail, write=reason.write)
    except yaml.reader.ReaderError as error:
        return _unreadable(path, _place_of(text, error.position), "control characters")
    except yaml.YAMLError as error:
        return _unreadable(path, (1, 1), str(error))
    if root is None:
        return problem("E006", path, (1, 1))
    try:
        data = _value(root, (), {}, path)
    except _Refused as found:
        return found.found
    return YamlFile(path, text, data)


def _refused_event(text: str, path: Path) -> Optional[Problem]:
    """Walks the events of ``text``, which needs no recursion, up to the first that may not be composed."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        where = _mark(event)
        if getattr(event, "anchor", None) is not None:
            return problem("E003", path, where)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                return _unreadable(path, where, "too deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _unreadable(path: Path, where: tuple[int, int], said: str) -> Problem:
    detail, write = yaml_reason(said)
    return problem("E001", path, where, detail=detail, write=write)


def _place_of(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _value(node: yaml.Node, at: Path_, positions: dict[Path_, tuple[int, int]], path: Path) -> Any:
    positions[at] = _mark(node)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in result:
                raise _Refused(problem("E005", path, _mark(key_node), key=key))
            below = (*at, key)
            result[key] = _value(value_node, below, positions, path)
            positions[below] = _mark(key_node)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*at, index), positions, path) for index, child in enumerate(node.value)]
    return _scalar(node)


def _mark(item: Union[yaml.Node, yaml.Event]) -> tuple[int, int]:
    mark = item.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _scalar(node: yaml.Node) -> Any:
    text: str = node.value
    if getattr(node, "style", None) in ("'", '"', "|", ">"):
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "null", "~"):
        return None
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
