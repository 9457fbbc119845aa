"""Compares what residents were told with what lies in the database: the counts that every test of the city prints."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass

from tests.cluster.city import City
from tests.cluster.residents import Resident, Tally


@dataclass
class Books:
    """Counts over all residents; everything from ``lost`` on must be 0."""

    sent: int
    acknowledged: int
    #: Other tries: refused (by the error's code) or broken off, and sent again.
    again: dict[str, int]
    #: Acknowledged, and not in the database.
    lost: int
    #: Answered more than once: two turns, or heard twice by the bot.
    twice: int
    #: Acknowledged with other words than those stored.
    otherwise: int
    #: Turns whose order in the outbox is not the order in which the bot heard them, or (where the resident waited for
    #: each answer) not the order in which they were sent.
    out_of_order: int
    #: Times that the bot heard the next message before it was done with the last one.
    mixed: int

    def all_well(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.twice or self.otherwise or self.out_of_order or self.mixed)


def balance(city: City, everyone: list[Resident], tally: Tally, *, one_by_one: bool) -> Books:
    """The counts. ``one_by_one``: each resident waited for an answer before the next message."""
    turns: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for session, number, text in city.rows("SELECT session, message_id, text FROM turns ORDER BY number"):
        turns[session].append((number, text))
    replies: dict[tuple[str, str], list[object]] = defaultdict(list)
    for session, number, body, event_id in city.rows(
            "SELECT turns.session, message_id, body, id FROM replies JOIN turns ON number = turn ORDER BY id"):
        replies[session, number].append({**json.loads(body), "id": event_id, "in_reply_to": number})
    heard: dict[str, list[str]] = defaultdict(list)
    mixed = 0
    listening: dict[str, bool] = defaultdict(lambda: True)
    for sender, kind, action, data in city.rows(
            "SELECT sender_id, type_name, action_name, data FROM events ORDER BY id"):
        if kind == "user":
            text = str(json.loads(data)["text"])
            if not text.startswith("/"):
                mixed += not listening[sender]
                heard[sender].append(text)
                listening[sender] = False
        elif kind == "action" and action == "action_listen":
            listening[sender] = True
    lost = twice = otherwise = out_of_order = 0
    for one in everyone:
        kept = turns[one.id]
        counts, texts = Counter(number for number, _ in kept), Counter(heard[one.id])
        lost += sum(number not in counts for number in one.answers)
        twice += sum(count > 1 for count in counts.values()) + sum(count > 1 for count in texts.values())
        otherwise += sum(replies[one.id, number] != said for number, said in one.answers.items() if number in counts)
        asked = [text for _, text in kept]
        out_of_order += asked != heard[one.id]
        out_of_order += one_by_one and [number for number, _ in kept] != list(one.asked)
    return Books(tally.sent, tally.acknowledged, dict(tally.again), lost, twice, otherwise, out_of_order, mixed)
