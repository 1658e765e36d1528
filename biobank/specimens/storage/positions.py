"""The positions of a box by name: rows are letters, columns are numbers, `B4` is the fourth of the second row."""

import re
from collections.abc import Collection, Iterator

from biobank.errors import Invalid

# A plate of 384 wells has 16 rows and 24 columns; no box is larger.
MOST_ROWS, MOST_COLUMNS = 26, 50
_NAME = re.compile(r"([A-Z])0?([1-9][0-9]?)", re.ASCII)


def name_of(slot: int, columns: int) -> str:
    """The name of a position; slots are counted from 1, row by row."""
    row, column = divmod(slot - 1, columns)
    return f"{chr(ord('A') + row)}{column + 1}"


def slot_of(name: str, *, rows: int, columns: int) -> int:
    """The slot of a named position, `b4`, `B04` and `B4` alike. Raises Invalid for one that the box does not have."""
    found = _NAME.fullmatch(name.strip().upper())
    row = ord(found[1]) - ord("A") if found else rows
    column = int(found[2]) if found else columns + 1
    if row >= rows or column > columns:
        raise Invalid("This box has no position %(name)s. Its last one is %(last)s.", code="no-such-position",
                      name=name.strip()[:12], last=name_of(rows * columns, columns))  # fmt: skip
    return row * columns + column


def is_position(text: str) -> bool:
    """Whether a scan or what was typed reads as the name of a position."""
    return _NAME.fullmatch(text.strip().upper()) is not None


def free(taken: Collection[int], size: int, after: int = 0) -> Iterator[int]:
    """The free slots of a box, first those from `after` on, then those before it."""
    for slot in (*range(max(after, 1), size + 1), *range(1, max(after, 1))):
        if slot not in taken:
            yield slot
