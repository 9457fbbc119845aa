"""The XML of pushes and replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Union
from xml.etree import ElementTree
from xml.sax.saxutils import escape

#: Texts go into CDATA, numbers stand bare, a mapping is an element with children.
Value = Union[str, int, float, Mapping[str, "Value"]]
Fields = Mapping[str, Value]


class NotXml(ValueError):
    """A body that WeChat cannot read."""


def write(fields: Fields) -> str:
    """``<xml>…</xml>`` with one element a field."""
    return f"<xml>{_children(fields)}</xml>"


def _children(fields: Fields) -> str:
    return "".join(f"<{name}>{_content(value)}</{name}>" for name, value in fields.items())


def _content(value: Value) -> str:
    if isinstance(value, Mapping):
        return _children(value)
    if isinstance(value, str):
        return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return escape(str(value))


def read(text: bytes) -> ElementTree.Element:
    """The root element. Raises NotXml unless it is an ``xml`` element without a document type."""
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise NotXml("回复里有 DOCTYPE")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise NotXml(f"回复不是 XML（{error}）") from None
    if root.tag != "xml":
        raise NotXml(f"回复的最外层是 <{root.tag}>，不是 <xml>")
    return root


def text_of(element: ElementTree.Element, name: str) -> str:
    """The text of the child ``name``. Raises NotXml where there is not exactly one."""
    found = element.findall(name)
    if len(found) != 1:
        raise NotXml(f"回复里有 {len(found)} 个 {name}，应当是 1 个")
    return found[0].text or ""
