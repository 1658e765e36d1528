"""Label designs: reading, drawing, and publishing a new version; what was published stays as it is."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Invalid, NotFound
from biobank.printing import samples
from biobank.printing.label_troubles import quoted
from biobank.printing.models import LabelDesign
from labels import (
    Adjustment,
    BadCode,
    LayoutError,
    Template,
    read_template,
    render_template,
    template_source,
    templates,
)
from labels.adjustment import PLAIN

RESOLUTIONS = (203, 300, 600)
SHIPPED_BY = "Biobank"


@dataclass(frozen=True, slots=True)
class Design:
    """A version of a design. `published_at` is None for a shipped one that no label has used yet."""

    name: str
    version: int
    layout: str
    note: str = ""
    published_by: str = SHIPPED_BY
    published_at: datetime | None = None

    @property
    def template(self) -> Template:
        return _read(self.layout)

    def draw(self, data: Mapping[str, str], fmt: str, dpi: int, adjustment: Adjustment = PLAIN) -> bytes:
        """The label's bytes. Raises LayoutError or BadCode."""
        return render_template(self.template, data, fmt, dpi, adjustment)


@lru_cache(maxsize=256)
def _read(layout: str) -> Template:
    return read_template(layout)


def design(tx: Tx, name: str, version: int | None = None) -> Design:
    """A design, its newest version unless one is named. Raises NotFound, naming those there are."""
    query = sa.select(LabelDesign).filter_by(name=name).order_by(LabelDesign.version.desc()).limit(1)
    row = tx.session.scalar(query if version is None else query.filter_by(version=version))
    if row is not None:
        return _design(row)
    if name in templates() and version in (None, 1):
        return Design(name, 1, template_source(name))
    if version is not None and name in names(tx):
        raise NotFound("Design %(name)s has no version %(version)s.", name=repr(name[:40]), version=version)
    raise NotFound("There is no label design %(name)s. Choose one of: %(known)s.", code="no-design",
                   name=repr(name[:40]), known=", ".join(names(tx)))  # fmt: skip


def keep(tx: Tx, name: str) -> Design:
    """The newest version, kept in the database from now on where it was only shipped."""
    found = design(tx, name)
    if found.published_at is None:
        keep_layout(tx, name, found.layout)
    return found


def keep_layout(tx: Tx, name: str, layout: str) -> None:
    """Keep a layout of ours as version 1 of its design, unless there is one."""
    insert_ignore(tx.session, LabelDesign, id=new_id(), name=name, version=1, layout=layout, note="",
                  published_at=clock.now(), published_by=SHIPPED_BY)  # fmt: skip


def names(tx: Tx) -> list[str]:
    """The names of all designs, shipped or published."""
    return sorted({*templates(), *tx.session.scalars(sa.select(LabelDesign.name).distinct())})


def designs(tx: Tx) -> list[Design]:
    """The newest version of every design, by name."""
    newest = sa.select(LabelDesign.name, sa.func.max(LabelDesign.version).label("version")).group_by(LabelDesign.name)
    last = newest.subquery()
    query = sa.select(LabelDesign).join(
        last, sa.and_(LabelDesign.name == last.c.name, LabelDesign.version == last.c.version)
    )
    kept = {row.name: _design(row) for row in tx.session.scalars(query)}
    shipped = {name: Design(name, 1, template_source(name)) for name in templates() if name not in kept}
    return [found for _, found in sorted((kept | shipped).items())]


def versions(tx: Tx, name: str) -> list[Design]:
    """Every version of a design, newest first. Raises NotFound."""
    query = sa.select(LabelDesign).filter_by(name=name).order_by(LabelDesign.version.desc())
    return [_design(row) for row in tx.session.scalars(query)] or [design(tx, name)]


def publish(tx: Tx, name: str, *, layout: str, note: str, based_on: int) -> Design:
    """Publish a layout as the next version of a design; `based_on` is the version it was made from, 0 for a new design.

    Refused unless it can be drawn at every resolution, with the way out in the words of the layout itself.
    """
    checked = check(name, layout)
    newest = keep(tx, name).version if name in names(tx) else 0
    if newest != based_on:
        raise Conflict("Version %(newest)s of this design was published meanwhile. Look at it, then make your change "
                       "there.", code="design-changed", newest=newest)  # fmt: skip
    if newest and read_template(layout) == design(tx, name).template:
        raise Invalid("Nothing was changed, so there is nothing to publish.", code="design-same")
    made = replace(checked, version=newest + 1, note=note, published_by=tx.actor.name, published_at=clock.now())
    if not insert_ignore(tx.session, LabelDesign, id=new_id(), **asdict(made)):
        raise Conflict("Another version of this design was published meanwhile. Look at it, then make your change "
                       "there.", code="design-changed")  # fmt: skip
    return made


def check(name: str, layout: str) -> Design:
    """The layout as a design that can be drawn. Raises Invalid with the first thing that is wrong and the way out."""
    draft = Design(name, 1, layout)
    try:
        if draft.template.id != name:
            raise Invalid("The layout calls itself %(other)s. Its id must be %(name)s.", code="design-name",
                          other=repr(draft.template.id[:40]), name=name)  # fmt: skip
        for dpi in RESOLUTIONS:
            draft.draw(samples.of(draft.template), "png", dpi)
    except (LayoutError, BadCode) as problem:
        raise Invalid("The label cannot be drawn: %(why)s", code="design", why=quoted(problem)) from problem
    return draft


def _design(row: LabelDesign) -> Design:
    return Design(row.name, row.version, row.layout, row.note, row.published_by, row.published_at)
