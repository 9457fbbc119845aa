"""A newer model: which one is taken, that one load is done at a time, and that one that is no good changes nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot import model_reload
from bot.channels.web import WebInput
from bot.in_process import InProcessActions
from bot.knowledge_access import knowledge_base
from bot.model_reload import ModelReload, newest, stamp_of
from bot.model_trial import tried
from bot.observing import metrics
from bot.observing.metrics import Metrics
from bot.settings import CannotServe
from bot.training import ensure_model
from bot.tuning import InOrderRunner, tune
from tests.channels.messages import message
from tests.channels.server import REGIONS, FakeAgent, Server
from tests.observing.test_metrics import value
from tests.server.models import Change, repacked, with_json


def put(folder: Path, name: str, at: int, words: str = "x") -> Path:
    """A file in the place of a model, changed ``at`` seconds since 1970."""
    path = folder / f"linlitong-{name}.tar.gz"
    path.write_text(words)
    os.utime(path, (at, at))
    return path


# --- which one --------------------------------------------------------------------------------------


def test_the_newest_is_the_one_that_was_changed_last(tmp_path: Path) -> None:
    assert newest(tmp_path) is None and newest(tmp_path / "not there") is None
    put(tmp_path, "a", 300)
    put(tmp_path, "b", 100)
    assert newest(tmp_path) == stamp_of(tmp_path / "linlitong-a.tar.gz")
    put(tmp_path, "b", 301)
    assert newest(tmp_path) == stamp_of(tmp_path / "linlitong-b.tar.gz")


def test_only_whole_names_of_files_count(tmp_path: Path) -> None:
    (tmp_path / "linlitong-a.tar.gz.part").write_text("half a copy")
    (tmp_path / "other-a.tar.gz").write_text("x")
    (tmp_path / "linlitong-folder.tar.gz").mkdir()
    (tmp_path / "linlitong-nowhere.tar.gz").symlink_to(tmp_path / "gone")
    (tmp_path / ".training-x").mkdir()
    put(tmp_path / ".training-x", "a", 100)
    assert newest(tmp_path) is None


def test_another_file_under_the_same_name_is_another_model(tmp_path: Path) -> None:
    before = stamp_of(put(tmp_path, "a", 100))
    assert stamp_of(put(tmp_path, "a", 100, "longer")) != before
    other = put(tmp_path, "b", 100)
    os.replace(other, tmp_path / "linlitong-a.tar.gz")
    assert stamp_of(tmp_path / "linlitong-a.tar.gz") not in (before, None)


# --- one at a time ----------------------------------------------------------------------------------


class Place:
    """A models folder with something that serves, and the loads and swaps that were done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loaded: list[str] = []
        self.serves: list[str] = []
        self.held = threading.Event()
        self.held.set()
        self.fails: Exception | None = None
        self.on_load: Callable[[Path], None] = lambda _path: None
        self.learnt: list[str] = []
        self.reload = ModelReload(folder, put(folder, "first", 100), self._load, self.learnt.append, self.serves.append)

    def _load(self, path: Path) -> str:
        self.loaded.append(path.name)
        assert self.held.wait(20)
        words = path.read_text()
        self.on_load(path)
        if self.fails is not None:
            raise self.fails
        return words

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work``, then wait until nothing is under way."""
        async def whole() -> None:
            await work
            while self.reload._task is not None and not self.reload._task.done():
                await asyncio.sleep(0.005)

        asyncio.run(whole())

    def wish(self) -> None:
        async def once() -> None:
            self.reload.wish()

        self.run(once())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_newer_model_is_taken_and_one_that_serves_is_not_loaded_again(place: Place) -> None:
    place.wish()
    assert not place.loaded and place.reload.name == "linlitong-first"
    put(place.folder, "second", 200, "the second")
    place.wish()
    place.wish()
    assert place.serves == place.learnt == ["the second"] and len(place.loaded) == 1
    assert place.reload.name == "linlitong-second"
    put(place.folder, "second", 200, "the second, trained anew")
    place.wish()
    assert place.serves[1:] == ["the second, trained anew"]


def test_wishes_during_a_load_are_one_more_load(place: Place) -> None:
    put(place.folder, "second", 200, "the second")
    place.held.clear()

    async def work() -> None:
        place.reload.wish()
        while not place.loaded:
            await asyncio.sleep(0.005)
        put(place.folder, "third", 300, "the third")
        for _ in range(3):
            place.reload.wish()
            await asyncio.sleep(0.005)
        assert len(place.loaded) == 1, "not twice at once"
        place.held.set()

    place.run(work())
    assert place.serves == ["the second", "the third"] and len(place.loaded) == 2


def test_at_the_end_nothing_is_put_into_service_any_more(place: Place) -> None:
    put(place.folder, "second", 200)
    place.held.clear()

    async def work() -> None:
        place.reload.wish()
        while not place.loaded:
            await asyncio.sleep(0.005)
        await place.reload.stop()
        place.held.set()
        place.reload.wish()

    place.run(work())
    assert not place.serves and len(place.loaded) == 1


# --- refused ----------------------------------------------------------------------------------------


@pytest.fixture
def counting() -> Iterator[Metrics]:
    """The process's metrics, fresh."""
    metrics.switch_off()
    yield metrics.switch_on()
    metrics.switch_off()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_what_is_refused_is_told_once_and_changes_nothing(
        place: Place, caplog: pytest.LogCaptureFixture, counting: Metrics) -> None:
    bad = put(place.folder, "second", 200)
    place.fails = CannotServe(f"{bad} 谁都能改：请运行 chmod o-w {bad}；{place.folder} 也是")
    place.wish()
    assert not place.serves and not place.learnt and place.reload.name == "linlitong-first"
    told = place.reload.health()["model_refused"]
    assert told == f"{bad.name} 谁都能改：请运行 chmod o-w {bad.name}；模型文件夹 也是"
    [line] = lines(caplog)
    assert "继续用 linlitong-first.tar.gz" in line and f"chmod o-w {bad}" in line, "the engineer sees the path"
    place.fails = None
    place.wish()
    assert place.serves and place.reload.health() == {}
    assert [value(counting, "model_reloads_total", result=what) for what in ("ok", "refused")] == [1, 1]


