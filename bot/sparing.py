"""What the bot does without, so that its start and its memory do not pay for it."""

from __future__ import annotations

import abc
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import FunctionType, ModuleType
from typing import Any, Optional

from bot.settings import PROJECT

#: Libraries that Rasa imports for components and commands of which we use none, with all that they load in turn.
_SPARED = frozenset({
    "tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras", "matplotlib",
})
#: Rasa's own components that need none of them.
_LIGHT = frozenset({"RulePolicy", "MemoizationPolicy", "RegexFeaturizer", "WhitespaceTokenizer"})


def spare_pandas() -> None:
    """Let no library load pandas in this process.

    Only ``bot import`` needs it; TensorFlow's Keras, which comes with Rasa, would load it at every start (23 MB) only
    to know its tables when it sees them. Libraries take this for "not installed".
    """
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]


def spare_tensorflow() -> bool:
    """Let Rasa import names in the place of TensorFlow, which takes half of the start and 300 MB; True if so.

    Rasa's modules derive classes from TensorFlow's while they are imported, so it cannot merely be missing. Whoever
    uses one of these classes gets a clear error. Where the pipeline names a component that may need TensorFlow, or
    where it is loaded already, everything stays as it is.
    """
    if _SPARED & sys.modules.keys() or not pipeline_is_light():
        return any(isinstance(finder, _Spared) for finder in sys.meta_path)
    sys.meta_path.insert(0, _Spared())
    return True


def pipeline_is_light() -> bool:
    """Whether the configuration names only components that are known to do without TensorFlow."""
    import yaml

    config = yaml.safe_load((PROJECT / "bot" / "config.yml").read_text(encoding="utf-8"))
    parts = [str(item.get("name")) for key in ("pipeline", "policies") for item in config.get(key) or ()]
    return all(part.startswith("bot.") or part in _LIGHT for part in parts)


class Spared(RuntimeError):
    """Something of a library that is not loaded was used."""


class _Name(abc.ABCMeta):
    """The class of everything that a spared library seems to hold: classes that cannot be made or called."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _named(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], FunctionType) and not kwargs:
            return args[0]  # a decorator; what it decorates will meet another name soon enough
        raise Spared(f"{cls.__qualname__} is not loaded in this process (bot.sparing)")

    def __getitem__(cls, _key: Any) -> Any:
        return cls


def _named(name: str) -> _Name:
    return _Name(name.rsplit(".", 1)[-1], (), {"__qualname__": name})


class _Module(ModuleType):
    """A module of a spared library."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = _named(f"{self.__name__}.{name}")
        setattr(self, name, found)
        return found


class _Spared(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every module of the spared libraries."""

    def find_spec(self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
                  ) -> Optional[importlib.machinery.ModuleSpec]:
        if fullname.partition(".")[0] not in _SPARED:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""
