"""Log lines, as JSON or plain: with the turn they belong to, and never with what a resident said.

Our own messages are written so that they hold nothing of residents. Those of libraries are not: their messages, and
the words of any exception, may quote whatever they were given. So from ``serving`` on of a library's line only the
place where it was logged is kept, and of every exception its kind and where it rose.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

from bot.observing.turn import TurnRecord, current, listen
from bot.settings import CannotServe, given

access = logging.getLogger("bot.access")

PLAIN, JSON = "plain", "json"
#: The packages whose messages are ours.
_OURS = ("bot", "actions", "knowledge", "tools", "__main__")
#: Those that read only what staff and engineers write: the words of their exceptions are wanted.
_OF_STAFF = ("knowledge.base", "knowledge.loader", "bot.watching", "bot.model_reload", "bot.cli")
#: What could end a line, move the cursor or turn the reading direction; half a surrogate pair cannot be written at all.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
#: Loggers of libraries that say too much even at INFO.
_LOUD = ("rasa", "sanic", "apscheduler", "matplotlib", "tensorflow", "h5py", "alembic", "sqlalchemy", "aiohttp",
         "aio_pika", "aiormq")
FRAMES = 8
_serving = False


def log_format() -> str:
    """How lines are written (LOG_FORMAT): ``plain`` or ``json``. Raises CannotServe for anything else."""
    chosen = given("LOG_FORMAT", PLAIN)
    if chosen not in (PLAIN, JSON):
        raise CannotServe(f"LOG_FORMAT 要写 {PLAIN} 或 {JSON}，现在是 {chosen!r}")
    return chosen


def configure(verbose: bool = False, style: str | None = None, stream: TextIO | None = None) -> None:
    """Warnings of libraries, information of ours, to ``stream`` (the standard error); each finished turn one line.

    ``style``: ``plain`` or ``json``; None for what LOG_FORMAT says. Raises CannotServe where that is neither.
    """
    import structlog

    form = JsonLines() if (style or log_format()) == JSON else PlainLines()
    root = logging.getLogger()
    for handler in [item for item in root.handlers if isinstance(item.formatter, (JsonLines, PlainLines))]:
        root.removeHandler(handler)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(form)
    root.addHandler(handler)
    root.setLevel(logging.INFO if verbose else logging.WARNING)
    for name in ("bot", "actions", "knowledge"):
        logging.getLogger(name).setLevel(logging.INFO)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Rasa logs through structlog with residents' words as values; of each event only its name goes on.
    structlog.configure(
        processors=[_name_alone], wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.stdlib.LoggerFactory(), cache_logger_on_first_use=False)
    listen(log_turn)


def serving(yes: bool = True) -> None:
    """Residents may be heard from now on: of libraries' lines, and of exceptions, only places are kept.

    Also of exceptions that nobody caught, in threads and in finalisers.
    """
    global _serving
    _serving = yes
    if yes:
        threading.excepthook = _lost_in_a_thread
        before = sys.unraisablehook
        if before is not _unraisable:
            _unraisable.before = before  # type: ignore[attr-defined]
            sys.unraisablehook = _unraisable


def log_turn(turn: TurnRecord) -> None:
    """The access line of a finished turn."""
    ms = round((turn.took or 0.0) * 1000, 1)
    kinds = "+".join(turn.kinds) or "-"
    parts = {name: round(seconds * 1000, 1) for name, seconds in turn.stages.items()}
    access.info("turn %s %s %s %.1f ms%s", turn.channel, turn.result, kinds, ms, f" {turn.code}" if turn.code else "",
                extra={"fields": {
                    "event": "turn", "turn": turn.id, "channel": turn.channel, "result": turn.result,
                    "kind": turn.kind, "kinds": list(turn.kinds), "code": turn.code, "ms": ms,
                    "waited_ms": round((turn.waited or 0.0) * 1000, 1), "stages_ms": parts,
                    "knowledge": turn.knowledge}})


# --- how a record is written -----------------------------------------------------------------------------


class _Lines(logging.Formatter):
    """What both forms have in common."""

    def said(self, record: logging.LogRecord) -> str:
        """The message; of a library that speaks while we serve, the place where it did."""
        if _is_ours(record.name) or not _serving or getattr(record, "named", False):
            return record.getMessage()
        return f"at {Path(record.pathname).name}:{record.lineno} (what it said is not kept)"

    def rose(self, record: logging.LogRecord) -> list[str]:
        """The exception of a record: its kind, then where it rose, innermost last; empty without one."""
        if not record.exc_info or record.exc_info[1] is None:
            return []
        error = record.exc_info[1]
        quoted = not _serving or record.name in _OF_STAFF
        return [f"{type(error).__name__}: {error}" if quoted else type(error).__name__, *places(error)]


class PlainLines(_Lines):
    """Time, level, logger, the turn, the message. What follows a line break is indented: no line can be forged."""

    def format(self, record: logging.LogRecord) -> str:
        turn = _turn_of(record)
        head = f"{_time(record)} {record.levelname} {record.name}{f' [{turn}]' if turn else ''}: "
        lines = [*self.said(record).split("\n"), *self.rose(record)]
        return head + "\n    ".join(_safe(line) for line in lines)


class JsonLines(_Lines):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``event``, ``turn``, ``channel``, and its own."""

    def format(self, record: logging.LogRecord) -> str:
        error = self.rose(record)
        present = current()
        body: dict[str, Any] = {
            "time": _time(record), "level": record.levelname.lower(), "logger": record.name, "event": self.said(record)}
        if present is not None:
            body |= {"turn": present.id, "channel": present.channel}
        body |= getattr(record, "fields", {})
        if error:
            body |= {"error": error[0], "at": error[1:]}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str)
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def places(error: BaseException) -> list[str]:
    """Where an exception rose, innermost last: ``file:line function``."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


def _time(record: logging.LogRecord) -> str:
    moment = dt.datetime.fromtimestamp(record.created).astimezone()
    return moment.isoformat(timespec="milliseconds")


def _turn_of(record: logging.LogRecord) -> str:
    fields = getattr(record, "fields", {})
    present = current()
    return str(fields.get("turn") or (present.id if present is not None else ""))


def _is_ours(name: str) -> bool:
    return name.split(".", 1)[0] in _OURS


def _safe(line: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _name_alone(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """Of one of Rasa's structured events, its name (a fixed word in Rasa's code) and its exception."""
    name = str(event.get("event", ""))
    named = re.fullmatch(r"[a-z0-9_.]{1,80}", name) is not None
    return (name,), {"exc_info": event.get("exc_info"), "extra": {"named": named}}


# --- exceptions that nobody caught ---------------------------------------------------------------------------


def _lost_in_a_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is SystemExit or args.exc_value is None:
        return
    name = args.thread.name if args.thread is not None else ""
    logging.getLogger("bot.threads").error("thread %s ended: %s", name, _told(args.exc_value))


def _unraisable(unraisable: Any) -> None:
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        _unraisable.before(unraisable)  # type: ignore[attr-defined]
    elif unraisable.exc_value is not None:
        logging.getLogger("bot.threads").error("an exception where none can be raised: %s", _told(unraisable.exc_value))


def _told(error: BaseException) -> str:
    return "\n".join([type(error).__name__, *places(error)])
