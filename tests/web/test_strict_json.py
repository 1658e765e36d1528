"""JSON is read strictly: what is not JSON is refused with the reason."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.web.strict_json import loads


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"a": NaN}', "NaN is not a JSON value"),
        ('{"a": -Infinity}', "not a JSON value"),
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        (b'{"a": "\xff"}', "not UTF-8"),
        ("{", "at line 1"),
        ("", "at line 1"),
    ],
)
def test_what_is_not_json_is_refused_with_the_reason(text: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        loads(text)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with suppress(ValueError):
        assert loads(data) is None or json.loads(data) is not None
