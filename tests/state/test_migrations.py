"""Tables: made at the first start, the same by migrations, brought up to date once, refused when they are newer."""

from __future__ import annotations

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.settings import PROJECT, CannotServe
from bot.state import preparing, schema
from bot.state.database import Database
from bot.state.preparing import alembic_config, stamp_of
from tests.support.databases import Databases
from tests.support.services import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """The address of a database in which nothing ever was."""
    if request.param == "sqlite":
        return tmp_path / "var" / "state.db"
    address: str = request.getfixturevalue("postgres").fresh()
    return address


def engine_of(address: Path | str) -> sa.engine.Engine:
    if isinstance(address, Path):
        address.parent.mkdir(exist_ok=True)
        address = f"sqlite:///{address}"
    return sa.create_engine(address, future=True)


def shape(engine: sa.engine.Engine) -> dict[str, Any]:
    """Tables with columns, keys and indexes, as the database tells them."""
    found = sa.inspect(engine)
    return {table: {
        "columns": [(column["name"], str(column["type"]), column["nullable"], column["default"])
                    for column in found.get_columns(table)],
        "key": found.get_pk_constraint(table)["constrained_columns"],
        "indexes": sorted((index["name"], tuple(index["column_names"])) for index in found.get_indexes(table)),
        "unique": sorted((item["name"], tuple(item["column_names"])) for item in found.get_unique_constraints(table)),
        "foreign": [(item["constrained_columns"], item["referred_table"], item["options"])
                    for item in found.get_foreign_keys(table)],
    } for table in found.get_table_names()}


def test_the_newest_migration_is_the_one_the_code_is_written_for() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert scripts.get_heads() == [schema.VERSION]


def test_a_first_start_makes_what_the_migrations_make(empty: Path | str, tmp_path: Path, request: Any) -> None:
    assert Database(empty).prepare() == ""
    other: Path | str = tmp_path / "migrated.db" if isinstance(empty, Path) else \
        request.getfixturevalue("postgres").fresh()
    engine = engine_of(other)
    with engine.begin() as db:
        command.upgrade(alembic_config(db), "head")
    first, migrated = engine_of(empty), engine
    assert shape(first) == shape(migrated)
    for made in (first, migrated):
        with made.connect() as db:
            assert stamp_of(db) == schema.VERSION
            context = MigrationContext.configure(db, opts={"compare_type": True})
            found = compare_metadata(context, schema.metadata)
            assert [change for change in found if "sqlite_sequence" not in str(change)] == []


def test_numbers_are_never_given_again(state: Databases) -> None:
    state().prepare()
    if state.embedded:
        made = dict(state.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        assert all("AUTOINCREMENT" in made[name] for name in ("events", "turns", "replies"))


def test_a_second_start_changes_nothing(empty: Path | str) -> None:
    Database(empty).prepare()
    before = shape(engine_of(empty))
    assert Database(empty).prepare() == schema.VERSION
    assert shape(engine_of(empty)) == before


def test_many_processes_may_start_at_once(empty: Path | str) -> None:
    with ThreadPoolExecutor(8) as starts:
        found = list(starts.map(lambda _: Database(empty).prepare(), range(8)))
    assert sorted(found) == ["", *[schema.VERSION] * 7] or set(found) == {"", schema.VERSION}
    engine = engine_of(empty)
    with engine.connect() as db:
        assert db.execute(sa.text("SELECT count(*) FROM alembic_version")).scalar() == 1


def test_a_newer_database_is_refused_and_left_alone(empty: Path | str) -> None:
    Database(empty).prepare()
    engine = engine_of(empty)
    with engine.begin() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    before = shape(engine)
    with pytest.raises(CannotServe, match="更新的版本用过"):
        Database(empty).prepare()
    assert shape(engine) == before


def test_an_older_database_is_brought_up_to_date(empty: Path | str, monkeypatch: pytest.MonkeyPatch,
                                                 tmp_path: Path) -> None:
    """The next release's migration, as its author would write it."""
    Database(empty).prepare()
    copy = tmp_path / "release"
    shutil.copytree(Path(preparing.__file__).parent / "migrations", copy / "migrations")
    (copy / "migrations" / "versions" / "0002_next.py").write_text(
        'import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = "0002", "0001"\n'
        'def upgrade():\n    with op.batch_alter_table("feedback") as table:\n'
        '        table.add_column(sa.Column("stars", sa.Integer(), nullable=False, server_default="0"))\n')
    monkeypatch.setattr(preparing, "__file__", str(copy / "preparing.py"))
    monkeypatch.setattr(schema, "VERSION", "0002")
    with ThreadPoolExecutor(4) as starts:
        found = list(starts.map(lambda _: Database(empty).prepare(), range(4)))
    assert found.count("0001") >= 1 and set(found) <= {"0001", "0002"}
    assert "stars" in [name for name, *_ in shape(engine_of(empty))["feedback"]["columns"]]
    # A failing one leaves the database as it was.
    (copy / "migrations" / "versions" / "0003_bad.py").write_text(
        'from alembic import op\nrevision, down_revision = "0003", "0002"\n'
        'def upgrade():\n    op.drop_table("probe")\n    op.drop_table("no_such_table")\n')
    monkeypatch.setattr(schema, "VERSION", "0003")
    with pytest.raises(CannotServe):
        Database(empty).prepare()
    engine = engine_of(empty)
    with engine.connect() as db:
        assert stamp_of(db) == "0002" and sa.inspect(db).has_table("probe")


@pytest.mark.parametrize("starts", ["first", "second"])
def test_alembic_and_psycopg2_are_not_loaded_where_nothing_needs_them(tmp_path: Path, starts: str) -> None:
    path = tmp_path / "state.db"
    if starts == "second":
        Database(path).prepare()
    code = (f"import sys; from pathlib import Path; from bot.state.database import Database; "
            f"Database(Path({str(path)!r})).prepare(); "
            f"print([name for name in ('alembic', 'psycopg2', 'redis') if name in sys.modules])")
    done = run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_migrate_says_what_it_did(tmp_path: Path, postgres: Postgres) -> None:
    env = {**os.environ, "LINLITONG_VAR": str(tmp_path / "var"), "STATE_URL": postgres.fresh(),
           "LINLITONG_SECRET": "0123456789abcdef" * 2 + "zyxw"}
    said = [run([sys.executable, "-m", "bot", "migrate"], cwd=PROJECT, env=env, capture_output=True, text=True,
                timeout=120).stdout for _ in range(2)]
    assert said == [f"数据库建好了（{schema.VERSION}）。\n", f"数据库已经是最新的（{schema.VERSION}）。\n"]
    del env["LINLITONG_SECRET"]
    done = run([sys.executable, "-m", "bot", "migrate"], cwd=PROJECT, env=env, capture_output=True, text=True,
               timeout=120)
    assert done.returncode == 3 and "要设 LINLITONG_SECRET" in done.stderr and postgres.password not in done.stderr
