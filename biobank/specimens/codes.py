"""Drawing codes that are still free, and reading scanned ones with a clerk's refusal."""

from typing import Any

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Invalid
from labels import BadCode, Kind, mint, parse


def draw(tx: Tx, kind: Kind, column: Any) -> str:
    """A code of this kind that no row has in this column; the column is unique, should two be drawn at once."""
    code = mint(kind)
    while tx.session.scalar(sa.select(column).where(column == code)) is not None:
        code = mint(kind)
    return code


def read(text: str, expect: Kind) -> str:
    """The code in a scan. Raises Invalid, saying what was read in its place."""
    try:
        return parse(text, expect).text
    except BadCode as problem:
        raise Invalid.of(problem, code="bad-code") from None
