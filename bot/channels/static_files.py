"""Files as they are sent: compressed once at the start, with a tag for each form, and as long a life as is right."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import brotli
from sanic.request import Request
from sanic.response import HTTPResponse, empty, raw

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
#: Kept by the browser, but asked for anew each time, so that an update is seen at once.
ASK_AGAIN = "no-cache"
#: For an address that names the very content: it never changes.
FOR_GOOD = "public, max-age=31536000, immutable"
#: For the address that other sites have written into their pages: an hour, and a day while it is fetched anew.
AN_HOUR = "public, max-age=3600, stale-while-revalidate=86400"
#: The codings we have, the smallest first; "identity" is the file as it is.
CODINGS = ("br", "gzip", "identity")
_QUALITY = re.compile(r"\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """A file in every coding that makes it smaller. ``version`` is 20 digits of its content's hash.

    ``scripts`` and ``styles``: what stands in the page itself, as sources that a CSP may allow (``'sha256-…'``).
    """

    content_type: str
    version: str
    bodies: Mapping[str, bytes]
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def file_of(body: bytes, suffix: str) -> File:
    """``body`` ready to be sent. ``suffix``: a key of ``TYPES``."""
    packed = {"br": brotli.compress(body, quality=11), "gzip": gzip.compress(body, 9, mtime=0)}
    smaller = {coding: small for coding, small in packed.items() if len(small) < len(body)}
    return File(TYPES[suffix], hashlib.sha256(body).hexdigest()[:20], {**smaller, "identity": body})


def files_in(folders: Iterable[Path]) -> dict[str, File]:
    """The files of a known type by name, without the folders in them.

    Addresses of the others in a page name them by their content (``/static/page.css`` becomes
    ``/static/page.css?v=…``); those marked ``data-inline`` are put into the page.
    """
    paths = {path.name: path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())
             if path.is_file() and path.suffix in TYPES}
    texts = {name: path.read_text(encoding="utf-8") for name, path in paths.items() if path.suffix in (".css", ".js")}
    plain = {name: file_of(path.read_bytes(), path.suffix) for name, path in paths.items() if path.suffix != ".html"}

    def named(match: re.Match[str]) -> str:
        found = plain.get(match[2])
        return f"{match[0]}?v={found.version}" if found is not None else match[0]

    pages = {}
    for name, path in paths.items():
        if path.suffix == ".html":
            page, scripts, styles = in_one_piece(path.read_text(encoding="utf-8"), texts)
            page = re.sub(r"(/static/)([\w.-]+)(?=\")", named, page)
            pages[name] = replace(file_of(page.encode("utf-8"), ".html"), scripts=scripts, styles=styles)
    return {**plain, **pages}


_INLINE = re.compile(
    r'<link rel="stylesheet" href="/static/([\w.-]+)" data-inline>'
    r'|<script src="/static/([\w.-]+)" data-inline></script>')


def in_one_piece(page: str, texts: Mapping[str, str]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A page with its marked style sheets and scripts in it, so that one answer of a slow network is enough; beside it
    the CSP sources of the scripts and of the styles. One that is not there, or could end its element, stays a link."""
    scripts: list[str] = []
    styles: list[str] = []

    def put(match: re.Match[str]) -> str:
        tag, name, sources = ("style", match[1], styles) if match[1] else ("script", match[2], scripts)
        text = texts.get(name)
        if text is None or f"</{tag}" in text.lower() or "<!--" in text:
            return match[0].replace(" data-inline", "")
        digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
        sources.append(f"'sha256-{digest}'")
        return f"<{tag}>{text}</{tag}>"

    return _INLINE.sub(put, page), tuple(scripts), tuple(styles)


def send(request: Request, file: File, life: str = ASK_AGAIN) -> HTTPResponse:
    """The file in the best form that the browser takes; 304 without it where the browser has it already."""
    coding = coding_for(request.headers.get("accept-encoding"), file.bodies)
    # Each form has a tag of its own: two different bodies must not be taken for one.
    tag = f'"{file.version}"' if coding == "identity" else f'"{file.version}-{coding}"'
    headers = {"ETag": tag, "Cache-Control": life, "Vary": "Accept-Encoding"}
    if _has(request.headers.get("if-none-match", ""), tag):
        return empty(304, headers=headers)
    if coding != "identity":
        headers["Content-Encoding"] = coding
    return raw(file.bodies[coding], content_type=file.content_type, headers=headers)


def coding_for(accepted: str | None, offered: Iterable[str]) -> str:
    """The coding of ``offered`` to send to a browser whose Accept-Encoding is ``accepted``.

    What it likes best, of equals the smallest; the file as it is where nothing else is wanted (and where nothing at
    all is: a file that may be of use is better than none).
    """
    quality = {}
    for item in (accepted or "").lower().split(","):
        name, _, parameter = item.partition(";")
        found = _QUALITY.fullmatch(parameter)
        quality[name.strip()] = float(found[1]) if found else 0.0 if parameter.strip() else 1.0
    others = quality.get("*", 0.0)
    # As it is, a file is always welcome unless that is ruled out, but only where nothing else is.
    likes = {coding: quality.get(coding, others if coding != "identity" or "*" in quality else 0.001)
             for coding in CODINGS if coding in set(offered)}
    best = max(likes, key=lambda coding: likes[coding])
    return best if likes[best] > 0 else "identity"


def _has(wanted: str, tag: str) -> bool:
    """Whether If-None-Match names ``tag``; weak tags count, as they do for a GET."""
    return wanted.strip() == "*" or tag in (item.strip().removeprefix("W/") for item in wanted.split(","))
