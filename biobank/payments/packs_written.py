"""A month's pack as a paper (PDF) and as sheets (XLSX), from the figures that were signed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from reportlab.lib import colors
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from biobank.web import watermark

Rows = Sequence[Sequence[Any]]
_GRID = TableStyle(
    [("GRID", (0, 0), (-1, -1), 0.3, colors.grey), ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
     ("FONTSIZE", (0, 0), (-1, -1), 8), ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
     ("VALIGN", (0, 0), (-1, -1), "TOP")]
)  # fmt: skip


def money(cents: int | None) -> str:
    """Cents as 1,234.50; a loss in brackets, as accountants write it."""
    if cents is None:
        return ""
    text = f"{abs(cents) // 100:,}.{abs(cents) % 100:02}"
    return f"({text})" if cents < 0 else text


def sections(content: Mapping[str, Any]) -> Iterator[tuple[str, Rows]]:
    """The pack's tables, each with its heading row; cents stay numbers in places that begin with `cents`."""
    yield "Trial balance", [
        ["Account", "Name", "Opening", "Debits", "Credits", "Closing"],
        *([row["account"], row["name"], *(money(row[name]) for name in ("opening", "debits", "credits", "closing"))]
          for row in content["trial_balance"]),
    ]  # fmt: skip
    yield "Roll-forward of incentives payable", [
        ["What", "Count", "Amount"],
        *([row["what"], row["count"] if row["count"] is not None else "", money(row["cents"])]
          for row in content["roll_forward"]),
    ]  # fmt: skip
    for one in content["reconciliations"]:
        yield from _reconciliation(one)
    yield "Checklist", [
        ["Point", "Open", "Difference", "Waived"],
        *([row["name"], row["count"], money(row["cents"]), f"{row['waived']} ({row['by']})" if row["waived"] else ""]
          for row in content["checklist"]),
    ]  # fmt: skip
    if "ledger" in content:
        sealed = content["ledger"]
        yield "Seal of the entries", [["Entries", "SHA-256", "Goes on from"],
                                      [sealed["entries"], sealed["sha256"], sealed["before"]]]  # fmt: skip
    yield "Exceptions", [
        ["Kind", "Opened", "Note", "Owner", "Resolved", "Resolution"],
        *([row["kind"], row["opened_on"], row["note"], row["owner"] or "", row["resolved_on"] or "open",
           row["resolution"] or ""] for row in content["exceptions"]),
    ]  # fmt: skip


def _reconciliation(one: Mapping[str, Any]) -> Iterator[tuple[str, Rows]]:
    account = one["account"]
    yield (
        f"Reconciliation of {account}",
        [
            ["What", "Amount"],
            ["Brought forward when statements began", money(one["brought_forward"])],
            ["Book balance", money(one["book"])],
            ["Less entries not yet on a statement", money(-one["outstanding"])],
            ["Plus statement lines not yet in the books", money(one["unmatched"])],
            ["Statement balance", money(one["statement"])],
        ],
    )
    for name, items in (("Outstanding", one["outstanding_items"]), ("Unmatched lines", one["unmatched_items"])):
        if items:
            rows = [[row["day"], money(row["cents"]), row["words"]] for row in items]
            yield f"{name} of {account}", [["Day", "Amount", "Reference"], *rows]


def pdf(content: Mapping[str, Any], sha256: str, signed_by: str, signed_at: datetime) -> bytes:
    """The pack on US letter pages; the same figures give the same bytes."""
    stream, styles = BytesIO(), getSampleStyleSheet()
    title = f"Books of {content['period']}"
    small = styles["BodyText"].clone("small", fontSize=8, leading=9.5)
    parts: list[Any] = [
        Paragraph(title, styles["Title"]),
        Paragraph(f"{content['opens_on']} to {content['closes_on']}. Signed by {_plain(signed_by)}, "
                  f"{signed_at:%Y-%m-%d %H:%M} UTC.", styles["BodyText"]),
        Paragraph(f"SHA-256 of the figures: {sha256}", small),
    ]  # fmt: skip
    for heading, rows in sections(content):
        parts += [Spacer(0, 5 * mm), Paragraph(heading, styles["Heading2"]), _table(rows, small)]
    document = SimpleDocTemplate(stream, pagesize=LETTER, title=title, author="Biobank", invariant=1,
                                 leftMargin=18 * mm, rightMargin=18 * mm)  # fmt: skip
    document.build(parts, onFirstPage=watermark.on_page, onLaterPages=watermark.on_page)
    return stream.getvalue()


def _plain(text: object) -> str:
    """Text as a paragraph takes it: nothing in it is markup."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _table(rows: Rows, style: Any) -> Any:
    width = (LETTER[0] - 36 * mm) / len(rows[0])
    cells = [[Paragraph(_plain(cell), style) for cell in row] for row in rows]
    return Table(cells, colWidths=[width] * len(rows[0]), style=_GRID, repeatRows=1)


def xlsx(content: Mapping[str, Any], sha256: str) -> bytes:
    """The pack as a workbook, a sheet for each table; text stays text, whatever it begins with."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                        "strings_to_numbers": False})  # fmt: skip
    bold = book.add_format({"bold": True})
    cover = book.add_worksheet("Pack")
    for place, pair in enumerate((("Books of", content["period"]), ("From", content["opens_on"]),
                                  ("To", content["closes_on"]), ("SHA-256 of the figures", sha256))):  # fmt: skip
        cover.write_row(place, 0, pair)
    for heading, rows in sections(content):
        sheet = book.add_worksheet(heading[:31])
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, [cell if isinstance(cell, int) else str(cell) for cell in row],
                            bold if place == 0 else None)  # fmt: skip
        sheet.set_column(0, len(rows[0]) - 1, 18)
        sheet.freeze_panes(1, 0)
    watermark.on_book(book)
    book.close()
    return stream.getvalue()
