"""The measurement protocol: versioned data files read into frozen records.

Source of the numbers: NIH All of Us physical measurement schema 0.3.3.
"""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from biobank.measurements.protocol_parts import (
    AlertRule,
    BmiRule,
    Bound,
    Condition,
    Cuff,
    Deviations,
    Field,
    Kind,
    Protocol,
    Text,
    Warns,
)

__all__ = ["BadProtocol", "Field", "Kind", "Protocol", "Text", "available", "load", "named", "parse"]

_FILE = re.compile(r"(?P<name>[a-z][a-z-]*)-(?P<version>[1-9][0-9]*)\.json")

_MEANS = {"", "second-and-third", "two-closest"}


class BadProtocol(ValueError):
    """A protocol file contradicts itself, or no file has the name and version asked for."""


def available() -> tuple[str, ...]:
    """The ids of every protocol shipped, oldest version first."""
    return tuple(f"{name}-{version}" for name, version in _shipped())


@cache
def load(name: str = "adult", version: int | None = None) -> Protocol:
    """Read a protocol by name, the newest version unless one is given.

    Raises BadProtocol when there is no such file or its content contradicts itself.
    """
    versions = [number for known, number in _shipped() if known == name]
    if not versions or version not in (None, *versions):
        raise BadProtocol(f"There is no protocol {name!r}. Choose one of: {', '.join(available())}.")
    number = versions[-1] if version is None else version
    return parse(json.loads(protocols_folder().joinpath(f"{name}-{number}.json").read_text(encoding="utf-8")))


def named(text: str) -> Protocol:
    """Read a protocol by what an entry calls it: `adult` for the newest, `adult-1` for that version."""
    name, _, version = text.rpartition("-")
    return load(name, int(version)) if text in available() else load(text)


def parse(data: Mapping[str, Any]) -> Protocol:
    """Build a protocol from its JSON. Raises BadProtocol with what is wrong in the file."""
    try:
        protocol = _build(data)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BadProtocol(f"The protocol file cannot be read: {error!r}.") from error
    problems = [*_loose_ends(protocol), *_missing_texts(protocol)]
    if problems:
        raise BadProtocol("The protocol file contradicts itself: " + "; ".join(problems) + ".")
    return protocol


def protocols_folder() -> Any:
    """Where the protocol files are; a new version is one more file there."""
    return resources.files("biobank.measurements").joinpath("protocols")


@cache
def _shipped() -> tuple[tuple[str, int], ...]:
    found = (_FILE.fullmatch(file.name) for file in protocols_folder().iterdir())
    return tuple(sorted((match["name"], int(match["version"])) for match in found if match))


def _build(data: Mapping[str, Any]) -> Protocol:
    return Protocol(
        name=data["name"],
        version=data["version"],
        fields={row["name"]: _field(row) for row in data["fields"]},
        deviations={row["measure"]: Deviations(**_frozen(row)) for row in data["modifications"]},
        needs_note=tuple(data["needs_note"]),
        conditions=tuple(Condition(**_frozen(row)) for row in data["conditions"]),
        alerts=tuple(_alert(row) for row in data["alerts"]),
        bmi=_bmi(data["bmi"]),
        cuffs=tuple(Cuff(row["name"], Decimal(row["from_cm"]), Decimal(row["to_cm"])) for row in data["cuffs"]),
        texts={key: Text(**row) for key, row in data["texts"].items()},
    )


def _frozen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _field(row: Mapping[str, Any]) -> Field:
    parts = _frozen(row)
    parts["kind"] = Kind(row["kind"])
    parts["warnings"] = tuple(Warns(warns["code"], _bound(warns)) for warns in row.get("warnings", ()))
    for exact in ("limit", "third_when_apart"):
        parts[exact] = Decimal(row[exact]) if exact in row else None
    return Field(**parts)


def _bmi(row: Mapping[str, Any]) -> BmiRule:
    exact = {end: Decimal(row[end]) for end in ("least", "most", "warns_below", "warns_above")}
    return BmiRule(mass=row["mass"], length=row["length"], **exact)


def _bound(row: Mapping[str, Any]) -> Bound:
    return Bound(*(Decimal(row[end]) if end in row else None for end in ("above", "below")))


def _alert(row: Mapping[str, Any]) -> AlertRule:
    worse = row.get("worse_with")
    return AlertRule(
        code=row["code"],
        scale=row["scale"],
        severity=row["severity"],
        limits=tuple((limit["field"], _bound(limit)) for limit in row.get("limits", ())),
        worse_with=(worse["field"], _bound(worse)) if worse else None,
        all_ticked=row.get("all_ticked", ""),
    )


def _loose_ends(protocol: Protocol) -> Iterable[str]:
    named_fields = [field for alert in protocol.alerts for field, _ in alert.limits]
    named_fields += [field for alert in protocol.alerts for field in (alert.all_ticked,) if field]
    named_fields += [name for field in protocol.fields.values() for name in (field.below_field, field.only_if) if name]
    named_fields += [protocol.bmi.mass, protocol.bmi.length, *(condition.flag for condition in protocol.conditions)]
    yield from (f"no field {name}" for name in named_fields if name not in protocol.fields)
    yield from (f"no rule for the mean {field.mean}" for field in protocol.fields.values() if field.mean not in _MEANS)
    measures = [field.measure for field in protocol.fields.values() if field.measure]
    measures += [name for condition in protocol.conditions for name in (*condition.sets, *condition.closes)]
    yield from (f"no modifications for {name}" for name in measures if name not in protocol.deviations)
    for row in protocol.deviations.values():
        yield from (f"{code} closes {row.measure} but is not its code" for code in set(row.closing) - set(row.codes))


def _missing_texts(protocol: Protocol) -> Iterable[str]:
    needed = [f"field.{name}" for name in (*protocol.fields, *protocol.deviations)]
    needed += [f"code.{code}" for row in protocol.deviations.values() for code in row.codes]
    needed += [f"choice.{choice}" for field in protocol.fields.values() for choice in field.choices]
    needed += [f"alert.{alert.code}" for alert in protocol.alerts]
    needed += [f"alert.{alert.code}.worse" for alert in protocol.alerts if alert.worse_with]
    needed += [f"cuff.{cuff.name}" for cuff in protocol.cuffs]
    yield from (f"no text {key}" for key in needed if key not in protocol.texts)
