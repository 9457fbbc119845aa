"""The real configuration of deploy/nginx in front of small servers: addresses, retries, streams, limits."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from bot.channels.errors import ERRORS
from tests.cluster.city import NGINX, configuration
from tests.cluster.echo import Echo, echoes
from tests.support.services import Nginx, until

MESSAGE = "/webhooks/web/message"


@pytest.fixture(scope="module")
def behind() -> Iterator[list[Echo]]:
    with echoes(3) as servers:
        yield servers


@pytest.fixture(scope="module")
def door(nginx: Callable[..., Nginx], behind: list[Echo]) -> Nginx:
    # A second where the real one waits for ten: the same directives, shorter tests.
    return nginx(configuration([server.port for server in behind], redo=lambda text: re.sub(
        r"(client_(?:header|body)_timeout) 10s", r"\1 1s", text)))


@pytest.fixture(autouse=True)
def fresh(behind: list[Echo], door: Nginx) -> None:
    for server in behind:
        server.behaviour = "echo"
        server.seen.clear()
        server.go_on.clear()
    # A server that broke off is left alone for two seconds.
    asked = time.monotonic()
    while {server.port for server in behind if server.seen} != {server.port for server in behind}:
        requests.get(door.url + "/", timeout=5)
        assert time.monotonic() - asked < 20
    for server in behind:
        server.seen.clear()


def heard(behind: list[Echo]) -> list[dict[str, object]]:
    return [request for server in behind for request in server.seen]


@pytest.mark.parametrize("listen", ["http", "https"])
def test_nginx_accepts_the_real_files(tmp_path: Path, nginx: Callable[..., Nginx], listen: str) -> None:
    for file in NGINX.iterdir():
        text = file.read_text(encoding="utf-8").replace("/tmp/", f"{tmp_path}/").replace("/run/secrets", str(tmp_path))
        (tmp_path / file.name).write_text(re.sub(r"\bapp(\d):", r"127.0.0.\1:", text), encoding="utf-8")
    (tmp_path / "listen.conf").write_text((tmp_path / f"listen-{listen}.conf").read_text(encoding="utf-8"))
    if listen == "https":
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
                        "-keyout", tmp_path / "tls_key", "-out", tmp_path / "tls_certificate"],
                       check=True, capture_output=True)
    done = subprocess.run([shutil.which("nginx") or "nginx", "-t", "-c", str(tmp_path / "nginx.conf")],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "warn" not in done.stderr, done.stderr


def test_nobody_writes_his_own_address(door: Nginx) -> None:
    forged = {"X-Forwarded-For": "1.2.3.4", "X-Real-IP": "1.2.3.4", "Forwarded": "for=1.2.3.4",
              "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "1",
              "X-Forwarded-Path": "/x", "X-Scheme": "https"}
    came = requests.get(door.url + "/", headers=forged, timeout=5).json()["headers"]
    named = {name.lower(): value for name, value in came}
    assert named["x-forwarded-for"] == "127.0.0.1" and named["x-forwarded-proto"] == "http"
    assert not {"x-real-ip", "forwarded", "x-scheme"} & set(named)
    assert not {"x-forwarded-host", "x-forwarded-port", "x-forwarded-path"} & set(named)
    assert "1.2.3.4" not in str(came) and "evil" not in str(came)


def test_a_message_that_broke_off_is_sent_to_another_process(door: Nginx, behind: list[Echo]) -> None:
    behind[0].behaviour = behind[1].behaviour = "break"
    for _ in range(3):
        assert requests.post(door.url + MESSAGE, data="{}", timeout=5).json()["path"] == MESSAGE
    assert any(server.seen for server in behind[:2])


def test_what_has_no_number_is_not_sent_twice(door: Nginx, behind: list[Echo]) -> None:
    for server in behind:
        server.behaviour = "break"
    answer = requests.post(door.url + "/webhooks/wechat/", data="<xml/>", timeout=5)
    assert answer.status_code == 503 and len(heard(behind)) == 1


def test_a_stream_goes_to_a_process_that_stays(door: Nginx, behind: list[Echo]) -> None:
    behind[0].behaviour = behind[1].behaviour = "unready"
    for _ in range(3):
        assert requests.get(door.url + "/webhooks/web/events", timeout=5).status_code == 200


def test_an_answer_of_503_is_the_apps_own_and_not_asked_for_elsewhere(door: Nginx, behind: list[Echo]) -> None:
    for server in behind:
        server.behaviour = "unready"
    answer = requests.post(door.url + MESSAGE, data="{}", timeout=5)
    assert (answer.status_code, answer.text) == (503, "{}") and len(heard(behind)) == 1


def test_events_come_at_once(door: Nginx, behind: list[Echo]) -> None:
    for server in behind:
        server.behaviour = "stream"
    with requests.get(door.url + "/webhooks/web/events", stream=True, timeout=5) as answer:
        lines = answer.iter_lines()
        assert next(lines) == b"data: 1"  # the second waits for us: a buffer would hold both back
        for server in behind:
            server.go_on.set()
        assert b"data: 2" in list(lines)


def test_where_nobody_answers_it_says_so_in_chinese(nginx: Callable[..., Nginx]) -> None:
    with echoes(3) as gone:
        ports = [server.port for server in gone]
    answer = requests.post(nginx(configuration(ports)).url + MESSAGE, data="{}", timeout=10)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["error"] == {"code": "starting", "message": ERRORS["starting"][1]}


def test_what_nginx_says_itself_is_what_the_app_would_say() -> None:
    said = re.findall(r"return (\d{3}) '\{\"error\":\{\"code\":\"(\w+)\",\"message\":\"(.+?)\"",
                      (NGINX / "nginx.conf").read_text(encoding="utf-8"))
    assert len(said) == 3
    assert all(ERRORS[code] == (int(status), words) for status, code, words in said)


def test_a_body_beyond_64_kib_stays_outside(door: Nginx, behind: list[Echo]) -> None:
    answer = requests.post(door.url + MESSAGE, data=b"x" * (64 * 1024 + 1), timeout=5)
    assert answer.status_code == 413 and answer.json()["error"]["code"] == "body_too_large"
    assert not heard(behind)
    assert requests.post(door.url + MESSAGE, data=b"x" * 64 * 1024, timeout=5).status_code == 200


@pytest.mark.parametrize("part", ["POST / HTTP/1.1\r\nHost: x\r\n", f"POST {MESSAGE} HTTP/1.1\r\nHost: x\r\n"
                                  "Content-Length: 900\r\n\r\nabc"])
def test_a_slow_request_is_ended_before_it_reaches_a_process(door: Nginx, behind: list[Echo], part: str) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=20) as slow:
        slow.sendall(part.encode())
        began = time.monotonic()
        with pytest.raises(ConnectionResetError):
            slow.recv(4096)
    assert time.monotonic() - began < 15 and not heard(behind)


@pytest.mark.parametrize("path", ["/live", "/ready", "/metrics"])
def test_the_inner_addresses_are_not_for_residents(door: Nginx, behind: list[Echo], path: str) -> None:
    assert requests.get(door.url + path, timeout=5).status_code == 404 and not heard(behind)


def test_the_log_names_no_address_and_no_query(door: Nginx) -> None:
    requests.get(door.url + "/card/abc?openid=person", headers={"User-Agent": "phone-of-somebody"}, timeout=5)
    # Written behind the answer.
    line = until(lambda: next((line for line in door.printed().splitlines() if "/card/" in line), ""), "a line")
    assert "openid" not in line and "phone" not in line and not line.startswith("127.")
