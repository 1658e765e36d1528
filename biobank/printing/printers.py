"""The printers there are, as far as a preview must know them: at which resolutions they print."""

import sqlalchemy as sa

from biobank.db import Tx
from biobank.printing.designs import RESOLUTIONS
from biobank.printing.models import Printer


def resolutions(tx: Tx) -> list[tuple[int, str]]:
    """Each resolution in dots per inch, with the names of the printers that have it."""
    names: dict[int, set[str]] = {dpi: set() for dpi in RESOLUTIONS}
    for dpi, name in tx.session.execute(sa.select(Printer.dpi, Printer.name)):
        names.setdefault(dpi, set()).add(name)
    return [(dpi, f"{dpi} dpi: {', '.join(sorted(found))}" if found else f"{dpi} dpi") for dpi, found in names.items()]
