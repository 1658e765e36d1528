"""A month's pack as a paper (PDF) and as sheets (XLSX), from the figures that were signed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from biobank.payments.entry_words import account_in
from biobank.web import watermark

Rows = Sequence[Sequence[Any]]
# A table of no more rows stands on one page.
MOST_KEPT = 12
_GRID = TableStyle(
    [("GRID", (0, 0), (-1, -1), 0.3, colors.grey), ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
     ("FONTSIZE", (0, 0), (-1, -1), 8), ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
     ("VALIGN", (0, 0), (-1, -1), "TOP")]
)  # fmt: skip


class Cents(int):
    """An amount in a table of the pack: a number that can be summed on a sheet, written out on paper."""


def _cents(cents: int | None) -> Cents | str:
    return "" if cents is None else Cents(cents)


def money(cents: int | None) -> str:
    """Cents as 1,234.50; a loss in brackets, as accountants write it."""
    if cents is None:
        return ""
    text = f"{abs(cents) // 100:,}.{abs(cents) % 100:02}"
    return f"({text})" if cents < 0 else text


def sections(content: Mapping[str, Any]) -> Iterator[tuple[str, Rows]]:
    """The pack's tables, each with its heading row; amounts are `Cents`."""
    yield "Trial balance", [
        ["Account", "Name", "Opening", "Debits", "Credits", "Closing"],
        *([row["account"], row["name"], *(Cents(row[name]) for name in ("opening", "debits", "credits", "closing"))]
          for row in content["trial_balance"]),
    ]  # fmt: skip
    yield "Roll-forward of incentives payable", [
        ["What", "Count", "Amount"],
        *([_said(row["what"]), row["count"] if row["count"] is not None else "", Cents(row["cents"])]
          for row in content["roll_forward"]),
    ]  # fmt: skip
    for one in content["reconciliations"]:
        yield from _reconciliation(one)
    yield "Checklist", [
        ["Point", "Open", "Difference", "Waived"],
        *([_point(row), row["count"], _cents(row["cents"]), f"{row['waived']} ({row['by']})" if row["waived"] else ""]
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


def _said(kind: str) -> str:
    return kind.replace("-", " ").capitalize()


def _point(row: Mapping[str, Any]) -> str:
    """What must hold, and of which account where there are several."""
    account = account_in(row["code"])
    return f"{row['name']} ({account})" if account else str(row["name"])


def _reconciliation(one: Mapping[str, Any]) -> Iterator[tuple[str, Rows]]:
    account = one["account"]
    yield (
        f"Reconciliation of {account}",
        [
            ["What", "Amount"],
            ["Brought forward when statements began", Cents(one["brought_forward"])],
            ["Book balance", Cents(one["book"])],
            ["Less entries not yet on a statement", Cents(-one["outstanding"])],
            ["Plus statement lines not yet in the books", Cents(one["unmatched"])],
            ["Statement balance", Cents(one["statement"])],
        ],
    )
    for name, items in (("Outstanding", one["outstanding_items"]), ("Unmatched lines", one["unmatched_items"])):
        if items:
            rows = [[row["day"], Cents(row["cents"]), row["words"]] for row in items]
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
        parts.append(CondPageBreak(35 * mm if len(rows) > MOST_KEPT else (len(rows) * 7 + 20) * mm))
        parts += [Spacer(0, 5 * mm), Paragraph(heading, styles["Heading2"]), _table(rows, small)]
    document = SimpleDocTemplate(stream, pagesize=LETTER, title=title, author="Biobank", invariant=1,
                                 leftMargin=18 * mm, rightMargin=18 * mm)  # fmt: skip
    document.build(parts, onFirstPage=watermark.on_page, onLaterPages=watermark.on_page)
    return stream.getvalue()


def _plain(text: object) -> str:
    """Text as a paragraph takes it: nothing in it is markup."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _table(rows: Rows, style: Any) -> Any:
    bold, right = style.clone("bold", fontName="Helvetica-Bold"), style.clone("right", alignment=TA_RIGHT)
    head = [Paragraph(_plain(cell), bold) for cell in rows[0]]
    cells = [[Paragraph(money(cell), right) if isinstance(cell, Cents) else Paragraph(_plain(cell), style)
              for cell in row] for row in rows[1:]]  # fmt: skip
    return Table([head, *cells], colWidths=_widths(rows), style=_GRID, repeatRows=1)


def _widths(rows: Rows) -> list[float]:
    """Columns as wide as what is in them asks, together the page's width."""
    longest = [min(45, max(12, *(len(str(row[place])) for row in rows))) for place in range(len(rows[0]))]
    return [(LETTER[0] - 36 * mm) * one / sum(longest) for one in longest]


def xlsx(content: Mapping[str, Any], sha256: str) -> bytes:
    """The pack as a workbook, a sheet for each table; text stays text, whatever it begins with."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                        "strings_to_numbers": False})  # fmt: skip
    bold, amount = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00;(#,##0.00)"})
    cover = book.add_worksheet("Pack")
    for place, pair in enumerate((("Books of", content["period"]), ("From", content["opens_on"]),
                                  ("To", content["closes_on"]), ("SHA-256 of the figures", sha256))):  # fmt: skip
        cover.write_row(place, 0, pair)
    cover.set_column(0, 0, 24)
    for heading, rows in sections(content):
        # No sheet's name is longer than 31 characters.
        sheet = book.add_worksheet(heading[:31].rpartition(" ")[0] if len(heading) > 31 else heading)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, Cents):
                    sheet.write_number(place, column, cell / 100, amount)
                else:
                    sheet.write(place, column, cell if isinstance(cell, int) else str(cell), None if place else bold)
        for column in range(len(rows[0])):
            sheet.set_column(column, column, min(60, max(12, *(len(str(row[column])) + 2 for row in rows))))
        sheet.freeze_panes(1, 0)
    watermark.on_book(book)
    book.close()
    return stream.getvalue()
