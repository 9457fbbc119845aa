"""Pages of other sites: who may call the web channel from a browser, and what the browser is told."""

from __future__ import annotations

from collections.abc import Callable

import requests

from bot.contract import validate
from tests.channels.server import Server

Serve = Callable[..., Server]
SITE = "https://www.example.gov.cn"
#: Path and method of every call.
CALLS = [
    ("session", "POST"), ("message", "POST"), ("feedback", "POST"), ("events", "GET"), ("history", "GET"),
    ("export", "GET"), ("regions", "GET"), ("conversation", "DELETE"),
]


def ask(server: Server, method: str, path: str, **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.request(method, f"{server.url}/webhooks/web/{path}", headers=named, timeout=10)


def assert_shut(answer: requests.Response) -> None:
    """403 in Chinese, and nothing that lets the page read it."""
    assert answer.status_code == 403, answer.text
    validate(answer.json(), "errorResponse")
    assert answer.json()["error"]["code"] == "wrong_origin" and "没有登记" in answer.json()["error"]["message"]
    assert "Origin" in answer.headers["Vary"]
    assert not [name for name in answer.headers if name.lower().startswith("access-control-allow")]


def test_a_site_that_is_not_listed_is_refused_at_every_call_with_every_method(serve: Serve) -> None:
    server = serve(origins=[SITE])
    for origin in ("https://evil.example", "http://www.example.gov.cn", "https://example.gov.cn", "null", "",
                   "https://www.example.gov.cn:8443", "https://www.example.gov.cn.evil.example", "file://", "https://",
                   "https://[", "https://www.example.gov.cn/x", "https://www.example.gov.cn https://other.example"):
        for path, method in CALLS:
            assert_shut(ask(server, method, path, Origin=origin))
            assert_shut(ask(server, "PUT", path, Origin=origin))
            assert_shut(ask(server, "OPTIONS", path, Origin=origin, Access_Control_Request_Method=method))
    assert server.agent.heard == []


def test_a_listed_site_is_asked_in(serve: Serve) -> None:
    server = serve(origins=[SITE])
    for path, method in CALLS:
        answer = ask(server, "OPTIONS", path, Origin=SITE, Access_Control_Request_Method=method,
                     Access_Control_Request_Headers="authorization,content-type,last-event-id")
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert answer.headers["Access-Control-Allow-Methods"] == method
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        assert all(name in allowed for name in ("authorization", "content-type", "last-event-id"))
        assert int(answer.headers["Access-Control-Max-Age"]) > 0
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_whole_conversation_from_a_listed_site(serve: Serve) -> None:
    server = serve(origins=[SITE, "https://other.example"])
    url, headers = f"{server.url}/webhooks/web", {"Origin": SITE}

    def readable(answer: requests.Response, status: int = 200) -> requests.Response:
        assert answer.status_code == status, answer.text
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After, X-Turn-Id"
        assert "Access-Control-Allow-Credentials" not in answer.headers and "Origin" in answer.headers["Vary"]
        return answer

    token = readable(requests.post(f"{url}/session", json={}, headers=headers, timeout=10)).json()["token"]
    sent = {"token": token, "message_id": "m1", "text": "问"}
    reply = readable(requests.post(f"{url}/message", json=sent, headers=headers, timeout=10)).json()["messages"][0]
    judged = {"token": token, "answer_id": reply["custom"]["answer_id"], "helpful": True}
    readable(requests.post(f"{url}/feedback", json=judged, headers=headers, timeout=10), 204)
    mine = {**headers, "Authorization": f"Bearer {token}"}
    readable(requests.get(f"{url}/history", headers=mine, timeout=10))
    with requests.get(f"{url}/events", headers={**mine, "Last-Event-ID": "0"}, stream=True, timeout=10) as stream:
        readable(stream)
        lines = stream.iter_lines(decode_unicode=True)
        assert any(line == f"id: {reply['id']}" for line in lines), "what was missed is replayed over fetch"
    readable(requests.delete(f"{url}/conversation", headers=mine, timeout=10))
    # Errors are readable too, or the page could not tell its visitor what to do.
    readable(requests.post(f"{url}/message", json={}, headers=headers, timeout=10), 401)
    readable(requests.get(f"{url}/message", headers=headers, timeout=10), 405)


def test_a_refusal_for_haste_can_be_read_with_its_waiting_time(serve: Serve) -> None:
    server = serve(origins=[SITE], address_per_minute=3)
    answers = [ask(server, "GET", "regions", Origin=SITE) for _ in range(3)]
    assert answers[-1].status_code == 429 and answers[-1].headers["Retry-After"].isdigit()
    assert answers[-1].headers["Access-Control-Allow-Origin"] == SITE


def test_our_own_pages_and_programs_need_no_listing(serve: Serve) -> None:
    server = serve()
    name, port = server.url[7:].split(":")
    assert ask(server, "POST", "session").status_code == 200
    assert ask(server, "POST", "session", Origin=server.url).status_code == 200
    # A proxy that speaks https to the world passes on the name alone.
    assert ask(server, "POST", "session", Origin="https://linli.example.gov.cn",
               Host="linli.example.gov.cn").status_code == 200
    assert ask(server, "POST", "session", Origin="https://linli.example.gov.cn:8443",
               Host="linli.example.gov.cn:8443").status_code == 200
    # One that hides the name: the browser itself says that the page is ours.
    assert ask(server, "POST", "session", Origin="https://linli.example.gov.cn",
               Sec_Fetch_Site="same-origin").status_code == 200
    for site in ("same-site", "cross-site", "none"):
        assert_shut(ask(server, "POST", "session", Origin="https://linli.example.gov.cn", Sec_Fetch_Site=site))
    assert_shut(ask(server, "POST", "session", Origin=f"http://{name}:{int(port) + 1}"))
    assert_shut(ask(server, "POST", "session", Origin="https://linli.example.gov.cn", Host=""))


def test_a_forwarded_name_counts_only_where_sanic_believes_the_proxy(serve: Serve) -> None:
    server = serve()
    forwarded = {"Origin": "https://linli.example.gov.cn", "X_Forwarded_Host": "linli.example.gov.cn",
                 "X_Forwarded_For": "10.0.0.1"}
    assert_shut(ask(server, "POST", "session", **forwarded))
    server.app.config.PROXIES_COUNT = 1
    assert ask(server, "POST", "session", **forwarded).status_code == 200
    assert ask(server, "POST", "session", **{**forwarded, "Origin": "https://linli.example.gov.cn:8443"},
               X_Forwarded_Port="8443").status_code == 200
    assert_shut(ask(server, "POST", "session", **{**forwarded, "X_Forwarded_Host": "other.example"}))


def test_a_star_lets_every_site_in(serve: Serve) -> None:
    server = serve(origins=["*"])
    for origin in ("https://anybody.example", "null"):
        answer = ask(server, "POST", "session", Origin=origin)
        assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in answer.headers
