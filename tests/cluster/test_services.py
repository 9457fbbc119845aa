"""The services that the tests stand on do what their handles say, and leave nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis
import requests

from tests.support.services import Nginx, Postgres, Redis, missing, until

PROJECT = Path(__file__).resolve().parent.parent.parent
#: A test session that starts both services, says their process ids, and then hangs.
HANGS = """
import time, pathlib
def test_hangs(postgres, redis_server):
    both = postgres, redis_server
    pathlib.Path({said!r}).write_text(" ".join([*(str(one.pid) for one in both), *(str(one.folder) for one in both)]))
    time.sleep(600)
"""


def test_what_is_committed_outlives_a_kill_of_postgresql(postgres: Postgres) -> None:
    database = postgres.fresh().rsplit("/", 1)[1]
    postgres.execute("CREATE TABLE kept AS SELECT 7 AS value", database)
    postgres.kill()
    with pytest.raises(psycopg2.OperationalError):
        postgres.connect(database)
    postgres.mend()
    assert postgres.execute("SELECT value FROM kept", database) == [(7,)]


def test_postgresql_restarts_on_the_same_port(postgres: Postgres) -> None:
    before = postgres.port, postgres.pid
    postgres.restart()
    assert postgres.port == before[0] and postgres.pid != before[1]
    assert postgres.execute("SELECT 1") == [(1,)]


def test_a_paused_postgresql_answers_when_resumed(postgres: Postgres) -> None:
    connection = postgres.connect()
    try:
        postgres.pause()
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(postgres.url, connect_timeout=2)
        postgres.resume()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 2")
            assert cursor.fetchone() == (2,)
    finally:
        postgres.resume()
        connection.close()


def test_redis_comes_back_empty_on_the_same_port(redis_server: Redis) -> None:
    with redis_server.client() as client:
        client.set("key", "value")
    redis_server.kill()
    with redis_server.client() as client, pytest.raises(redis.ConnectionError):
        client.ping()
    redis_server.mend()
    with redis_server.client() as client:
        assert client.get("key") is None


def test_nginx_runs_on_the_configuration_it_is_given(nginx: Callable[..., Nginx]) -> None:
    def configuration(port: int, folder: Path) -> str:
        return (f"pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; "
                f"server {{ listen 127.0.0.1:{port}; return 200 'here'; }} }}")

    server = nginx(configuration)
    assert server.check().returncode == 0
    assert requests.get(server.url, timeout=10).text == "here"


def test_a_killed_test_session_takes_its_services_along(
        tmp_path: Path, postgres: Postgres, redis_server: Redis) -> None:
    said = tmp_path / "said"
    file = tmp_path / "test_hangs.py"
    file.write_text(HANGS.format(said=str(said)))
    session = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.support.services", str(file)],
        cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        words = until(lambda: said.exists() and said.read_text(), "both started", 120).split()
    finally:
        session.send_signal(signal.SIGKILL)
        session.wait(10)
    until(lambda: not any(psutil.pid_exists(int(pid)) for pid in words[:2]), "they end", 20)
    subprocess.run(["rm", "-rf", *words[2:]], check=True)


def test_what_is_missing_is_skipped_loudly_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install thing"):
        missing("Thing", "thing")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Thing is not installed"):
        missing("Thing", "thing")
