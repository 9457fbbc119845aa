"""The tables of residents' state. What is here is also in ``migrations/versions``; a test holds the two together.

Columns named ``session``, ``sender_id``, ``conversation`` and ``person`` all hold the key of one resident's
conversation; ``RESIDENTS`` names them. Times are seconds since 1970, texts are what the stores wrote as JSON or words.
"""

from __future__ import annotations

import sqlalchemy as sa

#: The migration that this code is written for; the newest file of ``migrations/versions``.
VERSION = "0001"

metadata = sa.MetaData()
_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
#: Eight bytes in both databases.
_Time = sa.Float(53)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)


def _time(name: str) -> sa.Column:
    return sa.Column(name, _Time, nullable=False)


def _id(name: str) -> sa.Column:
    return sa.Column(name, _Number, primary_key=True, autoincrement=True)


#: What Rasa remembers of a conversation; the columns are those of Rasa's own SQL store.
events = sa.Table(
    "events", metadata, _id("id"),
    sa.Column("sender_id", sa.String(255), nullable=False), sa.Column("type_name", sa.String(255), nullable=False),
    sa.Column("timestamp", _Time), sa.Column("intent_name", sa.String(255)), sa.Column("action_name", sa.String(255)),
    sa.Column("data", sa.Text),
    sa.Index("events_sender", "sender_id", "id"), sa.Index("events_timestamp", "timestamp"), sqlite_autoincrement=True)

#: One message and its replies. Numbers are never used again, so that a page's last event id stays true.
turns = sa.Table(
    "turns", metadata, _id("number"), _text("session"), _text("message_id"), _text("text"), _time("at"),
    sa.UniqueConstraint("session", "message_id", name="turns_message"),
    sa.Index("turns_session", "session", "number"), sa.Index("turns_at", "at"), sqlite_autoincrement=True)
replies = sa.Table(
    "replies", metadata, _id("id"),
    sa.Column("turn", _Number, sa.ForeignKey("turns.number", ondelete="CASCADE", name="replies_of_turn"),
              nullable=False),
    _text("session"), _text("body"),
    sa.Index("replies_session", "session", "id"), sa.Index("replies_turn", "turn"), sqlite_autoincrement=True)
feedback = sa.Table(
    "feedback", metadata, sa.Column("session", sa.Text, primary_key=True),
    sa.Column("answer_id", sa.Text, primary_key=True), sa.Column("helpful", sa.Integer, nullable=False),
    _text("comment"), _time("at"), sa.Index("feedback_at", "at"))

wechat_messages = sa.Table(
    "wechat_messages", metadata, sa.Column("key", sa.Text, primary_key=True), _text("conversation"), _text("question"),
    _time("first_at"), sa.Column("tries", sa.Integer, nullable=False), _text("owner"), _time("lease"),
    sa.Column("answer", sa.Text), sa.Column("reply", sa.Text), sa.Column("carried_at", _Time),
    sa.Column("gave_up", sa.Integer, nullable=False, server_default="0"),
    sa.Index("wechat_messages_conversation", "conversation", "first_at"), sa.Index("wechat_messages_at", "first_at"))
wechat_requests = sa.Table(
    "wechat_requests", metadata, sa.Column("request", sa.Text, primary_key=True), _text("key"), _time("at"),
    sa.Index("wechat_requests_at", "at"))
wechat_conversations = sa.Table(
    "wechat_conversations", metadata, sa.Column("conversation", sa.Text, primary_key=True), _text("state"),
    _time("at"), sa.Index("wechat_conversations_at", "at"))
wechat_cards = sa.Table(
    "wechat_cards", metadata, sa.Column("id", sa.Text, primary_key=True), _text("conversation"), _text("body"),
    _time("ends"), sa.Column("number", sa.Integer, nullable=False),
    sa.Index("wechat_cards_conversation", "conversation", "number"), sa.Index("wechat_cards_ends", "ends"))
wechat_windows = sa.Table(
    "wechat_windows", metadata, sa.Column("person", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True), _time("ends"), sa.Column("remain", sa.Integer, nullable=False),
    sa.Index("wechat_windows_ends", "ends"))
#: Of an account, not of a resident.
wechat_tokens = sa.Table(
    "wechat_tokens", metadata, sa.Column("appid", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, nullable=False, server_default=""),
    sa.Column("ends", _Time, nullable=False, server_default="0"),
    sa.Column("lease", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_ends", _Time, nullable=False, server_default="0"))
wechat_forced = sa.Table("wechat_forced", metadata, _id("number"), _text("appid"), _time("at"))

#: Written to find out whether writing works; more than a page, so that it does not fit into what is left over.
probe = sa.Table(
    "probe", metadata, sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("filling", sa.LargeBinary, nullable=False))

#: table → the column with the resident's key. Everything kept of residents is in these.
RESIDENTS: dict[str, str] = {
    "events": "sender_id", "turns": "session", "replies": "session", "feedback": "session",
    "wechat_messages": "conversation", "wechat_conversations": "conversation", "wechat_cards": "conversation",
    "wechat_windows": "person"}
