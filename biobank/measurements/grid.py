"""The measurements page as rows, cells and boxes, made from a sheet for the template to draw."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from biobank.measurements.changes import kind_of
from biobank.measurements.models import EntryKind, MeasurementEntry, Source
from biobank.measurements.protocol import Field, Kind, Text
from biobank.measurements.protocol_parts import Deviations
from biobank.measurements.rules_entry import Answers, read
from biobank.measurements.rules_findings import Place
from biobank.measurements.rules_modifications import is_closed
from biobank.measurements.sheet import Sheet
from biobank.measurements.typed import UNITS
from biobank.measurements.waiting import ORDER, Next

Typed = Mapping[str, str]


@dataclass(frozen=True)
class Box:
    """One answer on the page. `shown` is what stands in it, `stored` what stood there when the page was made.

    `units` are those it may be typed in, `unit` the one chosen.
    """

    ref: str
    label: Text
    shown: str
    stored: str
    units: tuple[str, ...] = ()
    unit: str = ""
    entry: MeasurementEntry | None = None
    replaced: list[MeasurementEntry] = field(default_factory=list)
    findings: list[Text] = field(default_factory=list)
    is_closed: bool = False
    is_new: bool = False
    is_unchecked: bool = False

    @property
    def is_shown(self) -> bool:
        """A closed place has no box unless something stands in it."""
        return not self.is_closed or bool(self.stored or self.shown)


@dataclass(frozen=True)
class Cell:
    """One reading of a measure: its boxes, its ticks and how it departed from the protocol."""

    measure: str
    number: int
    boxes: list[Box]
    ticks: list[Box]
    code: Box
    note: Box
    expected: Next | None

    @property
    def ref(self) -> str:
        return f"{self.measure}.{self.number}" if self.number else self.measure

    @property
    def to_compare(self) -> list[Box]:
        return [box for box in self.boxes if box.is_unchecked]


@dataclass(frozen=True)
class Mean:
    """The mean of a field as it counts, and of how many readings."""

    field: str
    label: Text
    value: Decimal
    of: int
    unit: str


@dataclass(frozen=True)
class Line:
    """One field of a measure across its readings, such as diastolic 1, 2, 3, with its mean."""

    label: Text
    unit: str
    boxes: list[Box]
    mean: Mean | None


@dataclass(frozen=True)
class Row:
    """One measure of the protocol with the codes that a place of it may be marked with."""

    measure: str
    label: Text
    cells: list[Cell]
    means: list[Mean]
    codes: list[tuple[str, Text]]

    @property
    def lines(self) -> list[Line]:
        """The measure's fields one below the other, where it has several that are read together."""
        lines = zip(*(cell.boxes for cell in self.cells), strict=True) if len(self.cells) > 1 else []
        means = {mean.field: mean for mean in self.means}
        return [Line(b[0].label, b[0].units[0], list(b), means.get(b[0].ref.partition(".")[0])) for b in lines]

    @property
    def said(self) -> list[Box]:
        """The boxes of which something is to be said."""
        return [box for cell in self.cells for box in cell.boxes if box.findings]


