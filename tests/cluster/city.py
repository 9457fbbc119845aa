"""A city's whole topology with real processes: nginx with the configuration of deploy/, three processes of the app run
from the image's files by a user without rights, PostgreSQL and Redis."""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

import requests

from tests.cluster import image
from tests.support.services import Nginx, Postgres, Redis, Service, until

NGINX = image.PROJECT / "deploy" / "nginx"
PROCESSES = 3
#: Seconds that a process may take to be ready, beside two others and a load.
START_S = 240.0


def configuration(processes: list[int], *, redo: Callable[[str], str] = str) -> Callable[[int, Path], str]:
    """The configuration of deploy/nginx for the loopback ports ``processes``; ``redo`` may change it for a test."""

    def write(port: int, folder: Path) -> str:
        servers = iter(processes)
        lines = []
        for line in (NGINX / "processes.conf").read_text(encoding="utf-8").splitlines():
            if line.strip().startswith("server "):
                host = line.split()[1]
                line = line.replace(host, f"127.0.0.1:{next(servers)}")
            lines.append(line)
        assert next(servers, None) is None, "processes.conf names fewer processes"
        (folder / "processes.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        listen = (NGINX / "listen-http.conf").read_text(encoding="utf-8")
        (folder / "listen.conf").write_text(listen.replace("8080", f"127.0.0.1:{port}"), encoding="utf-8")
        (folder / "temporary").mkdir(mode=0o777)
        (folder / "temporary").chmod(0o777)
        text = (NGINX / "nginx.conf").read_text(encoding="utf-8").replace("/tmp/", f"{folder}/temporary/")
        return redo(text.replace("worker_processes auto", "worker_processes 1"))

    return write


class App(Service):
    """One process of the app. Not ready before it says so itself."""

    name = "app"
    patience = START_S
    look_every_s = 0.3

    def __init__(self, app: Path, settings: dict[str, str]) -> None:
        super().__init__()
        var = self.folder / "var"
        var.mkdir(mode=0o700)
        image.give_away(var)
        image.give_away(self.folder)
        self.url = f"http://127.0.0.1:{self.port}"
        self._app = app
        self._environment = {
            **os.environ, **image.environment(), "HOST": "127.0.0.1", "PORT": str(self.port), "HOME": str(self.folder),
            "TMPDIR": str(self.folder), "MPLCONFIGDIR": str(self.folder), "LINLITONG_VAR": str(var), **settings}

    def command(self) -> list[str]:
        return [*image.without_rights(), "env", f"--chdir={self._app}", ".venv/bin/python", "-m", "bot", "serve"]

    def options(self) -> dict[str, Any]:
        return {"env": self._environment}

    def ready(self) -> bool:
        return self.status("/ready") == 200

    def status(self, path: str, timeout_s: float = 5.0) -> int:
        """The HTTP status of ``path``; 0 where nobody answers."""
        try:
            return requests.get(self.url + path, timeout=timeout_s).status_code
        except requests.RequestException:
            return 0

    def leave(self) -> tuple[int, float]:
        """SIGTERM; the exit code and the seconds that it took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(60)
        self._process = None
        return code, time.monotonic() - began


class City:
    """Everything, and the ways to break it. ``url``: where residents come."""

    def __init__(self, folder: Path, postgres: Postgres, redis: Redis, nginx: Callable[..., Nginx]) -> None:
        self.postgres, self.redis = postgres, redis
        self.state_url = postgres.fresh()
        self.database = self.state_url.rsplit("/", 1)[1]
        secret = folder / "session_secret"
        secret.write_text(secrets.token_urlsafe(48))
        files = {"LINLITONG_SECRET_FILE": secret}
        for name, value in (("STATE_URL", self.state_url), ("REDIS_URL", redis.url)):
            files[f"{name}_FILE"] = folder / name.lower()
            files[f"{name}_FILE"].write_text(value)
        settings = {**{name: str(path) for name, path in files.items()}, "LINLITONG_PROXIES": "1",
                    "LINLITONG_SESSION_PER_MINUTE": "0", "LINLITONG_ADDRESS_PER_MINUTE": "0",
                    "LINLITONG_NEW_PER_MINUTE": "0"}
        for path in (folder, *files.values()):
            path.chmod(0o755 if path.is_dir() else 0o444)
        where = image.lay(folder)
        self.apps = [App(where, settings) for _ in range(PROCESSES)]
        self._nginx = nginx
        self.url = ""

    def start(self) -> None:
        """All processes side by side, then nginx."""
        with ThreadPoolExecutor(PROCESSES) as pool:
            list(pool.map(lambda app: app.start(), self.apps))
        self.url = self._nginx(configuration([app.port for app in self.apps])).url

    def close(self) -> None:
        """End the processes, whatever they do."""
        for app in self.apps:
            app.close()

    def mend(self, ready: int) -> None:
        """Everything runs again, and so many processes are ready; the others get so in their own time."""
        self.postgres.mend()
        self.redis.mend()
        for app in self.apps:
            app.resume()
            if not app.everyone():
                app.kill()
                app.begin()
        until(lambda: sum(app.ready() for app in self.apps) >= ready, f"{ready} processes are ready", START_S, 0.3)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the city's database gives."""
        return self.postgres.execute(statement, self.database)

    @contextmanager
    def held(self, table: str) -> Iterator[None]:
        """Nobody else can read or write ``table`` while the block runs."""
        connection = self.postgres.connect(self.database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                yield
        finally:
            connection.close()

    @contextmanager
    def slow(self, number: str, seconds: float) -> Iterator[None]:
        """Storing a message with a number that begins so takes ``seconds`` longer while the block runs."""
        self.rows(f"""
            CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF starts_with(NEW.message_id, '{number}') THEN PERFORM pg_sleep({seconds}); END IF;
            RETURN NEW; END $$;
            CREATE TRIGGER slowly BEFORE INSERT ON turns FOR EACH ROW EXECUTE FUNCTION slowly()""")
        try:
            yield
        finally:
            self.rows("DROP FUNCTION slowly CASCADE")

    def wait_for_blocked(self, from_port: Optional[App] = None) -> None:
        """Until somebody (a process's own connection, where it is named) waits for what is held."""
        waiting = ("SELECT client_port FROM pg_stat_activity WHERE datname = current_database() "
                   "AND wait_event_type = 'Lock'")

        def blocked() -> bool:
            ports = {port for (port,) in self.rows(waiting)}
            if from_port is None:
                return bool(ports)
            return any(connection.laddr.port in ports for process in from_port.everyone()
                       for connection in process.net_connections("tcp"))

        until(blocked, "somebody waits for the table")
