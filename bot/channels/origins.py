"""Which web sites may call the web channel from a visitor's browser, and what their browsers are told (CORS)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from sanic.headers import parse_host
from sanic.request import Request
from sanic.response import HTTPResponse, empty

from bot.settings import EVERYWHERE

_PORTS = {"http": 80, "https": 443}
#: How long a browser may remember that it was let in, seconds.
_REMEMBER_S = 7200


class Origins:
    """The list of sites that may call; requests of our own pages and of programs that are no browser always may.

    Args:
        allowed: origins such as ``https://www.example.gov.cn``, or ``*`` alone for every site.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        given = frozenset(allowed)
        self._everywhere = EVERYWHERE in given
        self._allowed = frozenset(_parts(origin) for origin in given - {EVERYWHERE})

    def may_call(self, request: Request) -> bool:
        """Whether this request may be answered."""
        origin = request.headers.get("origin")
        return origin is None or self._everywhere or _is_ours(request, origin) or _parts(origin) in self._allowed

    def headers(self, request: Request) -> dict[str, str]:
        """The headers by which the browser lets the calling page read the answer. No cookie is ever asked for."""
        origin = request.headers.get("origin")
        if origin is None or not self.may_call(request):
            return {"Vary": "Origin"}
        return {"Vary": "Origin", "Access-Control-Allow-Origin": origin,
                "Access-Control-Expose-Headers": "Retry-After, X-Turn-Id"}

    def preflight(self, request: Request, method: str) -> HTTPResponse:
        """The answer to a browser that asks whether it may send ``method``, the only one of its path."""
        return empty(204, headers={
            **self.headers(request), "Allow": f"{method}, OPTIONS", "Access-Control-Allow-Methods": method,
            "Access-Control-Allow-Headers": "Content-Type, Authorization, Last-Event-ID",
            "Access-Control-Max-Age": str(_REMEMBER_S),
        })


def _is_ours(request: Request, origin: str) -> bool:
    """Whether a page of this server calls."""
    # Written by the browser itself and by no page; it is right behind any proxy, but old browsers do not send it.
    if request.headers.get("sec-fetch-site") == "same-origin":
        return True
    scheme, name, port = _parts(origin)
    # Sanic believes X-Forwarded-* only as its own settings say. Whether the way in was http or https a server behind
    # a proxy often cannot know, and it opens nothing: there is no cookie to be had.
    host, own = parse_host(request.host)
    ports = own or request.forwarded.get("port") or _PORTS.get(scheme)
    return bool(host) and (name, port) == ((host or "").strip("[]"), ports)


def _parts(origin: str) -> tuple[str, str, int | None]:
    """Scheme, name and port; ("", "", None) for ``null`` and anything that is no origin of a site."""
    try:
        split = urlsplit(origin)
        port = split.port or _PORTS.get(split.scheme)
    except ValueError:
        return "", "", None
    if split.scheme not in _PORTS or not split.hostname or split.path or split.query or split.fragment:
        return "", "", None
    return split.scheme, split.hostname, port