class Grid:
    """A sheet laid out. `typed` are boxes of a form that was refused: what stands in them is not lost."""

    def __init__(self, sheet: Sheet, *, expected: Next | None, seen: int | None, typed: Typed) -> None:
        self.sheet = sheet
        self.expected = expected
        self._seen = sheet.record.version if seen is None else seen
        self._typed = typed
        self._answers: Answers = read(sheet.protocol, sheet.entry)
        self._findings: dict[str, list[Text]] = {}
        for finding in (*sheet.assessment.errors, *sheet.assessment.warnings):
            self._findings.setdefault(finding.field, []).append(finding.text)

    def rows(self) -> list[Row]:
        """The measures in the order of a clerk's work."""
        return [self._row(self.sheet.protocol.deviations[measure]) for measure in ORDER]

    def box(self, ref: str, row: Field, number: int) -> Box:
        """One answer of the entry, such as `systolic.2` or `notes`."""
        entry = self.sheet.current.get((kind_of(row), row.name, number))
        entry = entry if entry is not None and entry.value is not None else None
        stored = _as_written(entry)
        # A tape is read in centimetres; three more choices in each row would only stand in the way.
        units = UNITS.get(row.unit, ())[: 1 if row.replicates > 1 else None]
        return Box(
            ref,
            self.sheet.protocol.texts[f"field.{row.name}"],
            self._typed.get(ref, "" if f"was-{ref}" in self._typed else stored),
            stored,
            units,
            self._typed.get(f"unit-{ref}") or _unit(entry, units),
            entry,
            self.sheet.replaced_at(row.name, number) if row.kind is Kind.NUMBER else [],
            self._findings.get(ref, []),
            bool(row.measure) and is_closed(self._answers, Place(row, number or 1)),
            entry is not None and entry.seq > self._seen,
            entry in self.sheet.unchecked,
        )

    def single(self, name: str) -> Box:
        """A field that is asked once and stands in no row."""
        return self.box(name, self.sheet.protocol.fields[name], 0)

    def finding(self, name: str) -> list[Text]:
        """What is said of something that is no box, such as the body mass index."""
        return self._findings.get(name, [])

    def _row(self, rules: Deviations) -> Row:
        fields = [row for row in self.sheet.protocol.fields.values() if row.measure == rules.measure]
        count = max(row.replicates for row in fields)
        cells = [self._cell(rules, fields, number) for number in (range(1, count + 1) if count > 1 else [0])]
        codes = [(code, self.sheet.protocol.texts[f"code.{code}"]) for code in rules.codes]
        label = self.sheet.protocol.texts[f"field.{rules.measure}"]
        return Row(rules.measure, label, cells, list(self._means(fields)), codes)

    def _cell(self, rules: Deviations, fields: list[Field], number: int) -> Cell:
        boxes = [self.box(row.ref(number or 1), row, number if row.replicates > 1 else 0) for row in fields]
        kinds = [row.kind for row in fields]
        is_next = self.expected is not None and (self.expected.measure, self.expected.number) == (rules.measure, number)
        place = f"{rules.measure}.{number}" if number else rules.measure
        return Cell(
            rules.measure,
            number,
            [box for box, kind in zip(boxes, kinds, strict=True) if kind is Kind.NUMBER],
            [box for box, kind in zip(boxes, kinds, strict=True) if kind is Kind.TICK],
            self._mark(EntryKind.MODIFICATION, "code", place, rules.measure, number),
            self._mark(EntryKind.NOTE, "note", place, rules.measure, number),
            self.expected if is_next else None,
        )

    def _mark(self, kind: EntryKind, prefix: str, place: str, measure: str, number: int) -> Box:
        entry = self.sheet.current.get((kind, measure, number))
        stored = (entry.value or "") if entry is not None else ""
        ref = f"{prefix}-{place}"
        return Box(ref, self.sheet.protocol.label(place), self._typed.get(ref, stored), stored, entry=entry)

    def _means(self, fields: list[Field]) -> Iterator[Mean]:
        found = self.sheet.assessment
        for row in fields:
            if row.name in found.means:
                label = self.sheet.protocol.texts[f"field.{row.name}"]
                yield Mean(row.name, label, found.means[row.name], found.mean_of[row.name], row.unit)


def _as_written(entry: MeasurementEntry | None) -> str:
    """What a clerk typed, as typed; a device's value in the field's own unit."""
    if entry is None:
        return ""
    return (entry.typed_text if entry.source is Source.TYPED else None) or entry.value or ""


def _unit(entry: MeasurementEntry | None, units: tuple[str, ...]) -> str:
    typed = entry is not None and entry.source is Source.TYPED and entry.typed_unit in units
    return str(entry.typed_unit) if typed and entry is not None else "".join(units[:1])
