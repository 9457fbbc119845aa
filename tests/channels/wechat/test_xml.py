"""The XML of pushes: what is read, what is refused, and that no text breaks out of a reply."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.wechat.xml import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, XmlError, clean, parse, write


def test_a_push_is_read() -> None:
    read = parse("""<xml>
      <ToUserName><![CDATA[gh_1]]></ToUserName><CreateTime>1348831860</CreateTime>
      <Content><![CDATA[附近 <b> &amp; ]]></Content><Empty></Empty>
      <ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult><![CDATA[1]]></ScanResult></ScanCodeInfo>
      <Content>another</Content>
    </xml>""".encode())
    assert read == {"ToUserName": "gh_1", "CreateTime": "1348831860", "Content": "附近 <b> &amp; ", "Empty": "",
                    "ScanCodeInfo.ScanType": "qrcode", "ScanCodeInfo.ScanResult": "1"}


@given(st.dictionaries(st.sampled_from(["Content", "Title", "Label", "a", "_b"]), st.text(max_size=300), min_size=1))
@example({"Content": "]]>"})
@example({"Content": "]]]]>>]]><![CDATA[<MsgType>x</MsgType>]]"})
@example({"Content": "a\r\nb\rc\x00\x1f\ud800\ufffe\U0001f3e0"})
@example({"Content": "</Content></xml>"})
def test_any_text_comes_back(fields: dict[str, str]) -> None:
    assert parse(write(fields)) == {name: clean(text) for name, text in fields.items()}


@given(st.text(max_size=300))
def test_cleaning_leaves_sound_text_alone(text: str) -> None:
    if all(sign in "\t\n" or (sign >= " " and not "\ud800" <= sign <= "\udfff" and sign not in "\ufffe\uffff")
           for sign in text):
        assert clean(text) == text
    assert clean(clean(text)) == clean(text)


def test_numbers_and_nested_elements_are_written() -> None:
    assert write({"CreateTime": 5, "Image": {"MediaId": "m"}}) == \
        b"<xml><CreateTime>5</CreateTime><Image><MediaId><![CDATA[m]]></MediaId></Image></xml>"


_DEEP = b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH


@pytest.mark.parametrize("raw", [
    b"", b"nothing", b"{}", b"<xml>", b"<xml></xml><xml></xml>", b"<html></html>", b"\xff\xfe<xml></xml>",
    b"<xml><a>\xff</a></xml>", b"<xml><a>&unknown;</a></xml>", b"<xml><a>\x00</a></xml>",
    b'<!DOCTYPE xml><xml><a>1</a></xml>',
    b'<!DOCTYPE xml [<!ENTITY e "eeee">]><xml><a>&e;</a></xml>',
    b'<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>',
    b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml></xml>',
    b"<?php echo 1 ?><xml></xml>", b"<xml><?pi x?></xml>",
    b"<xml>" + _DEEP + b"</xml>", b"<xml>" + b"<a></a>" * MAX_ELEMENTS + b"</xml>",
    b"<xml><a>" + b"x" * MAX_BYTES + b"</a></xml>",
])
def test_what_a_push_never_has_is_refused(raw: bytes) -> None:
    with pytest.raises(XmlError) as error:
        parse(raw)
    assert "etc" not in str(error.value) and "xxx" not in str(error.value)


def test_billions_of_laughs_are_not_laughed() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    with pytest.raises(XmlError):
        parse(f'<!DOCTYPE xml [<!ENTITY l0 "ha">{entities}]><xml><a>&l8;</a></xml>'.encode())


def test_a_declared_encoding_is_not_followed() -> None:
    assert parse('<?xml version="1.0" encoding="ISO-8859-1"?><xml><a>好</a></xml>'.encode()) == {"a": "好"}


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for body in (raw, b"<xml>" + raw + b"</xml>"):
        try:
            parse(body)
        except XmlError:
            continue
