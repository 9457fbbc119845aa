"""A small WebDriver client: as much of the W3C protocol as the page's tests need, with no package."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER, ESCAPE, TAB, SHIFT, F6 = "\ue007", "\ue00c", "\ue004", "\ue008", "\ue036"


class DriverError(RuntimeError):
    """What chromedriver answered instead of a result."""


class Browser:
    """One headless Chromium. Use as a context manager."""

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM and CHROMEDRIVER
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._base = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [CHROMEDRIVER, f"--port={port}", "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", f"--user-data-dir={profile}",
        ]  # fmt: skip
        capabilities = {
            "browserName": "chrome",
            "unhandledPromptBehavior": "accept",
            "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        self._wait_for_driver()
        answer = self._send("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._session = f"/session/{answer['sessionId']}"

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._send("DELETE", self._session)
        finally:
            self._process.terminate()
            self._process.wait(10)

    def _wait_for_driver(self) -> None:
        for _ in range(100):
            try:
                if self._send("GET", "/status")["ready"]:
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise DriverError("chromedriver does not answer")

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self._base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())["value"]
        except urllib.error.HTTPError as error:
            raise DriverError(json.loads(error.read())["value"]["message"]) from None

    def command(self, method: str, path: str, body: Any = None) -> Any:
        """Any command of this session."""
        return self._send(method, self._session + path, body)

    def cdp(self, name: str, **params: Any) -> Any:
        """A DevTools command: screen size, media features, network."""
        return self.command("POST", "/goog/cdp/execute", {"cmd": name, "params": params})

    def open(self, url: str) -> None:
        self.command("POST", "/url", {"url": url})

    def size(self, width: int, height: int, mobile: bool = False) -> None:
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def dark(self, on: bool) -> None:
        self.media(**{"prefers-color-scheme": "dark" if on else "light"})

    def media(self, **features: str) -> None:
        """Media features as the system would set them; those not named are as the browser has them."""
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": n, "value": v} for n, v in features.items()])

    def network(self, offline: bool = False, delay_ms: float = 0, bytes_per_second: float = -1) -> None:
        """The network of this tab: away, or slow (``delay_ms`` from request to answer), or as it is."""
        self.cdp("Network.enable")
        self.cdp("Network.emulateNetworkConditions", offline=offline, latency=delay_ms,
                 downloadThroughput=bytes_per_second, uploadThroughput=bytes_per_second)  # fmt: skip

    def before_each_page(self, script: str) -> str:
        """Runs ``script`` in each new page before its own; gives the number for ``no_longer_before``."""
        return str(self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)["identifier"])

    def no_longer_before(self, number: str) -> None:
        self.cdp("Page.removeScriptToEvaluateOnNewDocument", identifier=number)

    def new_tab(self) -> str:
        """Opens a tab and goes there; gives the handle of the tab that was left."""
        left = str(self.command("GET", "/window"))
        self.command("POST", "/window", {"handle": self.command("POST", "/window/new", {"type": "tab"})["handle"]})
        return left

    def close_tab(self, back_to: str) -> None:
        """Closes this tab and goes to another."""
        self.command("DELETE", "/window")
        self.go_to_tab(back_to)

    def go_to_tab(self, handle: str) -> None:
        self.command("POST", "/window", {"handle": handle})

    def js(self, script: str, *args: Any) -> Any:
        """Runs a function body in the page and gives what it returns."""
        return self.command("POST", "/execute/sync", {"script": script, "args": list(args)})

    def js_async(self, script: str, *args: Any) -> Any:
        """Runs a function body whose last argument is to be called with the result."""
        return self.command("POST", "/execute/async", {"script": script, "args": list(args)})

    def wait(self, script: str, seconds: float = 8.0) -> Any:
        """Waits until the expression is true and gives its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.js(f"return {script}")
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"never became true: {script}")

    def click(self, css: str, text: str = "") -> None:
        """Clicks, as a person would, the last visible element of ``css`` that holds ``text``."""
        all_of = "[...document.querySelectorAll(arguments[0])]"
        found = self.js(f"return {all_of}.filter(e => e.textContent.includes(arguments[1])).pop()", css, text)
        assert found, f"no {css} with {text!r}"
        self.click_element(found)

    def click_element(self, found: dict[str, str]) -> None:
        """Clicks, as a person would, an element that a script gave."""
        self.js("arguments[0].scrollIntoView({block: 'center'})", found)
        self.command("POST", f"/element/{found[_ELEMENT]}/click")

    def chord(self, held: str, key: str) -> None:
        """Presses ``key`` while ``held`` is down."""
        steps = [("keyDown", held), ("keyDown", key), ("keyUp", key), ("keyUp", held)]
        pressed = [{"type": kind, "value": value} for kind, value in steps]
        self.command("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": pressed}]})

    def keys(self, keys: str) -> None:
        """Presses keys, one after another, wherever the focus is."""
        pressed = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.command("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": pressed}]})

    def console(self) -> list[str]:
        """Errors that the page has caused since the last call."""
        entries = self.command("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def screenshot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.command("GET", "/screenshot")))
