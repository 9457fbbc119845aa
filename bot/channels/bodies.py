"""Reads what a browser sent: the body within its limits, then each field with its type.

Everything from outside is checked here, once; past this file there are only sound values.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from sanic.request import Request

from bot.channels.errors import WebError
from bot.channels.limits import MAX_BODY_BYTES, MAX_COMMENT_CHARS, MAX_TEXT_CHARS
from bot.channels.script import HANS, HANT
from bot.privacy.masking import mask_for_storage, mask_ids
from knowledge.coords import in_china

Body = dict[str, Any]

_MESSAGE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_REGION = re.compile(r"[0-9]{6}")
_CRS = ("wgs84", "gcj02")
#: Decimals of a degree that are kept of where somebody is: some hundred metres, as the widget sends it itself.
DECIMALS = 3
#: Control characters but newline and tab, and halves of surrogate pairs, which no store can hold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Incoming:
    """A message as the resident sent it, but for numbers that identify a person.

    ``location`` is ``{"lng", "lat", "crs"}`` in degrees, in China, or None.
    """

    message_id: str
    text: str
    region: str
    location: Body | None


async def read_json(request: Request, optional: bool = False) -> Body:
    """Reads a JSON object of at most ``MAX_BODY_BYTES``; the route must be a streaming one.

    With ``optional`` no body at all is an empty object.

    Raises:
        WebError: ``body_too_large``, ``bad_json`` or ``bad_request``.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit():
        raise WebError("bad_request")
    # Digits are counted first: Python refuses to read a number of thousands of them.
    if len(declared) > 18 or int(declared) > MAX_BODY_BYTES:
        raise WebError("body_too_large")
    assert request.stream is not None
    raw = b""
    while True:
        chunk = await request.stream.read()
        if not chunk:
            break
        raw += chunk
        # A chunked body declares no length, so the limit is watched while it comes in.
        if len(raw) > MAX_BODY_BYTES:
            raise WebError("body_too_large")
    if optional and not raw.strip():
        return {}
    try:
        body = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        # UnicodeDecodeError is a ValueError; RecursionError is thousands of nested brackets.
        raise WebError("bad_json") from None
    if not isinstance(body, dict):
        raise WebError("bad_request")
    return body


def token_of(body: Body) -> str:
    """The session token in a body; ``no_token`` when there is none."""
    token = body.get("token")
    if not isinstance(token, str) or not token:
        raise WebError("no_token")
    return token


def bearer_of(request: Request) -> str:
    """The token of the Authorization header, or "" when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def region_of(body: Body) -> str:
    """The adcode, or "" when none was given; ``bad_region`` for anything else."""
    region = body.get("region")
    if region is None or region == "":
        return ""
    if not isinstance(region, str) or not _REGION.fullmatch(region):
        raise WebError("bad_region")
    return region


def incoming_of(body: Body) -> Incoming:
    """The fields of a message, cleaned.

    Raises:
        WebError: with the code of the first field that is wrong.
    """
    message_id = body.get("message_id")
    if not isinstance(message_id, str) or not _MESSAGE_ID.fullmatch(message_id):
        raise WebError("bad_message_id")
    text = body.get("text")
    if not isinstance(text, str):
        raise WebError("bad_request")
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise WebError("empty_text")
    if len(text) > MAX_TEXT_CHARS:
        raise WebError("text_too_long")
    return Incoming(message_id, mask_ids(text), region_of(body), _location_of(body))


def _location_of(body: Body) -> Body | None:
    location = body.get("location")
    if location is None:
        return None
    if not isinstance(location, dict):
        raise WebError("bad_location")
    lng, lat = _degrees(location.get("lng"), 180.0), _degrees(location.get("lat"), 90.0)
    crs = location.get("crs", "wgs84")
    if crs not in _CRS:
        raise WebError("bad_location")
    if not in_china(lng, lat):
        # (0, 0) is what a device without a fix reports, and nobody abroad asks for a canteen round the corner:
        # better to be asked for a place than to be told of one 8000 km away.
        return None
    return {"lng": round(lng, DECIMALS), "lat": round(lat, DECIMALS), "crs": crs}


def _degrees(value: Any, limit: float) -> float:
    # bool is an int to Python; NaN and Infinity pass Python's JSON parser, and so do whole numbers of 400 digits,
    # which compare with a limit but fit no float.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -limit <= value <= limit:
        raise WebError("bad_location")
    return float(value)


def feedback_of(body: Body) -> tuple[str, bool, str]:
    """The answer's id, whether it helped, and the comment as it may be kept ("" when there is none)."""
    answer_id, helpful, comment = body.get("answer_id"), body.get("helpful"), body.get("comment")
    if not isinstance(answer_id, str) or not 1 <= len(answer_id) <= 128 or _UNPRINTABLE.search(answer_id):
        raise WebError("bad_answer_id")
    if not isinstance(helpful, bool) or not (comment is None or isinstance(comment, str)):
        raise WebError("bad_request")
    comment = _UNPRINTABLE.sub("", comment or "").strip()
    if len(comment) > MAX_COMMENT_CHARS:
        raise WebError("comment_too_long")
    return answer_id, helpful, mask_for_storage(comment)


def script_of(value: Any) -> str:
    """The script that a request names; Simplified where it names none, ``bad_request`` for any other word."""
    if value is None or value == "":
        return HANS
    if value not in (HANS, HANT):
        raise WebError("bad_request")
    return str(value)


def event_id_of(request: Request) -> int | None:
    """The last event the browser has seen, from the header or the query; None to begin with what comes next."""
    given = request.headers.get("last-event-id") or request.args.get("last_event_id") or ""
    if not given:
        return None
    # Nineteen digits and more would not fit the store's integers.
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise WebError("bad_request")
    return int(given)


def spoken(text: str) -> str:
    """``text`` as a resident's words: Rasa would take a leading slash for a command of its own."""
    return text.lstrip("/\uff0f \t") or "\uff1f"
