"""Signatures and encryption: every published example, and what must hold for any message."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.codec import BLOCK, Codec, CodecError, check_signature, signature
from tests.channels.wechat.phone import KEY

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
APPID = "wx1234567890abcdef"


def of_kind(kind: str) -> list[Any]:
    return [pytest.param(item, id=item["name"]) for item in VECTORS if item["kind"] == kind]


def refused(encrypted: str | bytes, code: str, codec: Codec | None = None) -> None:
    with pytest.raises(CodecError) as error:
        (codec or Codec(KEY, APPID)).decrypt(encrypted)
    assert error.value.code == code


def sealed(plain: bytes, key: str = KEY) -> bytes:
    """Any bytes, encrypted as they are, in base64."""
    raw = base64.b64decode(key + "=")
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize())


def test_every_example_names_where_it_is_from() -> None:
    assert len(VECTORS) == 12
    assert {item["kind"] for item in VECTORS} == {"decrypt", "encrypt", "sig3"}
    assert all(item["src"] for item in VECTORS)


@pytest.mark.parametrize("item", of_kind("decrypt"))
def test_published_messages_are_opened(item: dict[str, Any]) -> None:
    check_signature(item["sig"], item["token"], item["timestamp"], item["nonce"], item["encrypt"])
    opened = Codec(item["key"], item["id"]).decrypt(item["encrypt"])
    assert opened.startswith(b"<xml>") or opened.decode("utf-8").isdigit()


def test_the_published_echo_is_opened() -> None:
    item = next(item for item in VECTORS if item["name"] == "tencent-wecom doc 90968 echostr")
    assert Codec(item["key"], item["id"]).decrypt(item["encrypt"]) == item["plain"].encode()


@pytest.mark.parametrize("item", of_kind("encrypt"))
def test_published_replies_come_out_to_the_byte(item: dict[str, Any]) -> None:
    codec = Codec(item["key"], item["id"])
    assert codec.encrypt(item["plain"].encode(), item["random16"].encode()) == item["encrypt"]
    assert signature(item["token"], item["timestamp"], item["nonce"], item["encrypt"]) == item["sig"]
    assert codec.decrypt(item["encrypt"]) == item["plain"].encode()


@pytest.mark.parametrize("item", of_kind("sig3"))
def test_published_signatures(item: dict[str, Any]) -> None:
    check_signature(item["sig"], item["token"], item["timestamp"], item["nonce"])


@pytest.mark.parametrize("item", of_kind("decrypt"))
def test_a_published_message_is_not_for_another_account(item: dict[str, Any]) -> None:
    refused(item["encrypt"], "wrong_receiver", Codec(item["key"], item["id"] + "0"))
    refused(item["encrypt"], "wrong_receiver", Codec(item["key"], item["id"][:-1]))


@given(st.binary(max_size=3000), st.text(min_size=1, max_size=40))
def test_any_message_comes_back(message: bytes, receiver: str) -> None:
    receiver = receiver.encode("utf-8", "ignore").decode() or "wx"
    codec = Codec(KEY, receiver)
    encrypted = codec.encrypt(message)
    assert codec.decrypt(encrypted) == message == codec.decrypt(encrypted.encode())
    assert codec.encrypt(message) != encrypted  # the salt is random


@given(st.binary(max_size=200), st.data())
def test_a_changed_message_is_never_taken_for_the_same(message: bytes, data: st.DataObject) -> None:
    """CBC alone cannot notice every change (the signature does); what it opens is refused or something else."""
    codec = Codec(KEY, APPID)
    raw = bytearray(base64.b64decode(codec.encrypt(message)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    changed = base64.b64encode(bytes(raw)).decode()
    assert changed != codec.encrypt(message)
    try:
        codec.decrypt(changed)
    except CodecError as error:
        assert error.code in {"bad_padding", "bad_frame", "wrong_receiver"}
    with pytest.raises(CodecError, match="bad_signature"):
        check_signature(signature("t", "1", "2", codec.encrypt(message)), "t", "1", "2", changed)


@given(st.binary(max_size=300), st.text("abXYZ012", min_size=43, max_size=43))
def test_another_key_opens_nothing(message: bytes, key: str) -> None:
    with pytest.raises(CodecError):
        Codec(key, APPID).decrypt(Codec(KEY, APPID).encrypt(message))


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_garbage_has_a_code(garbage: bytes | str) -> None:
    with pytest.raises(CodecError) as error:
        Codec(KEY, APPID).decrypt(garbage)
    assert error.value.code in {"bad_base64", "bad_length", "bad_padding", "bad_frame", "wrong_receiver"}


@pytest.mark.parametrize(("encrypted", "code"), [
    ("", "bad_length"), ("!!!", "bad_base64"), ("AAAA", "bad_length"), ("好", "bad_base64"), ("A" * 43, "bad_base64"),
    ("\ud800", "bad_base64"), (b"\xff\xfe", "bad_base64"),
])
def test_what_is_no_cipher_text(encrypted: str | bytes, code: str) -> None:
    refused(encrypted, code)


def test_padding_is_checked_strictly() -> None:
    body = b"r" * 16 + (3).to_bytes(4, "big") + b"abc" + APPID.encode()
    good = BLOCK - len(body) % BLOCK
    assert Codec(KEY, APPID).decrypt(sealed(body + bytes([good]) * good)) == b"abc"
    for pad in (bytes([good - 1]) + bytes([good]) * (good - 1), b"\x00" * good, bytes([BLOCK + 1]) * good,
                b"\xff" * good):
        refused(sealed(body + pad), "bad_padding")
    # Blocks of 16, which the published text does not use.
    refused(sealed(b"x" * 15 + b"\x01"), "bad_length")


def test_frames_that_lie_about_their_length() -> None:
    for head, code in ((b"", "bad_frame"), (b"r" * 19, "bad_frame"),
                       (b"r" * 16 + b"\xff\xff\xff\xff" + APPID.encode(), "bad_frame"),
                       (b"r" * 16 + (2).to_bytes(4, "big") + b"abc" + APPID.encode(), "wrong_receiver"),
                       (b"r" * 16 + (0).to_bytes(4, "big"), "wrong_receiver")):
        pad = BLOCK - len(head) % BLOCK
        refused(sealed(head + bytes([pad]) * pad), code)


@pytest.mark.parametrize("key", ["", "short", KEY + "A", KEY[:-1] + "=", KEY[:-1] + "+", KEY[:-1] + "字"])
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(CodecError, match="bad_key"):
        Codec(key, APPID)


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_only_the_signature_itself_passes(given_: str, token: str, timestamp: str, nonce: str) -> None:
    right = signature(token, timestamp, nonce)
    check_signature(right, token, timestamp, nonce)
    for wrong in (given_, right.upper(), right[:-1], right + "0", ""):
        if wrong != right:
            with pytest.raises(CodecError, match="bad_signature"):
                check_signature(wrong, token, timestamp, nonce)


def test_nothing_shows_the_key() -> None:
    assert KEY not in repr(Codec(KEY, APPID)) and "abcdef" not in repr(Codec(KEY, APPID))
