"""Telling an answer from a failure."""

import pytest

from benchmarks.doors import rest_failure, web_failure


@pytest.mark.parametrize(("messages", "failure"), [
    ([{"recipient_id": "1", "text": "您好"}], ""), ([], "no answer"), ([{"recipient_id": "1"}], "no answer"),
    ({"status": "failure"}, "no answer"),
])
def test_an_empty_list_of_the_rest_channel_is_a_failure(messages, failure: str) -> None:
    assert rest_failure(messages) == failure


@pytest.mark.parametrize(("body", "failure"), [
    ({"messages": [{"text": "您好", "custom": {"kind": "ack"}}]}, ""),
    ({"messages": [{"text": "稍等", "custom": {"kind": "error", "code": "starting"}}]}, "error starting"),
    ({"messages": []}, "no answer"), ([], "no answer"),
])
def test_an_apology_of_the_web_channel_is_a_failure(body, failure: str) -> None:
    assert web_failure(body) == failure
