"""Settings from the environment, with defaults that make ``make serve`` work on a fresh machine."""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
#: A conversation that lasts a year is an archive, not a conversation.
MOST_KEEP_HOURS = 24 * 365
#: Stands for every site in a list of sites.
EVERYWHERE = "*"
#: A file with a secret holds one line; anything larger is the wrong file.
MAX_SECRET_BYTES = 4096
_ORIGIN = r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?"

logger = logging.getLogger(__name__)


class CannotServe(RuntimeError):
    """The bot cannot start; the message says why, and what to do, in one Chinese sentence."""


@dataclass(frozen=True)
class Settings:
    """Paths and switches of one process."""

    #: The port of bot, actions and page (PORT).
    port: int
    #: The address it listens on (HOST); loopback unless told otherwise.
    host: str
    #: The region of conversations that name none (REGION), an adcode.
    region: str
    #: The folder of the knowledge base (LINLITONG_CONTENT).
    content: Path
    #: Where a draft of the content is worked on (LINLITONG_DRAFT).
    draft: Path
    #: State that may be deleted at any time: vectors of content phrases.
    cache: Path
    #: State that must survive a restart: conversations, outbox, secret (LINLITONG_VAR).
    var: Path
    #: Trained models (LINLITONG_MODELS).
    models: Path
    #: Whether made-up places (trust ``sample``) are shown (LINLITONG_SAMPLES: on or off).
    samples: bool
    #: Other sites whose pages may call the web channel (LINLITONG_ORIGINS), or "*" alone for every site.
    origins: tuple[str, ...]
    #: CSP sources that may frame our pages (LINLITONG_FRAME_ANCESTORS).
    frame_ancestors: str
    #: Where residents find us (LINLITONG_PUBLIC_URL), without a slash at its end; "" to go by each request.
    public_url: str
    #: Hours after which a silent conversation and its facts are deleted (LINLITONG_KEEP_HOURS).
    keep_hours: float


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings; read once. Raises CannotServe with a clear sentence for a value that cannot be."""
    _check_clock()
    return Settings(
        port=whole_number("PORT", 5005, least=1, most=65535),
        host=given("HOST", "127.0.0.1"),
        region=adcode("REGION", given("REGION", "510100")),
        content=Path(given("LINLITONG_CONTENT", str(PROJECT / "knowledge" / "content"))),
        draft=Path(given("LINLITONG_DRAFT", str(PROJECT / "var" / "draft"))),
        cache=Path(given("LINLITONG_CACHE", str(PROJECT / ".cache"))),
        var=Path(given("LINLITONG_VAR", str(PROJECT / "var"))),
        models=Path(given("LINLITONG_MODELS", str(PROJECT / "models"))),
        samples=on_or_off("LINLITONG_SAMPLES", "on"),
        origins=origins("LINLITONG_ORIGINS"),
        frame_ancestors=frame_ancestors("LINLITONG_FRAME_ANCESTORS"),
        public_url=web_address("LINLITONG_PUBLIC_URL"),
        keep_hours=float(whole_number("LINLITONG_KEEP_HOURS", 24, least=1, most=MOST_KEEP_HOURS)),
    )


def given(name: str, default: str) -> str:
    """An environment variable; an empty one counts as not set, as in ``PORT= make serve``."""
    return os.environ.get(name, "").strip() or default


def secret_of(name: str) -> str:
    """A value from the environment variable ``name``, or from the file that ``name``_FILE names; "" for none.

    Raises:
        CannotServe: when both are given, the file cannot be read, or it holds no line of printable ASCII.
    """
    direct, path = given(name, ""), given(f"{name}_FILE", "")
    if direct and path:
        raise CannotServe(f"{name} 和 {name}_FILE 只能写一个")
    if path:
        direct = _of_file(name, Path(path))
    if direct and (not direct.isascii() or not direct.isprintable() or " " in direct):
        raise CannotServe(f"{name} 里有空格或别的不该有的字，请从公众平台重新复制")
    return direct


def _of_file(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise CannotServe(f"{name}_FILE 指的文件读不了（{why}），请检查路径和权限") from None
    try:
        line = raw.decode("ascii").strip() if len(raw) <= MAX_SECRET_BYTES else ""
    except UnicodeDecodeError:
        line = ""
    if not line:
        raise CannotServe(f"{name}_FILE 指的文件里要只有这一个值，一行")
    return line


def on_or_off(name: str, default: str) -> bool:
    """An environment variable that is a switch. Raises CannotServe unless it is ``on`` or ``off``."""
    raw = given(name, default)
    if raw not in ("on", "off"):
        raise CannotServe(f"{name} 要写 on 或 off，现在是 {raw!r}")
    return raw == "on"


def whole_number(name: str, default: int, *, least: int, most: int) -> int:
    """An environment variable that holds a whole number. Raises CannotServe unless it is one in the range."""
    raw = given(name, str(default))
    # ASCII alone: isdigit() takes ² and int() takes ３, and "-1" is no number of ours. Ten digits are plenty.
    if not re.fullmatch(r"[0-9]{1,10}", raw) or not least <= int(raw) <= most:
        raise CannotServe(f"{name} 要写 {least} 到 {most} 的整数，现在是 {raw!r}")
    return int(raw)


def adcode(name: str, raw: str) -> str:
    """``raw`` if it has the form of a region's code. Raises CannotServe otherwise."""
    if not re.fullmatch(r"[0-9]{6}", raw):
        raise CannotServe(f"{name} 要写六位的地区代码（例如 510100），现在是 {raw!r}")
    return raw


