"""The consent form's versions, as data: when each may be signed, and until when it counts."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("consents.toml")


@dataclass(frozen=True, slots=True)
class ConsentVersion:
    """One version of the form, by the name at its foot."""

    id: str
    since: date
    until: date | None
    title: dict[str, str]

    def counts_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def to(self, locale: str) -> str:
        return self.title["es" if locale.lower().startswith("es") else "en"]


def read(document: dict[str, Any]) -> tuple[ConsentVersion, ...]:
    """The versions of a document, oldest first. Raises ValueError for one that contradicts itself."""
    found = [
        ConsentVersion(row["id"], row["since"], row.get("until"), dict(row["title"])) for row in document["version"]
    ]
    if len({version.id for version in found}) != len(found) or not found:
        raise ValueError("every version of the consent form needs a name of its own")
    for version in found:
        if {"en", "es"} - version.title.keys() or (version.until and version.until < version.since):
            raise ValueError(f"version {version.id} lacks a title, or ends before it begins")
    return tuple(sorted(found, key=lambda version: (version.since, version.id)))


@cache
def versions() -> tuple[ConsentVersion, ...]:
    return read(tomllib.loads(FILE.read_text()))


def known() -> tuple[str, ...]:
    return tuple(version.id for version in versions())


def current(day: date, among: Iterable[ConsentVersion] | None = None) -> ConsentVersion:
    """The newest version that counts on a day. Raises LookupError where there is none."""
    counting = [version for version in among or versions() if version.counts_on(day)]
    if not counting:
        raise LookupError(f"no version of the consent form counts on {day}")
    return counting[-1]


def counts(version_id: str, day: date, among: Iterable[ConsentVersion] | None = None) -> bool:
    return any(version.id == version_id and version.counts_on(day) for version in among or versions())
