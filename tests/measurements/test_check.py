import io
import json
from pathlib import Path

import pytest

from biobank.measurements.check import check, run
from tests.measurements.entries import an_entry


def sent(text: str) -> tuple[list[tuple[str, str]], int]:
    answer, code = check(text.encode())
    return [(error["field"], error["code"]) for error in answer["errors"]], code


def test_a_complete_entry_without_errors_exits_with_0() -> None:
    answer, code = check(json.dumps(an_entry()).encode())
    assert (answer["complete"], answer["bmi"], code) == (True, "24.4", 0)


@pytest.mark.parametrize("changes", [{"hip": None}, {"weight": "abc"}])
def test_an_incomplete_entry_or_an_error_exits_with_1(changes: dict[str, object]) -> None:
    assert check(json.dumps(an_entry(**changes)).encode())[1] == 1


def test_an_alert_does_not_change_the_exit_code() -> None:
    answer, code = check(json.dumps(an_entry(systolic=["210", "210", "210"])).encode())
    assert (len(answer["alerts"]), code) == (1, 0)


def test_a_number_without_quotes_is_read_as_it_was_written() -> None:
    assert check(json.dumps(an_entry(weight=72.8, systolic=[118, 120, 122])).encode()) == check(
        json.dumps(an_entry()).encode()
    )


@pytest.mark.parametrize("number", ["1e400", "7.28E1", "1" * 5000])
def test_a_number_without_quotes_in_another_notation_is_refused(number: str) -> None:
    found, code = sent(f'{{"weight": {number}}}')
    assert (found, code) == ([("weight", "not-a-number")], 1)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_number_is_refused(constant: str) -> None:
    assert sent(f'{{"weight": {constant}}}') == ([("entry", "not-a-number")], 1)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"weight": "1", "weight": "2"}', '{"modifications": {"hip": null, "hip": null}}', "[" * 100_000,
     '{"a":' * 100_000, "{'weight': 1}", '{"weight": 01}', " " * 1_000_001],
    ids=["nothing", "cut off", "twin names", "inner twin names", "deep list", "deep table", "quotes", "zero", "huge"],
)  # fmt: skip
def test_what_is_not_strict_json_is_refused_whole(text: str) -> None:
    assert sent(text) == ([("entry", "malformed")], 1)


def test_text_that_is_not_utf_8_is_refused() -> None:
    answer, code = check(b"\xff\xfe")
    assert (answer["errors"][0]["code"], code) == ("malformed", 1)


def test_a_break_in_the_json_is_told_by_its_place() -> None:
    answer, _ = check(b'{"weight": "72.8"\n "height"}')
    assert "line 2, column 2" in answer["errors"][0]["message"]


def test_an_unknown_key_is_refused_by_name() -> None:
    assert sent('{"hieght": "172.7"}') == ([("hieght", "unknown-field")], 1)


@pytest.mark.parametrize("text", ["[]", "7", "null", '"x"'])
def test_json_that_is_no_entry_is_refused(text: str) -> None:
    assert sent(text) == ([("entry", "misshapen")], 1)


def test_an_unknown_protocol_is_refused() -> None:
    assert sent('{"protocol": "child"}') == ([("protocol", "unknown-code")], 1)


def test_an_entry_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "entry.json"
    file.write_text(json.dumps(an_entry()), encoding="utf-8")
    assert run(str(file))[1] == 0


@pytest.mark.parametrize("path", [None, "-"])
def test_an_entry_is_read_from_standard_input(path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(an_entry()).encode())))
    assert run(path)[1] == 0


def test_a_file_that_is_not_there_exits_with_2(tmp_path: Path) -> None:
    answer, code = run(str(tmp_path / "none.json"))
    assert (answer["errors"][0]["code"], code) == ("not-read", 2)
