"""Settings from the environment, with defaults that make ``make serve`` work on a fresh machine."""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

PROJECT = Path(__file__).resolve().parent.parent
#: A conversation that lasts a year is an archive, not a conversation.
MOST_KEEP_HOURS = 24 * 365
#: Stands for every site in a list of sites.
EVERYWHERE = "*"
#: A file with a secret holds one line; anything larger is the wrong file.
MAX_SECRET_BYTES = 4096
#: More processes than this on one machine are a slip of the hand.
MOST_WORKERS = 64
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
    #: Days after which a conversation, with what identifies a person hidden, is deleted too (LINLITONG_KEEP_DAYS).
    keep_days: float = 30.0
    #: How many proxies of ours stand between residents and this process (LINLITONG_PROXIES): so many of the last
    #: addresses in X-Forwarded-For are theirs to write. 0: nobody's word is taken for a resident's address.
    proxies: int = 0
    #: The PostgreSQL database of residents' state (STATE_URL, or the file of STATE_URL_FILE), with its password;
    #: "": SQLite in ``var``.
    state_url: str = field(default="", repr=False)
    #: The Redis by which several processes keep order (REDIS_URL, or the file of REDIS_URL_FILE), with its password;
    #: "": one process on its own.
    redis_url: str = field(default="", repr=False)
    #: How many processes ``serve`` starts (WORKERS).
    workers: int = 1


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
        keep_days=keep_days("LINLITONG_KEEP_DAYS"),
        proxies=whole_number("LINLITONG_PROXIES", 0, least=0, most=9),
        state_url=database_url("STATE_URL"),
        redis_url=redis_address("REDIS_URL"),
        workers=workers("WORKERS"),
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
        raise CannotServe(f"{name} 里有空格或别的不该有的字，请重新复制")
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


def keep_days(name: str) -> float:
    """An environment variable that says for how many days conversations are kept; not set, 30 or as long as the facts.

    Raises CannotServe unless it is a whole number, and no less than the facts in them are kept.
    """
    hours = whole_number("LINLITONG_KEEP_HOURS", 24, least=1, most=MOST_KEEP_HOURS)
    days = whole_number(name, max(30, -(-hours // 24)), least=1, most=MOST_KEEP_HOURS // 24)
    if days * 24 < hours:
        raise CannotServe(f"{name}（对话留几天）不能比 LINLITONG_KEEP_HOURS（情况留几小时）短："
                          f"{hours} 小时至少要 {-(-hours // 24)} 天")
    return float(days)


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


def database_url(name: str) -> str:
    """An environment variable that holds ``postgresql://user:password@host/database``, or the file that has it.

    Raises CannotServe, which repeats nothing of it: there is a password in it.
    """
    raw = _service(name, _is_postgresql, "postgresql://用户:密码@主机:5432/数据库 的样子（")
    if raw and not given("LINLITONG_SECRET", "") and not given("LINLITONG_SECRET_FILE", ""):
        raise CannotServe(f"用 {name} 时要设 LINLITONG_SECRET（32 字节以上，每个进程都一样），"
                          "不然别的进程认不出居民的会话")
    return raw


def redis_address(name: str) -> str:
    """An environment variable that holds ``redis://:password@host:6379/0``, or the file that has it.

    Raises CannotServe, which repeats nothing of it: there is a password in it.
    """
    return _service(name, _is_redis, "redis://:密码@主机:6379/0 的样子（加密的连接写 rediss://，")


def _service(name: str, fits: Callable[[SplitResult], bool], form: str) -> str:
    """A service's address with its password, "" for none. Raises CannotServe unless ``fits`` takes it."""
    raw = secret_of(name)
    try:
        whole = not raw or fits(urlsplit(raw))
    except ValueError:  # brackets that do not close, a port that is none
        whole = False
    if not whole:
        raise CannotServe(f"{name} 要写成 {form}密码里的 @、:、/、% 要写成 %40、%3A、%2F、%25）")
    return raw


def _is_postgresql(parts: SplitResult) -> bool:
    return (parts.scheme == "postgresql" and len(parts.path) > 1 and (parts.port or 5432) > 0
            and bool(parts.hostname or "host=" in parts.query))


def _is_redis(parts: SplitResult) -> bool:
    tcp = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and (parts.port or 6379) > 0
    return (tcp and bool(re.fullmatch(r"(/[0-9]{0,4})?", parts.path))) or (
        parts.scheme == "unix" and len(parts.path) > 1 and not parts.hostname)


def workers(name: str) -> int:
    """An environment variable that says how many processes serve. Raises CannotServe where they could keep no order."""
    count = whole_number(name, 1, least=1, most=MOST_WORKERS)
    if count > 1 and not secret_of("REDIS_URL"):
        raise CannotServe(f"{name}={count} 要同时设 REDIS_URL（例如 redis://127.0.0.1:6379/0），"
                          f"不然几个进程会把同一位居民的话答乱；只用一个进程就不要设 {name}")
    return count


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
