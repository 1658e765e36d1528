"""Which protocol a site measures by on a day: rows of a data file, so that a new version needs no code."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from biobank.measurements.protocol import BadProtocol, Protocol, available, named, parse, protocols_folder


@dataclass(frozen=True, slots=True)
class Turn:
    """From this day on, in the site's own time, these sites (None: every site) measure by this protocol."""

    protocol: str
    since: date
    sites: frozenset[str] | None = None

    def holds(self, site: str, day: date) -> bool:
        return self.since <= day and (self.sites is None or site in self.sites)


def protocol_for(site: str, day: date) -> Protocol:
    """The protocol in use at a site, by its code, on a day. Raises BadProtocol when none is."""
    return named(chosen(shipped(), site, day).protocol)


def chosen(turns: Sequence[Turn], site: str, day: date) -> Turn:
    """The row in force: the latest that has begun, of one day the one that names the site. Raises BadProtocol."""
    held = [turn for turn in turns if turn.holds(site, day)]
    if not held:
        raise BadProtocol(f"No protocol is in use at {site} on {day.isoformat()}. Add a row to schedule.json.")
    return max(held, key=lambda turn: (turn.since, turn.sites is not None))


@cache
def shipped() -> tuple[Turn, ...]:
    """The rows shipped. Raises BadProtocol when the file contradicts itself."""
    file = protocols_folder().joinpath("schedule.json")
    return read_turns(json.loads(file.read_text(encoding="utf-8")), available())


def read_turns(data: Mapping[str, Any], known: Collection[str]) -> tuple[Turn, ...]:
    """Rows from their JSON. Raises BadProtocol for a row that cannot be read or names a protocol not known."""
    try:
        turns = tuple(_turn(row) for row in data["rows"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadProtocol(f"schedule.json cannot be read: {error!r}.") from error
    unknown = sorted({turn.protocol for turn in turns} - set(known))
    if unknown:
        raise BadProtocol(f"schedule.json names protocols that are not there: {', '.join(unknown)}.")
    return turns


def listing() -> list[dict[str, Any]]:
    """Every protocol shipped, read and checked, with where and since when it is in use. Raises BadProtocol."""
    for name in available():
        check_shape(json.loads(protocols_folder().joinpath(f"{name}.json").read_text(encoding="utf-8")))
    return [_described(named(name), [turn for turn in shipped() if turn.protocol == name]) for name in available()]


def check_file(path: Path) -> dict[str, Any]:
    """Check a protocol file before it is added. Raises BadProtocol with what is wrong in it."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadProtocol(f"{path.name} is not JSON in UTF-8: {error}.") from error
    check_shape(data)
    return _described(parse(data), [])


def check_shape(data: Any) -> None:
    """Compare a protocol file with the JSON Schema shipped beside them. Raises BadProtocol with the first place."""
    schema = json.loads(protocols_folder().joinpath("protocol.schema.json").read_text(encoding="utf-8"))
    problems = sorted(Draft202012Validator(schema).iter_errors(data), key=lambda problem: list(map(str, problem.path)))
    if problems:
        first = problems[0]
        place = "/".join(map(str, first.path)) or "its top"
        raise BadProtocol(f"The protocol file is not as its schema says, at {place}: {first.message[:200]}.")


def _turn(row: Mapping[str, Any]) -> Turn:
    unknown = row.keys() - {"protocol", "from", "sites"}
    if unknown:
        raise ValueError(f"a row has {', '.join(sorted(unknown))}")
    sites = row.get("sites")
    return Turn(str(row["protocol"]), date.fromisoformat(row["from"]), None if sites is None else frozenset(sites))


def _described(protocol: Protocol, turns: Sequence[Turn]) -> dict[str, Any]:
    return {
        "id": protocol.id, "fields": len(protocol.fields), "alerts": len(protocol.alerts),
        "in_use": [{"from": turn.since.isoformat(), "sites": sorted(turn.sites) if turn.sites else None}
                   for turn in turns],
    }  # fmt: skip
