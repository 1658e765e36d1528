"""The mark of a file that leaves: its number, whose it is and when, put into CSV, JSON, PDF and XLSX."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zipfile import BadZipFile, ZipFile

import xlsxwriter
from flask import g, has_request_context
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

SYSTEM = "urn:biobank:export"
_CORE = "docProps/core.xml"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file that leaves carries: the number it is found again by, who took it, when (UTC)."""

    number: str
    name: str
    at: datetime

    @property
    def words(self) -> str:
        return f"Export {self.number}, {self.name}, {self.at:%Y-%m-%d %H:%M} UTC"


def begin(mark: Mark) -> None:
    """Every file of this request carries this mark."""
    g.watermark = mark


def current() -> Mark | None:
    """The mark of this request; None where what it answers is no export."""
    return g.get("watermark") if has_request_context() else None


def on_csv(content: bytes, mark: Mark) -> bytes:
    """As the last line, a comment of as many cells as the first has (RFC 4180, section 2.4)."""
    head, _, _ = content.partition(b"\n")
    cells = next(csv.reader([head.decode()]), [])
    line = io.StringIO(newline="")
    end = "\r\n" if head.endswith(b"\r") else "\n"
    # Without quotes, so that a reader that is told to skip lines beginning with # does.
    words = mark.words.replace(",", ";").replace('"', "'")
    csv.writer(line, lineterminator=end).writerow([f"# {words}", *[""] * (len(cells) - 1)])
    return content + (b"" if not content or content.endswith(b"\n") else end.encode()) + line.getvalue().encode()


def on_json(content: bytes, mark: Mark) -> bytes:
    """As `export`; in a FHIR resource as a tag (FHIR R4, Resource.meta.tag)."""
    document: dict[str, Any] = json.loads(content)
    if "resourceType" in document:
        tag = {"system": SYSTEM, "code": mark.number, "display": mark.words}
        document.setdefault("meta", {}).setdefault("tag", []).append(tag)
    else:
        document["export"] = mark.words
    return json.dumps(document, indent=2 if b"\n  " in content else None, ensure_ascii=False).encode()


def on_page(canvas: Canvas, _document: Any = None) -> None:
    """At the foot of the page being drawn, and among the document's properties; nothing outside an export."""
    mark = current()
    if mark is None:
        return
    canvas.setKeywords(mark.number)
    canvas.saveState()
    canvas.setFont("Helvetica", 7)
    canvas.setFillGray(0.3)
    # Helvetica has the letters of Windows-1252 and no others.
    canvas.drawString(16 * mm, 7 * mm, mark.words.encode("cp1252", "replace").decode("cp1252"))
    canvas.restoreState()


def on_book(book: xlsxwriter.Workbook) -> None:
    """At the foot of every sheet made so far, and among the book's properties."""
    mark = current()
    if mark is None:
        return
    book.set_properties({"comments": mark.words, "keywords": mark.number})
    for sheet in book.worksheets():
        # An ampersand begins a command in a footer, two are one.
        sheet.set_footer("&L" + mark.words.replace("&", "&&"))


def carries(content: bytes, mark: Mark) -> bool:
    """Whether a file has the mark in it."""
    number = mark.number.encode()
    if not content.startswith(b"PK"):
        return number in content
    try:
        with ZipFile(io.BytesIO(content)) as book:
            return number in book.read(_CORE)
    except (BadZipFile, KeyError):
        return False
