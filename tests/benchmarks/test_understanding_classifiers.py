"""Reading labelled sentences, the models, and the table."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.errors import CannotMeasure
from benchmarks.understanding.__main__ import _options
from benchmarks.understanding.classifiers import Fold, _rows
from benchmarks.understanding.comparison import Comparison, Row, read, write
from benchmarks.understanding.encoders import USE
from benchmarks.understanding.labelled import Sentences, read_outside, read_training
from benchmarks.understanding.metrics import Score
from benchmarks.understanding.models import KINDS, STOCK, SYSTEMS, LinearModel, System, mean, systems
from benchmarks.understanding.tune import Setting, means, ranked
from tests.benchmarks.test_understanding_report import MACHINE


def toy(times: int = 6) -> Sentences:
    """Two labels that differ in their characters and in the first number of their vectors."""
    said = [f"{word}{number}" for number in range(times) for word in ("好的", "不行")]
    vectors = np.array([[1.0, 0.1], [-1.0, 0.1]] * times, dtype=np.float32)
    return Sentences(said, said, ["yes", "no"] * times, {USE: vectors})


def test_training_sentences_are_read_from_all_folders_once(tmp_path: Path) -> None:
    (tmp_path / "styles").mkdir()
    (tmp_path / "a.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - 你好\n    - 您好\n", "utf-8")
    (tmp_path / "styles" / "typo.yml").write_text(
        "nlu:\n- intent: greet\n  metadata: {style: typo}\n  examples: |\n    - 你好\n    - 泥嚎\n", "utf-8")
    assert read_training(tmp_path) == [("你好", "greet"), ("您好", "greet"), ("泥嚎", "greet")]


def test_the_outside_set_is_a_table_with_a_header(tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text("text\tlabel\n打开电视\ttv\n放首歌\tmusic\n", "utf-8")
    assert read_outside(tmp_path, "test") == [("打开电视", "tv"), ("放首歌", "music")]
    (tmp_path / "bad.tsv").write_text("text\tlabel\n没有标签\n", "utf-8")
    for name in ("bad", "missing"):
        with pytest.raises(CannotMeasure):
            read_outside(tmp_path, name)


@pytest.mark.parametrize("model", [LinearModel((), longest=2, strength=10), LinearModel((USE,), longest=0, strength=10),
                                   LinearModel((USE,), longest=2, strength=10, weight=2)])
def test_every_view_learns(model: LinearModel) -> None:
    model.fit(toy())
    chances = model.chances(toy(2))
    assert model.labels == ["no", "yes"]
    assert [model.labels[place] for place in chances.argmax(axis=1)] == ["yes", "no", "yes", "no"]
    assert chances.sum(axis=1) == pytest.approx(np.ones(4))
    assert model.megabytes() > 0


def test_systems_need_their_encoders() -> None:
    assert all(name in KINDS for system in SYSTEMS for name in system.models)
    without = systems([USE], stock=False)
    assert not any("e5" in name or name == STOCK for system in without for name in system.models)
    assert len(systems([USE, "e5"], stock=True)) == len(SYSTEMS)


def test_a_mean_is_measured_from_its_models(monkeypatch: pytest.MonkeyPatch) -> None:
    import benchmarks.understanding.classifiers as module

    monkeypatch.setattr(module, "systems", lambda encoders, stock: [System("n-grams", ("ngrams",)),
                                                                    System("both", ("ngrams", "meaning"))])
    monkeypatch.setattr(module, "encoder", lambda name: lambda texts: np.zeros((len(texts), 2), dtype=np.float32))
    rows = _rows([Fold(toy(), toy(2))] * 2, [USE], stock_folds=0, say=lambda text: None)
    assert [(row.title, row.score.accuracy, row.tested) for row in rows] == [("n-grams", 1.0, 8), ("both", 1.0, 8)]
    assert rows[1].megabytes > rows[0].megabytes + 1 and rows[1].ms > rows[0].ms


def test_the_geometric_mean_lets_a_doubt_count() -> None:
    one, other = np.array([[0.6, 0.4]]), np.array([[0.5, 0.5]])
    sure = np.array([[0.0, 1.0]])
    assert mean([one, other], geometric=False) == pytest.approx(np.array([[0.55, 0.45]]))
    found = mean([one, sure], geometric=True)
    assert found.sum() == pytest.approx(1) and 0 < found[0, 0] < 0.01


def test_the_table_has_a_row_a_system(tmp_path: Path) -> None:
    row = Row("USE, LR", Score(0.9, 0.8, 0.85), 100, 4.321, 33.0, 2.5)
    write([Comparison("Ours", "five folds", [row], MACHINE)], tmp_path)
    text = (tmp_path / "classifiers.md").read_text()
    assert "| USE, LR | 0.9000 | 0.8000 | 0.8500 | 100 | 4.3 | 33.0 | 2.5 |" in text
    assert read(tmp_path) == [Comparison("Ours", "five folds", [row], MACHINE)]


def test_what_an_earlier_run_found_on_other_sentences_stays(tmp_path: Path) -> None:
    for title, note in (("Ours", "old"), ("Outside", "first"), ("Ours", "new")):
        found = write([Comparison(title, note, [], MACHINE)], tmp_path)
    assert [(one.title, one.note) for one in found] == [("Outside", "first"), ("Ours", "new")]
    assert "old" not in (tmp_path / "classifiers.md").read_text()


@pytest.mark.parametrize("given", [["--tune"], ["--open-sealed"], ["--no-own"], ["--fit", "--classifiers"],
                                   ["--parts", "last"]])
def test_options_that_make_no_sense_are_refused(given: list[str]) -> None:
    with pytest.raises(SystemExit):
        _options(given)


def test_settings_are_ranked_with_their_means() -> None:
    settings = [Setting("n-grams", "grams", lambda: LinearModel((), longest=2, strength=10)),
                Setting("USE", "meaning", lambda: LinearModel((USE,), longest=0, strength=10)),
                Setting("USE", "weaker", lambda: LinearModel((USE,), longest=0, strength=1))]
    assert [len(chosen) for chosen in means(settings)] == [1, 1, 1, 2, 2]
    lines = ranked(toy(10), settings, lambda text: None).splitlines()
    assert len(lines) == 2 + 7 and "| grams + meaning | 1.0000 | 1.0000 |" in lines
