"""Final records as CSV for researchers: one row a record, by the participant's code, without free text."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO

from biobank.measurements.protocol import Kind, Protocol
from biobank.measurements.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Final:
    """A finished version with what names it outside: the participant's and the site's code."""

    code: str
    site: str
    sheet: Sheet


def to_csv(protocol: Protocol, finals: Iterable[Final]) -> str:
    """RFC 4180 text; every answer as it is kept, then the means, the body mass index, the codes of deviations."""
    refs = [ref for row in protocol.fields.values() if row.kind is not Kind.TEXT for ref in row.refs]
    means = [row.name for row in protocol.numbers if row.mean]
    marks = [f"{row.measure}.{n}" if row.places > 1 else row.measure
             for row in protocol.deviations.values() for n in range(1, row.places + 1)]  # fmt: skip
    text = StringIO(newline="")
    out = csv.writer(text)
    out.writerow(["participant", "site", "protocol", "version", "finalised_at", *refs,
                  *(f"{name}.mean" for name in means), "bmi", *(f"modification.{mark}" for mark in marks)])  # fmt: skip
    for final in finals:
        out.writerow(_row(final, refs, means, marks))
    return text.getvalue()


def _row(final: Final, refs: list[str], means: list[str], marks: list[str]) -> Iterator[object]:
    sheet, found, version = final.sheet, final.sheet.assessment, final.sheet.version
    yield from (final.code, final.site, sheet.protocol.id)
    yield from (version.number, version.at.isoformat()) if version is not None else ("", "")
    yield from (_answer(sheet, ref) for ref in refs)
    yield from (found.means.get(name, "") for name in means)
    yield "" if found.bmi is None else found.bmi
    yield from (found.modifications.get(mark, "") for mark in marks)


def _answer(sheet: Sheet, ref: str) -> str:
    name, _, number = ref.partition(".")
    given = sheet.entry.get(name)
    value = given[int(number) - 1] if number and given is not None else given
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
