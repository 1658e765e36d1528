"""Which protocol is in use: by day and site, from data that is checked."""

import json
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from biobank.cli.visit import measurements
from biobank.measurements.protocol import BadProtocol, parse, protocols_folder
from biobank.measurements.rules import assess
from biobank.measurements.schedule import Turn, check_file, check_shape, chosen, protocol_for, read_turns
from tests.measurements.entries import ADULT, an_entry

TURNS = (
    Turn("adult-1", date(2017, 1, 1)),
    Turn("adult-2", date(2026, 3, 1)),
    Turn("adult-3", date(2026, 3, 1), frozenset({"CHI"})),
)


@pytest.mark.parametrize(("site", "day", "protocol"), [
    ("CHI", date(2026, 2, 28), "adult-1"), ("CHI", date(2026, 3, 1), "adult-3"),
    ("BOS", date(2026, 3, 1), "adult-2"), ("BOS", date(2017, 1, 1), "adult-1"),
])  # fmt: skip
def test_the_latest_row_that_has_begun_counts_and_the_site_s_own_first(site: str, day: date, protocol: str) -> None:
    assert chosen(TURNS, site, day).protocol == protocol


def test_before_the_first_day_there_is_no_protocol() -> None:
    with pytest.raises(BadProtocol, match="No protocol is in use at CHI on 2016-12-31"):
        protocol_for("CHI", date(2016, 12, 31))


def test_the_shipped_schedule_names_the_adult_protocol() -> None:
    assert protocol_for("CHI", date(2026, 11, 21)).id == "adult-1"


@pytest.mark.parametrize("rows", [
    [{"protocol": "adult-9", "from": "2026-01-01"}], [{"protocol": "adult-1", "from": "01/02/2026"}],
    [{"protocol": "adult-1"}], [{"protocol": "adult-1", "from": "2026-01-01", "until": "2027-01-01"}], None,
])  # fmt: skip
def test_a_schedule_that_contradicts_itself_is_refused(rows: Any) -> None:
    with pytest.raises(BadProtocol, match=r"schedule\.json"):
        read_turns({"rows": rows}, ["adult-1"])


def test_the_command_lists_protocols_and_where_they_are_in_use() -> None:
    result = CliRunner().invoke(measurements, ["protocols"])
    assert result.exit_code == 0
    assert "adult-1: 16 fields, 6 alerts; since 2017-01-01 at every site" in result.output


def test_the_command_lists_for_programs() -> None:
    rows = json.loads(CliRunner().invoke(measurements, ["protocols", "--json"]).output)
    assert rows[0]["in_use"] == [{"from": "2017-01-01", "sites": None}]


def test_the_command_checks_a_file_before_it_is_added(tmp_path: Path) -> None:
    file = tmp_path / "adult-2.json"
    shipped = resources.files("biobank.measurements").joinpath("protocols/adult-1.json").read_text()
    file.write_text(shipped.replace('"version": 1', '"version": 2'))
    assert "adult-2" in CliRunner().invoke(measurements, ["protocols", str(file)]).output
    file.write_text(shipped.replace('"field.hip"', '"field.hips"'))
    result = CliRunner().invoke(measurements, ["protocols", str(file)])
    assert (result.exit_code, "no text field.hip" in result.output) == (1, True)


def test_the_command_refuses_what_is_no_json(tmp_path: Path) -> None:
    file = tmp_path / "adult-2.json"
    file.write_text("{")
    assert "is not JSON" in CliRunner().invoke(measurements, ["protocols", str(file)]).output


@pytest.mark.parametrize(("damage", "place"), [
    (lambda data: data.update(mood=1), "its top"), (lambda data: data["fields"][1].update(limit=300), "fields/1/limit"),
    (lambda data: data["fields"][1].pop("unit"), "fields/1"),
    (lambda data: data["texts"]["protocol"].pop("es"), "texts/protocol"),
    (lambda data: data["alerts"][0]["limits"][0].pop("above"), "alerts/0/limits/0"),
])  # fmt: skip
def test_a_file_that_is_not_as_the_schema_says_is_refused_by_its_place(damage: Any, place: str) -> None:
    data = json.loads(protocols_folder().joinpath("adult-1.json").read_text(encoding="utf-8"))
    check_shape(data)
    damage(data)
    with pytest.raises(BadProtocol, match=f"at {place}"):
        check_shape(data)


def test_a_new_version_is_a_file_and_a_row_and_no_code(tmp_path: Path) -> None:
    data = json.loads(protocols_folder().joinpath("adult-1.json").read_text(encoding="utf-8"))
    data["version"] = 2
    next(field for field in data["fields"] if field["name"] == "weight")["limit"] = "400"
    file = tmp_path / "adult-2.json"
    file.write_text(json.dumps(data))
    assert check_file(file)["id"] == "adult-2"
    newer = parse(data)
    rows = [{"protocol": "adult-1", "from": "2017-01-01"},
            {"protocol": "adult-2", "from": "2027-01-01", "sites": ["CHI"]}]  # fmt: skip
    turns = read_turns({"rows": rows}, ["adult-1", "adult-2"])
    assert [chosen(turns, site, date(2027, 1, 1)).protocol for site in ("CHI", "PHX")] == ["adult-2", "adult-1"]
    entry = an_entry(weight="450.0")
    assert [error.code for error in assess(newer, entry).errors] == ["above-limit"]
    assert assess(ADULT, entry).errors[0].code == "bmi-out-of-range"
