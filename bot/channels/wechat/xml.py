"""WeChat's XML: a parser that refuses everything a push never has, and a writer that no text can break out of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Union
from xml.parsers import expat

MAX_BYTES = 64 * 1024
MAX_DEPTH = 6
MAX_ELEMENTS = 200
Field = Union[str, int, Mapping[str, "Field"]]
#: What XML 1.0 cannot hold; a lone CR would come back as a newline.
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XmlError(ValueError):
    """Not the XML of a push. Says nothing of what stood in it."""


def parse(raw: bytes) -> dict[str, str]:
    """The fields of ``<xml>…</xml>``: text by name, of nested elements as ``Outer.Inner``; of a name twice the first.

    Raises:
        XmlError: not well-formed UTF-8 XML, another root, a DTD or entity, too large, too deep, too many elements.
    """
    if len(raw) > MAX_BYTES:
        raise XmlError("too large")
    reader = _Reader()
    # The encoding is given, so that a declaration of another one is not followed.
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    for handler in ("StartDoctypeDeclHandler", "EntityDeclHandler", "UnparsedEntityDeclHandler",
                    "NotationDeclHandler", "ExternalEntityRefHandler", "ProcessingInstructionHandler"):
        setattr(parser, handler, _refuse)
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, UnicodeError, ValueError):
        # XmlError is a ValueError: whatever it was, no part of the document is repeated.
        raise XmlError("not a push") from None
    return reader.fields


def write(fields: Mapping[str, Field]) -> bytes:
    """``<xml>`` with the fields in their order; strings as CDATA, numbers as they are, mappings as nested elements."""
    return f"<xml>{_body(fields)}</xml>".encode()


def clean(text: str) -> str:
    """``text`` as XML can hold it: line ends as newlines, control characters and half surrogates left out."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _body(fields: Mapping[str, Field]) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields.items())


def _value(value: Field) -> str:
    if isinstance(value, Mapping):
        return _body(value)
    if isinstance(value, int):
        return str(value)
    # "]]>" would end the section; two sections hold its halves.
    return "<![CDATA[" + clean(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _refuse(*_: Any) -> None:
    raise XmlError("a declaration")


class _Reader:
    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._nests: list[bool] = []
        self._count = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._path) >= MAX_DEPTH or (not self._path and name != "xml"):
            raise XmlError("an element")
        if self._nests:
            self._nests[-1] = True
        self._path.append(name)
        self._texts.append([])
        self._nests.append(False)

    def text(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, _name: str) -> None:
        text, nests = "".join(self._texts.pop()), self._nests.pop()
        if len(self._path) > 1 and not nests:
            self.fields.setdefault(".".join(self._path[1:]), text)
        self._path.pop()