def test_once_the_bad_one_is_gone_all_is_well_again(place: Place) -> None:
    place.fails = CannotServe("坏了")
    bad = put(place.folder, "second", 200)
    place.wish()
    assert place.reload.health()
    bad.unlink()
    place.wish()
    assert place.reload.health() == {} and not place.serves


def test_what_nobody_foresaw_is_told_by_its_kind_alone(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    put(place.folder, "second", 200)
    place.fails = ZeroDivisionError("of /some/path")
    place.wish()
    assert "ZeroDivisionError" in place.reload.health()["model_refused"]
    assert "path" not in place.reload.health()["model_refused"] and len(lines(caplog)) == 1
    place.fails = None
    place.wish()
    assert place.serves, "a wish after it is heard"


def test_no_model_at_all(place: Place) -> None:
    (place.folder / "linlitong-first.tar.gz").unlink()
    place.wish()
    told = place.reload.health()["model_refused"]
    assert "没有模型" in told and "make train" in told and str(place.folder) not in told


@pytest.mark.parametrize("how", ["written", "deleted"])
def test_one_that_changes_while_it_is_loaded_is_not_believed(place: Place, how: str) -> None:
    put(place.folder, "second", 200)

    def meanwhile(path: Path) -> None:
        if how == "written":
            path.write_text("half of another")
        else:
            path.rename(path.with_suffix(".old"))

    place.on_load = meanwhile
    place.wish()
    assert not place.serves and not place.learnt and "变了" in place.reload.health()["model_refused"]


def test_a_program_that_was_changed_since_it_started_needs_a_restart(
        place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(place.folder, "second", 200)
    monkeypatch.setattr(model_reload, "code", lambda: {name: "new" for name in place.reload._code})
    place.wish()
    assert "重启" in place.reload.health()["model_refused"] and not place.loaded


# --- what a model is tried by -----------------------------------------------------------------------


def without_rules(policy: dict[str, Any]) -> None:
    policy["lookup"]["rules"] = {}


def of_nothing(metadata: dict[str, Any]) -> None:
    next(node for name, node in metadata["predict_schema"]["nodes"].items()
         if "IntentClassifier" in name)["uses"] = "bot.nlu.classifier.NoSuchClass"


CHANGES: dict[str, tuple[str, Change, str]] = {
    "a component that is not there": ("metadata.json", with_json(of_nothing), "ImportError"),
    "half a file inside": ("intents.npz", lambda data: data[:1000], "BadZipFile"),
    "weights of other words": ("intents.json", with_json(lambda words: words["grams"].pop()), "ValueError"),
    "no rules": ("rule_policy.json", with_json(without_rules), "没有一条规则"),
    "an action that is not there": ("metadata.json", lambda data: data.replace(b"action_greet", b"action_sing"),
                                    "action_sing"),
    "no memory": ("metadata.json", lambda data: data.replace(b'"memory"', b'"another"'), "memory"),
    "another Rasa": ("metadata.json", lambda data: data.replace(b'"3.6.21"', b'"2.8.0"'), "装不进"),
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the trained model that nobody else trains away."""
    return Path(shutil.copy(ensure_model(), tmp_path_factory.mktemp("models") / "linlitong-trained.tar.gz"))


def endpoints() -> Any:
    return SimpleNamespace(action=InProcessActions(), tracker_store=None)


SERVING = SimpleNamespace(lock_store=None)


def test_a_good_model_passes(trained: Path) -> None:
    tune()
    before = knowledge_base()._margins
    agent, margins = tried(trained, endpoints(), SERVING)
    assert knowledge_base()._margins is before, "what it learnt serves only with it"
    knowledge_base().learn(margins)
    assert knowledge_base()._margins is margins
    knowledge_base().learn(before)
    assert isinstance(agent.processor.graph_runner, InOrderRunner), "as fast as the first"
    assert agent.is_ready() and not list(asyncio.run(agent.tracker_store.keys())), "nothing is kept of the trial"


@pytest.mark.parametrize("what", [*CHANGES])
def test_a_model_that_does_not_fit_is_refused(what: str, trained: Path, tmp_path: Path) -> None:
    file, change, said = CHANGES[what]
    model = repacked(trained, tmp_path / "linlitong-x.tar.gz", "x", file=file, change=change)
    with pytest.raises(CannotServe, match=said):
        tried(model, endpoints(), SERVING)


@pytest.mark.parametrize("what", ["half", "noise", "empty", "everybody's", "gone"])
def test_a_file_that_is_no_model_of_ours_is_refused_unread(
        what: str, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, whole = tmp_path / "linlitong-x.tar.gz", trained.read_bytes()
    model.write_bytes({"half": whole[:len(whole) // 2], "noise": os.urandom(5000), "empty": b""}.get(what, whole))
    if what == "everybody's":
        model.chmod(0o666)
    if what == "gone":
        model.unlink()
    monkeypatch.setattr("bot.model_trial.Agent", None)
    said = {"everybody's": "谁都能改", "gone": "读不了"}.get(what, "不完整")
    with pytest.raises(CannotServe, match=said) as refused:
        tried(model, endpoints(), SERVING)
    assert refused.value.__cause__ is None, "one sentence, no traceback"


# --- between two turns ------------------------------------------------------------------------------


def test_a_turn_under_way_ends_with_the_model_that_it_began_with(tmp_path: Path) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def bot(name: str, slow: bool) -> FakeAgent:
        async def answer(heard: UserMessage) -> None:
            arrived.set()
            while slow and not go_on.is_set():
                await asyncio.sleep(0.005)
            reply = message("ack")
            reply["text"] = name
            await heard.output_channel.send_response(heard.sender_id, reply)

        return FakeAgent(answer)

    def texts(answer: Any) -> list[str]:
        return [reply["text"] for reply in answer.json()["messages"]]

    with Server(WebInput(var=tmp_path, regions=lambda: REGIONS), bot("old", True)) as server:
        first, second = (server.session()["token"] for _ in range(2))
        got: list[str] = []
        thread = threading.Thread(target=lambda: got.extend(texts(server.post(first, "你好"))))
        thread.start()
        assert arrived.wait(20)
        server.app.ctx.agent = bot("new", False)
        assert texts(server.post(second, "你好")) == ["new"]
        go_on.set()
        thread.join(20)
        assert got == ["old"] and texts(server.post(first, "你好")) == ["new"]
