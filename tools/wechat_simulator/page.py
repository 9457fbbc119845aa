"""A page like WeChat's chat, for a browser on this machine: one user, talking through the simulator."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from tools.wechat_simulator.acts import CannotDo, Person
from tools.wechat_simulator.api import Api
from tools.wechat_simulator.faults import PushFaults
from tools.wechat_simulator.presets import Place
from tools.wechat_simulator.transcript import Bubble

FOLDER = Path(__file__).parent / "page"
_FILES = {"": ("index.html", "text/html"), "style.css": ("style.css", "text/css"),
          "app.js": ("app.js", "text/javascript")}
_HEADERS = {"Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
            "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
#: How often the menu is looked at again, seconds: calls of the account change it, and they tell nobody.
LOOK_S = 1.0


class Page:
    """The page, what it calls, and WeChat's API beside it on the same port."""

    def __init__(self, person: Person, api: Api, places: list[Place]) -> None:
        self._person = person
        self._api = api
        self._places = places
        self._viewers: set[asyncio.Queue[dict[str, Any]]] = set()
        person.wechat.transcript.listeners.append(self._tell)

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(middlewares=[_same_site])
        app.add_routes(self._api.routes())
        for path, (name, kind) in _FILES.items():
            app.router.add_get(f"/{path}", _file(name, kind))
        app.router.add_get("/favicon.ico", _nothing)
        app.router.add_get("/events", self._events)
        app.router.add_post("/act", self._act)
        return app

    def _tell(self, bubble: Bubble) -> None:
        if bubble.user == self._person.user:
            for viewer in self._viewers:
                viewer.put_nowait({"bubble": asdict(bubble)})

    def _state(self) -> dict[str, Any]:
        wechat = self._person.wechat
        return {"bubbles": [asdict(bubble) for bubble in wechat.transcript.of(self._person.user)],
                "places": [asdict(place) for place in self._places], **self._menu(),
                "follows": self._person.user in wechat.followers}

    def _menu(self) -> dict[str, Any]:
        menu = self._person.wechat.menu
        return {"menu": list(menu.buttons) if menu else []}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream; charset=utf-8"})
        await answer.prepare(request)
        viewer: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._viewers.add(viewer)
        shown = self._menu()
        try:
            await _write(answer, {"state": self._state()})
            while True:
                try:
                    await _write(answer, await asyncio.wait_for(viewer.get(), LOOK_S))
                except asyncio.TimeoutError:
                    if self._menu() != shown:
                        shown = self._menu()
                        await _write(answer, shown)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._viewers.discard(viewer)
        return answer

    async def _act(self, request: web.Request) -> web.Response:
        try:
            given = await request.json()
            kind = str(given.pop("kind"))
            faults = given.pop("faults", None)
            if faults:
                self._person.next_faults = PushFaults(delay_s=float(faults.get("delay_s", 0)),
                                                      copies=int(faults.get("copies", 1)),
                                                      lost_replies=int(faults.get("lost_replies", 0)))
            sent = await self._person.act(kind, given)
        except CannotDo as error:
            return web.json_response({"error": str(error)}, status=400, headers=_HEADERS)
        except (ValueError, KeyError, AttributeError, TypeError):
            return web.json_response({"error": "没看懂"}, status=400, headers=_HEADERS)
        done = sent.delivered
        return web.json_response({"result": done.result, "follows": self._person.user in self._person.wechat.followers,
                                  "tries": [{"result": item.result, "seconds": round(item.seconds, 2),
                                             "detail": item.detail} for item in done.tries]}, headers=_HEADERS)


async def _write(answer: web.StreamResponse, event: dict[str, Any]) -> None:
    await answer.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())


def _file(name: str, kind: str) -> Any:
    async def give(_request: web.Request) -> web.Response:
        return web.Response(text=(FOLDER / name).read_text(encoding="utf-8"), content_type=kind, charset="utf-8",
                            headers=_HEADERS)

    return give


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=204)


@web.middleware
async def _same_site(request: web.Request, handler: Any) -> web.StreamResponse:
    """Other pages that are open in the browser must not act here."""
    if request.path == "/act" and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden()
    answer: web.StreamResponse = await handler(request)
    return answer
