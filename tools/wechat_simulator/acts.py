"""What a person at the terminal or the page does, as a call of ``WeChat``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from tools.wechat_simulator import pushes
from tools.wechat_simulator.faults import PushFaults
from tools.wechat_simulator.wechat import Sent, WeChat


class CannotDo(ValueError):
    """Something that this user cannot do now; the message says so in Chinese."""


@dataclass
class Person:
    """One user of WeChat in front of the simulator. ``next_faults`` go wrong with the next push."""

    wechat: WeChat
    user: str
    next_faults: Optional[PushFaults] = None

    async def act(self, kind: str, given: dict[str, Any]) -> Sent:
        """Do one thing and wait for its end.

        Args:
            kind: text, voice, image, link, location, report, subscribe, unsubscribe, scan, menu or choose.
            given: text: ``text``; voice: ``text`` (None: not recognised); link: ``url``; location and report: ``lat``,
                ``lng`` in degrees, ``label``; scan: ``scene``; menu: ``number``, ``entry``; choose: ``number``.

        Raises:
            CannotDo: for an unknown kind, a missing value, or a menu that is not there.
        """
        faults, self.next_faults = self.next_faults, None
        try:
            if kind == "menu":
                return await self.wechat.tap(self.user, int(given["number"]), int(given.get("entry", 0)), faults)
            if kind == "choose":
                return await self.wechat.choose(self.user, int(given["number"]), faults)
            return await self.wechat.do(self.user, _push(kind, given), faults)
        except (KeyError, IndexError, TypeError, ValueError):
            raise CannotDo("这一步做不了：缺了内容，或者没有这个按钮") from None
        except LookupError:
            raise CannotDo("这个公众号还没有菜单") from None


def _push(kind: str, given: dict[str, Any]) -> pushes.Push:
    if kind == "text":
        if not str(given["text"]).strip():
            raise ValueError("empty")
        return pushes.text(str(given["text"]))
    if kind == "voice":
        return pushes.voice(None if given["text"] is None else str(given["text"]))
    if kind == "image":
        return pushes.image()
    if kind == "link":
        return pushes.link(str(given["url"]), "", str(given["url"]))
    if kind == "location":
        return pushes.location(*_point(given), str(given.get("label", "")))
    if kind == "report":
        return pushes.location_report(*_point(given))
    if kind == "scan":
        return pushes.scan(str(given["scene"]))
    if kind == "subscribe":
        return pushes.subscribe(str(given.get("scene", "")))
    if kind == "unsubscribe":
        return pushes.unsubscribe()
    raise KeyError(kind)


def _point(given: dict[str, Any]) -> tuple[float, float]:
    lat, lng = float(given["lat"]), float(given["lng"])
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise ValueError("not on earth")
    return lat, lng
