"""The simulator's own cipher against the published vectors, so that it is no mirror of the channel's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.wechat_simulator.cipher import Cipher, CipherError, sign

VECTORS = json.loads((Path(__file__).parent.parent / "channels" / "wechat" / "vectors.json").read_text("utf-8"))


def _named(kind: str) -> list[Any]:
    found = [pytest.param(item, id=item["name"]) for item in VECTORS if item["kind"] == kind]
    assert found
    return found


@pytest.mark.parametrize("vector", _named("decrypt"))
def test_published_messages_open(vector: dict[str, str]) -> None:
    assert sign(vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"]) == vector["sig"]
    assert Cipher(vector["key"], vector["id"]).decrypt(vector["encrypt"])


@pytest.mark.parametrize("vector", _named("encrypt"))
def test_published_replies_come_out_bit_for_bit(vector: dict[str, str]) -> None:
    made = Cipher(vector["key"], vector["id"]).encrypt(vector["plain"].encode(), vector["random16"].encode())
    assert made == vector["encrypt"]
    assert sign(vector["token"], vector["timestamp"], vector["nonce"], made) == vector["sig"]


@pytest.mark.parametrize("vector", _named("sig3"))
def test_published_signatures_of_the_url_check(vector: dict[str, str]) -> None:
    assert sign(vector["token"], vector["timestamp"], vector["nonce"]) == vector["sig"]


@pytest.mark.parametrize(("sent", "why"), [
    ("%%%", "Base64"), ("AAAA", "倍数"), ("", "倍数"), ("A" * 43 + "=", "填充"),
])
def test_what_nobody_encrypted_is_refused(sent: str, why: str) -> None:
    with pytest.raises(CipherError, match=why):
        Cipher("a" * 43, "wx1").decrypt(sent)


def test_another_accounts_message_is_refused() -> None:
    sent = Cipher("a" * 43, "wx1").encrypt("您好".encode())
    assert Cipher("a" * 43, "wx1").decrypt(sent).decode() == "您好"
    with pytest.raises(CipherError, match="AppID"):
        Cipher("a" * 43, "wx2").decrypt(sent)
