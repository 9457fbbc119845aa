"""Real PostgreSQL, Redis and nginx for tests: one of each a test process, started when a test first asks for it.

Fixtures (session-scoped): ``postgres`` and ``redis_server`` are handles (stop, restart, kill, pause …),
``postgres_url`` and ``redis_url`` their addresses, ``nginx`` starts nginx on a configuration. Whoever breaks a
service in a test mends it before the test ends: the next test has the same one.

Where one is not installed the test is skipped with the name of the Debian package; with CI=true it fails.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Optional

import psutil
import pytest

#: Seconds that a service may take to start or end; each takes well under one on an idle machine.
PATIENCE_S = 60.0
_PR_SET_PDEATHSIG = 1
#: Children are told to end when the thread that started them ends: so it must be one that lasts as long as the tests.
_starter = ThreadPoolExecutor(1, thread_name_prefix="services")


def missing(program: str, package: str) -> None:
    """Skip the test because ``program`` (Debian's ``package``) is not there; under CI=true fail it."""
    words = f"{program} is not installed (apt-get install {package})"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{words}: under CI=true nothing may be skipped", pytrace=False)
    pytest.skip(words)


def until(look: Callable[[], Any], what: str, seconds: float = PATIENCE_S, every_s: float = 0.02) -> Any:
    """What ``look`` gives once it is true; fails after ``seconds`` with ``what``."""
    ends = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < ends, f"{what}: not within {seconds} s"
        time.sleep(every_s)
    return found


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether a connection to the loopback ``port`` is taken."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Service:
    """One process and its children, in a folder of its own under /tmp that only the service's user reads."""

    name = "service"
    #: What the process gets when the tests themselves are killed; it must take the process's children along.
    farewell = signal.SIGKILL
    #: Seconds that it may take to serve.
    patience = PATIENCE_S
    #: Seconds between two looks whether it does.
    look_every_s = 0.02

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"linlitong-{self.name}-"))
        self.log = self.folder / "log"
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._paused: list[psutil.Process] = []

    # --- what a subclass says -------------------------------------------------------------------

    def command(self) -> list[str]:
        """The command line of the process, which stays in the foreground."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether it serves."""
        return listens(self.port)

    def options(self) -> dict[str, Any]:
        """More for Popen, such as ``user`` and ``group`` where it may not run as ours."""
        return {}

    # --- what tests do with it -------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The process's id; it must be running."""
        assert self._process is not None, f"{self.name} does not run"
        return self._process.pid

    def start(self) -> None:
        """Start it on its port and wait until it serves."""
        self.begin()
        try:
            until(self._up, f"{self.name} starts", self.patience, self.look_every_s)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.printed()[-2000:]}") from None

    def begin(self) -> None:
        """Start it and do not wait."""
        assert self._process is None, f"{self.name} runs already"
        self._process = _starter.submit(self._spawn).result()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end and wait for that."""
        self.resume()
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_S)
            self._process = None

    def kill(self) -> None:
        """SIGKILL to the process and all its children."""
        everyone = self.everyone()
        for one in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        if self._process is not None:
            self._process.wait(PATIENCE_S)
            self._process = None
        psutil.wait_procs(everyone, timeout=PATIENCE_S)
        self._paused = []

    def restart(self) -> None:
        """Stop it in good order and start it on the same port with the same data."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """SIGSTOP: connections stay open, nothing is answered; until ``resume``."""
        self._paused = self.everyone()
        for one in self._paused:
            one.suspend()

    def resume(self) -> None:
        """End of ``pause``."""
        for one in self._paused:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.resume()
        self._paused = []

    def mend(self) -> None:
        """Running again, whatever a test did."""
        self.resume()
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        if self._process is None:
            self.start()

    def close(self) -> None:
        """End it and remove its folder."""
        self.resume()
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def printed(self) -> str:
        """What it wrote on the screen."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def _up(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"{self.name} ended at its start"
        return self.ready()

    def everyone(self) -> list[psutil.Process]:
        """The process and its children; empty where it does not run."""
        if self._process is None or self._process.poll() is not None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            head = psutil.Process(self._process.pid)
            return [head, *head.children(recursive=True)]
        return []

    def _spawn(self) -> subprocess.Popen[bytes]:
        libc, farewell, ours = ctypes.CDLL(None), int(self.farewell), os.getpid()

        def ends_with_us() -> None:
            libc.prctl(_PR_SET_PDEATHSIG, farewell)
            if os.getppid() != ours:
                os._exit(1)

        with self.log.open("ab") as output:
            return subprocess.Popen(self.command(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output,
                                    stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=ends_with_us,
                                    **self.options())


class Postgres(Service):
    """A PostgreSQL cluster; its user is a superuser of it, so that tests may lock, cancel and terminate.

    Without fsync, which only a crash of the machine would miss: what is committed outlives ``kill``.
    """

    name = "postgres"
    farewell = signal.SIGQUIT
    user = "linlitong"
    password = "pw-of-the-tests"

    def __init__(self, programs: Path) -> None:
        super().__init__()
        self._programs = programs
        self._data = self.folder / "data"
        self._initialise()

    @property
    def url(self) -> str:
        """The address of a database that is there from the start."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The address of ``database``."""
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """The address of a new, empty database."""
        name = f"d{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url_of(name)

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own; the rows it gives."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def connect(self, database: str = "postgres") -> Any:
        """A psycopg2 connection in autocommit; the caller closes it."""
        import psycopg2

        connection = psycopg2.connect(self.url_of(database), connect_timeout=5)
        connection.autocommit = True
        return connection

    def command(self) -> list[str]:
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
                    "full_page_writes": "off", "shared_buffers": "32MB", "max_connections": 100, "jit": "off",
                    "logging_collector": "off"}
        return [str(self._programs / "postgres"), "-D", str(self._data),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))]

    def ready(self) -> bool:
        import psycopg2

        try:
            self.execute("SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True

    def options(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        them = pwd.getpwnam("postgres")  # as root it refuses to run
        return {"user": them.pw_uid, "group": them.pw_gid, "extra_groups": []}

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT, its fast shutdown: open connections are ended, not waited for."""
        super().stop(how)

    def _initialise(self) -> None:
        word = self.folder / "word"
        word.write_text(self.password)
        if account := self.options():
            for path in (self.folder, word):
                os.chown(path, account["user"], account["group"])
        done = subprocess.run(
            [str(self._programs / "initdb"), "-D", str(self._data), "-U", self.user, "--pwfile", str(word), "--no-sync",
             "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"],
            cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE_S, **account)
        assert done.returncode == 0, done.stdout + done.stderr


class Redis(Service):
    """A Redis that keeps nothing on disk, with a password."""

    name = "redis"
    password = "pw-of-the-tests"

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def client(self) -> Any:
        """A blocking client; the caller closes it."""
        import redis

        return redis.Redis.from_url(self.url, socket_timeout=5)

    def command(self) -> list[str]:
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--requirepass", self.password, "--dir", str(self.folder), "--daemonize", "no"]

    def ready(self) -> bool:
        import redis

        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class Nginx(Service):
    """nginx on a configuration. ``configuration`` gives its text from the free port and the folder it may write in."""

    name = "nginx"
    farewell = signal.SIGTERM  # SIGKILL would leave its workers

    def __init__(self, configuration: Callable[[int, Path], str]) -> None:
        super().__init__()
        os.chmod(self.folder, 0o755)  # its workers have another user where it is started by root
        self.file = self.folder / "nginx.conf"
        self.url = f"http://127.0.0.1:{self.port}"
        self.file.write_text(configuration(self.port, self.folder), encoding="utf-8")

    def command(self) -> list[str]:
        return ["nginx", "-p", str(self.folder), "-c", str(self.file), "-g", "daemon off;"]

    def check(self) -> subprocess.CompletedProcess[str]:
        """``nginx -t`` on the configuration."""
        return subprocess.run(["nginx", "-t", "-p", str(self.folder), "-c", str(self.file)],
                              capture_output=True, text=True, timeout=PATIENCE_S)


def _postgres_programs() -> Path:
    """The folder of ``postgres`` and ``initdb``; skips or fails where they are missing."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if found := shutil.which("initdb"):
        known.append(Path(found).resolve().parent)
    usable = [folder for folder in known if (folder / "initdb").exists() and (folder / "postgres").exists()]
    if not usable:
        missing("PostgreSQL", "postgresql")
    return usable[-1]


@contextlib.contextmanager
def running(service: Service) -> Iterator[Service]:
    """``service``, started; ended and removed whatever happens."""
    try:
        service.start()
        yield service
    finally:
        service.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """This test process's own PostgreSQL."""
    with running(server := Postgres(_postgres_programs())):
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """The address of a database of ``postgres``; ``postgres.fresh()`` gives an empty one."""
    return postgres.url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """This test process's own Redis."""
    if shutil.which("redis-server") is None:
        missing("Redis", "redis-server")
    with running(server := Redis()):
        yield server


@pytest.fixture(scope="session")
def redis_url(redis_server: Redis) -> str:
    """The address of ``redis_server``."""
    return redis_server.url


@pytest.fixture(scope="session")
def nginx() -> Iterator[Callable[[Callable[[int, Path], str]], Nginx]]:
    """``nginx(configuration)`` gives a running nginx, see ``Nginx``; all of them end with the tests."""
    if shutil.which("nginx") is None:
        missing("nginx", "nginx")
    with contextlib.ExitStack() as servers:
        def run(configuration: Callable[[int, Path], str]) -> Nginx:
            server = Nginx(configuration)
            servers.enter_context(running(server))
            return server

        yield run