def origins(name: str) -> tuple[str, ...]:
    """An environment variable that lists sites, each as ``https://www.example.gov.cn``; "*" alone means every site.

    Raises CannotServe for anything else.
    """
    listed = tuple(item.rstrip("/").lower() for item in re.split(r"[,\s]+", given(name, "")) if item)
    if listed == (EVERYWHERE,):
        logger.warning("%s=*：任何网站的网页都能来提问。正式使用时请写上各个网站的地址", name)
        return listed
    wrong = [item for item in listed if not re.fullmatch(_ORIGIN, item)]
    if wrong:
        raise CannotServe(f"{name} 要写网站的地址，用逗号隔开，不带路径（例如 https://www.example.gov.cn），"
                          f"或者只写一个 *，现在有 {wrong[0]!r}")
    return listed


def frame_ancestors(name: str) -> str:
    """An environment variable that holds CSP sources: ``'self'``, ``'none'``, ``*``, sites. Raises CannotServe."""
    listed = given(name, "'self'").replace(",", " ").split()
    wrong = [item for item in listed if item not in ("'self'", "'none'", EVERYWHERE)
             and not re.fullmatch(_ORIGIN.replace("//", r"//(?:\*\.)?", 1), item.lower())]
    if wrong or ("'none'" in listed and len(listed) > 1):
        raise CannotServe(f"{name} 要写 'self'、'none' 或网站的地址（例如 'self' https://www.example.gov.cn），"
                          f"用空格隔开，现在有 {(wrong or listed)[0]!r}")
    return " ".join(listed)


def web_address(name: str) -> str:
    """An environment variable that holds an address such as ``https://a.example.gov.cn/bot``. Raises CannotServe."""
    raw = given(name, "").rstrip("/")
    if raw and not re.fullmatch(_ORIGIN + r"(?:/[A-Za-z0-9._~/-]*)?", raw, re.IGNORECASE):
        raise CannotServe(f"{name} 要写居民打开的网址（例如 https://linli.example.gov.cn），现在是 {raw!r}")
    return raw


def _check_clock() -> None:
    """``bot.clock`` reads LINLITONG_NOW at each turn; a slip in it must stop the start, not every answer."""
    raw = os.environ.get("LINLITONG_NOW")
    if not raw:
        return
    try:
        fixed = dt.datetime.fromisoformat(raw)
    except ValueError:
        fixed = None
    if fixed is None or fixed.tzinfo is not None:
        raise CannotServe(f"LINLITONG_NOW 要写成 2026-11-21T10:30:00 的样子，不带时区，现在是 {raw!r}")
