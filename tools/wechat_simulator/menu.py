"""The custom menu of an account, with WeChat's checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Button = dict[str, Any]

MOST_BUTTONS, MOST_ENTRIES = 3, 5
#: Bytes of UTF-8: a button's name, an entry's name, a key, an address.
NAME_BYTES, ENTRY_NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024
_KEYED = ("click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin",
          "location_select")
#: Kind of mistake → errcode on a button of the bar and on an entry below it.
_CODES = {"name": (40018, 40025), "key": (40019, 40026), "url": (40020, 40027), "type": (40119, 40120)}


class MenuError(ValueError):
    """A menu that WeChat refuses, with the errcode."""

    def __init__(self, errcode: int, message: str) -> None:
        super().__init__(message)
        self.errcode = errcode


@dataclass(frozen=True)
class Menu:
    """The buttons as they were created."""

    buttons: tuple[Button, ...]

    def at(self, number: int, entry: int = 0) -> Button:
        """The ``number``-th button or, with ``entry``, a line below it (both from 1)."""
        button = self.buttons[number - 1]
        return button["sub_button"][entry - 1] if entry else button

    def as_data(self) -> dict[str, Any]:
        """As ``menu/get`` gives it: each button with its entries, even where there are none."""
        return {"menu": {"button": [{**button, "sub_button": button.get("sub_button", [])} for button in self.buttons]}}


def checked(body: Any) -> Menu:
    """The menu of the body of ``menu/create``. Raises MenuError with WeChat's errcode."""
    buttons = body.get("button") if isinstance(body, dict) else None
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_BUTTONS:
        raise MenuError(40016, "invalid button size")
    for button in buttons:
        entries = button.get("sub_button") or []
        _check(button, NAME_BYTES, 0, holds_entries=bool(entries))
        if len(entries) > MOST_ENTRIES:
            raise MenuError(40023, "invalid sub button size")
        for entry in entries:
            if entry.get("sub_button"):
                raise MenuError(40022, "invalid sub button level")
            _check(entry, ENTRY_NAME_BYTES, 1)
    return Menu(tuple(buttons))


def _check(button: Button, name_bytes: int, level: int, holds_entries: bool = False) -> None:
    def refuse(what: str, said: str) -> MenuError:
        return MenuError(_CODES[what][level], f"invalid {'sub ' if level else ''}button {said}")

    if not 1 <= _size(button.get("name")) <= name_bytes:
        raise refuse("name", "name size")
    if holds_entries:
        return
    kind = button.get("type")
    if kind in _KEYED:
        if not 1 <= _size(button.get("key")) <= KEY_BYTES:
            raise refuse("key", "key size")
    elif kind in ("view", "miniprogram"):
        if not 1 <= _size(button.get("url")) <= URL_BYTES:
            raise refuse("url", "url size")
    else:
        raise refuse("type", "type")


def _size(value: Any) -> int:
    return len(value.encode()) if isinstance(value, str) else 0
