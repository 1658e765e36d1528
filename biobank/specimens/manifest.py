"""The list that travels with a shipment: codes only, written once, known by its SHA-256."""

import csv
import hashlib
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields


@dataclass(frozen=True, slots=True)
class Line:
    """One tube of a manifest; times are RFC 3339 in UTC, empty where there is none."""

    shipment: str
    box: str
    tube: str
    sample: str
    donor: str
    collection: str
    collected_at: str
    processed_at: str


def write(lines: Iterable[Line]) -> str:
    """The manifest as CSV (RFC 4180), its lines in the order of box and tube."""
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(field.name for field in fields(Line))
    out.writerows(astuple(line) for line in sorted(lines, key=lambda line: (line.box, line.tube)))
    return text.getvalue()


def digest(text: str) -> str:
    """SHA-256 of the manifest's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
