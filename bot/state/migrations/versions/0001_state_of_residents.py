"""The tables as they were when everything moved into one database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.Float(precision=53)


def _column(name: str, kind: sa.types.TypeEngine, nullable: bool = False, **more: object) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable, **more)


def _texts(*names: str) -> list[sa.Column]:
    return [_column(name, sa.Text()) for name in names]


def _index(table: str, name: str, *columns: str) -> None:
    op.create_index(f"{table}_{name}", table, list(columns))


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "events", _column("id", _NUMBER, autoincrement=True), _column("sender_id", sa.String(255)),
        _column("type_name", sa.String(255)), _column("timestamp", _TIME, True),
        _column("intent_name", sa.String(255), True), _column("action_name", sa.String(255), True),
        _column("data", sa.Text(), True), sa.PrimaryKeyConstraint("id"), sqlite_autoincrement=True)
    _index("events", "sender", "sender_id", "id")
    _index("events", "timestamp", "timestamp")
    op.create_table(
        "turns", _column("number", _NUMBER, autoincrement=True), *_texts("session", "message_id", "text"),
        _column("at", _TIME), sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("session", "message_id", name="turns_message"), sqlite_autoincrement=True)
    _index("turns", "session", "session", "number")
    _index("turns", "at", "at")
    op.create_table(
        "replies", _column("id", _NUMBER, autoincrement=True), _column("turn", _NUMBER), *_texts("session", "body"),
        sa.ForeignKeyConstraint(["turn"], ["turns.number"], name="replies_of_turn", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"), sqlite_autoincrement=True)
    _index("replies", "session", "session", "id")
    _index("replies", "turn", "turn")
    op.create_table(
        "feedback", *_texts("session", "answer_id"), _column("helpful", sa.Integer()), *_texts("comment"),
        _column("at", _TIME), sa.PrimaryKeyConstraint("session", "answer_id"))
    _index("feedback", "at", "at")
    _wechat()
    op.create_table("probe", _column("number", sa.Integer(), autoincrement=False),
                    _column("filling", sa.LargeBinary()), sa.PrimaryKeyConstraint("number"))


def _wechat() -> None:
    op.create_table(
        "wechat_messages", *_texts("key", "conversation", "question"), _column("first_at", _TIME),
        _column("tries", sa.Integer()), *_texts("owner"), _column("lease", _TIME), _column("answer", sa.Text(), True),
        _column("reply", sa.Text(), True), _column("carried_at", _TIME, True),
        _column("gave_up", sa.Integer(), server_default="0"), sa.PrimaryKeyConstraint("key"))
    _index("wechat_messages", "conversation", "conversation", "first_at")
    _index("wechat_messages", "at", "first_at")
    op.create_table("wechat_requests", *_texts("request", "key"), _column("at", _TIME),
                    sa.PrimaryKeyConstraint("request"))
    _index("wechat_requests", "at", "at")
    op.create_table("wechat_conversations", *_texts("conversation", "state"), _column("at", _TIME),
                    sa.PrimaryKeyConstraint("conversation"))
    _index("wechat_conversations", "at", "at")
    op.create_table("wechat_cards", *_texts("id", "conversation", "body"), _column("ends", _TIME),
                    _column("number", sa.Integer()), sa.PrimaryKeyConstraint("id"))
    _index("wechat_cards", "conversation", "conversation", "number")
    _index("wechat_cards", "ends", "ends")
    op.create_table("wechat_windows", *_texts("person", "kind"), _column("ends", _TIME),
                    _column("remain", sa.Integer()), sa.PrimaryKeyConstraint("person", "kind"))
    _index("wechat_windows", "ends", "ends")
    op.create_table(
        "wechat_tokens", *_texts("appid"), _column("token", sa.Text(), server_default=""),
        _column("ends", _TIME, server_default="0"), _column("lease", sa.Text(), server_default=""),
        _column("lease_ends", _TIME, server_default="0"), sa.PrimaryKeyConstraint("appid"))
    op.create_table("wechat_forced", _column("number", _NUMBER, autoincrement=True), *_texts("appid"),
                    _column("at", _TIME), sa.PrimaryKeyConstraint("number"))
