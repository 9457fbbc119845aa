"""What users saw, in order and with times, as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

#: The user, the account (a reply or a customer-service message), or WeChat itself (the notice).
Who = Literal["user", "account", "wechat"]


@dataclass(frozen=True)
class Bubble:
    """One bubble of a chat."""

    #: Seconds since 1970.
    at: float
    user: str
    who: Who
    text: str
    #: The push that it answers ("" of a customer-service message, which answers none in particular).
    push: str = ""
    #: text, news, msgmenu, image, voice, video, music or notice.
    kind: str = "text"
    #: How it came: push, reply, service (customer-service message) or notice.
    via: str = "push"
    #: Of news: title, description, url, picture.
    articles: tuple[dict[str, str], ...] = ()
    #: Of a msgmenu: id and content of each line.
    choices: tuple[tuple[str, str], ...] = ()
    #: What WeChat did to it, such as an article left off.
    note: str = ""


@dataclass
class Transcript:
    """Every bubble so far; ``listeners`` hear of each new one."""

    bubbles: list[Bubble] = field(default_factory=list)
    listeners: list[Callable[[Bubble], None]] = field(default_factory=list)

    def add(self, bubble: Bubble) -> None:
        self.bubbles.append(bubble)
        for listener in self.listeners:
            listener(bubble)

    def of(self, user: str) -> list[Bubble]:
        """One user's chat."""
        return [bubble for bubble in self.bubbles if bubble.user == user]

    def said_to(self, user: str) -> list[Bubble]:
        """What the account said to one user."""
        return [bubble for bubble in self.of(user) if bubble.who == "account"]

    def notices(self) -> list[Bubble]:
        """WeChat's own notices that the account cannot serve."""
        return [bubble for bubble in self.bubbles if bubble.kind == "notice"]

    def as_data(self) -> list[dict[str, Any]]:
        return [asdict(bubble) for bubble in self.bubbles]

    def save(self, path: Path) -> None:
        """Write it as JSON, one list of bubbles."""
        path.write_text(json.dumps(self.as_data(), ensure_ascii=False, indent=1), encoding="utf-8")

    def __str__(self) -> str:
        names = {"user": "用户", "account": "公众号", "wechat": "微信"}
        return "\n".join(f"{bubble.user[-6:]} {names[bubble.who]}：{bubble.text}" for bubble in self.bubbles)
