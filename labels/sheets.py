"""Labels on sheets for office printers: which label goes to which place, and the PDF of the sheets."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby

from reportlab.lib.units import mm

from labels.codes import BadCode
from labels.display import DisplayList
from labels.elements import Pair
from labels.errors import LayoutError, StockError
from labels.layout import resolve
from labels.pdf import draw, new_canvas
from labels.rendering import profile
from labels.ruler import draw_ruler
from labels.stock import Stock
from labels.template import Template, load

LASER_DPI = 600
"""Bars on sheets are whole multiples of a laser printer's dot."""
FARTHEST_MM = 5.0
"""An offset beyond this is no printer's tolerance but a wrong sheet."""


@dataclass(frozen=True, slots=True)
class SheetLabel:
    """One label for a sheet: a template, or the name of a shipped one, and its data."""

    template: Template | str
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """How sheets are filled: places count from 1 along the rows, `start` and `skip` on the first sheet.

    `offset_mm` moves everything right and down by what this printer prints too far left and up. `by_participant` begins
    a new row with each participant's first label; a participant's labels must stand together.
    """

    start: int = 1
    skip: Collection[int] = ()
    offset_mm: Pair = (0.0, 0.0)
    by_participant: bool = False
    ruler: bool = True


_PLAIN = SheetOptions()


def sheets(stock: Stock, labels: Sequence[SheetLabel], options: SheetOptions = _PLAIN) -> bytes:
    """The labels in their order as a PDF of as many sheets as they need, each with a 50 mm ruler in its margin.

    Raises LayoutError or BadCode, naming the label, before anything is drawn.
    """
    if not labels:
        raise StockError("There are no labels for the sheet. Choose at least one.")
    _require_offset(stock, options.offset_mm)
    drawn = [_resolved(stock, number, label) for number, label in enumerate(labels, start=1)]
    taken = places(stock, labels, options)
    stream = BytesIO()
    width, height = (side * mm for side in stock.paper_mm)
    canvas = new_canvas(stream, title=stock.name, size=(width, height))
    for _, page in groupby(zip(taken, drawn, strict=True), key=lambda pair: pair[0] // stock.places):
        if options.ruler:
            draw_ruler(canvas, stock, options.offset_mm)
        for place, label in page:
            left, top = label_corner_mm(stock, place % stock.places, label, options.offset_mm)
            draw(canvas, label, x=left * mm, top=height - top * mm)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def places(stock: Stock, labels: Sequence[SheetLabel], options: SheetOptions = _PLAIN) -> list[int]:
    """The place of each label, counted from 0 and on over the sheets."""
    for number in (options.start, *options.skip):
        if not 1 <= number <= stock.places:
            raise StockError(f"There is no place {number} on {stock.name}. It has places 1 to {stock.places}.")
    used = {*range(options.start - 1), *(number - 1 for number in options.skip)}
    found: list[int] = []
    following = 0
    for group in _groups(labels) if options.by_participant else [list(labels)]:
        following = _next_row(stock, used, following) if options.by_participant else following
        for _ in group:
            following = _next_free(used, following)
            found.append(following)
            following += 1
    return found


def label_corner_mm(stock: Stock, place: int, label: DisplayList, offset_mm: Pair = (0.0, 0.0)) -> Pair:
    """Where the label's upper left corner stands on the paper: in the middle of its place, moved by the offset."""
    left, top = stock.corner_mm(place)
    spare = [(room - own) / 2 for room, own in zip(stock.label_mm, label.size_mm, strict=True)]
    return left + spare[0] + offset_mm[0], top + spare[1] + offset_mm[1]


def _resolved(stock: Stock, number: int, label: SheetLabel) -> DisplayList:
    try:
        template = load(label.template) if isinstance(label.template, str) else label.template
        drawn = resolve(template, label.data, profile(LASER_DPI))
    except (LayoutError, BadCode) as error:
        raise type(error)(f"Label {number}: {error}") from error
    if any(own > room + 1e-6 for own, room in zip(drawn.size_mm, stock.label_mm, strict=True)):
        wide, high = stock.label_mm
        raise StockError(
            f"Label {number}: {drawn.name} is {drawn.size_mm[0]:g} x {drawn.size_mm[1]:g} mm and {stock.name} has "
            f"{wide:g} x {high:g} mm. Choose a sheet with larger labels, or a smaller template."
        )
    return drawn


def _groups(labels: Sequence[SheetLabel]) -> Iterator[list[SheetLabel]]:
    seen: set[str] = set()
    for code, group in groupby(labels, key=lambda label: label.data.get("participant_code", "").strip()):
        if not code:
            raise StockError("A label has no participant_code. Give it, or do not ask for one participant a row.")
        if code in seen:
            raise StockError("A participant's labels are not together. Sort them by participant_code.")
        seen.add(code)
        yield list(group)


def _next_row(stock: Stock, used: set[int], following: int) -> int:
    """The first place of the next row that has one free."""
    row = -(-following // stock.columns)
    while all(row * stock.columns + column in used for column in range(stock.columns)):
        row += 1
    return row * stock.columns


def _next_free(used: set[int], following: int) -> int:
    while following in used:
        following += 1
    return following


def _require_offset(stock: Stock, offset_mm: Pair) -> None:
    left, above, right, below = stock.margin_mm
    across, down = offset_mm
    if not all(-FARTHEST_MM <= move <= FARTHEST_MM for move in offset_mm):
        raise StockError(f"An offset is at most {FARTHEST_MM:g} mm each way. If more is needed, it is another sheet.")
    if across < -left or across > right or down < -above or down > below:
        raise StockError(f"With this offset labels of {stock.name} leave the paper. Measure again and correct it.")
