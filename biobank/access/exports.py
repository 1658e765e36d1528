"""Files that leave: counted against the day's limit of whoever takes them, written down, and found again."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.export_table import Exported
from biobank.access.security_log import note_event
from biobank.access.security_models import Export, ExportCount, Security
from biobank.actor import Actor
from biobank.config import Settings
from biobank.db import Tx, insert_ignore
from biobank.errors import NotSignedIn, TooMany
from biobank.web.watermark import Mark

# Crockford's base 32 without the letters that read like others; 50 random bits.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Leaving:
    """A file as it leaves: its mark, where from, how many records, the SHA-256 of its bytes."""

    mark: Mark
    endpoint: str
    records: int
    sha256: str


def new_mark(actor: Actor) -> Mark:
    """A number nobody can guess, for a file that this person takes now."""
    return Mark("EX" + "".join(secrets.choice(_LETTERS) for _ in range(10)), actor.name, clock.now())


def limit_of(settings: Settings, actor: Actor, found: Exported) -> int:
    """Records that somebody may take on one day (UTC): the highest of their roles; people's names by one limit."""
    if found.names_people:
        return settings.export_people
    limits = settings.records_by_role
    return max((limits.get(str(role), 0) for role in actor.roles), default=0)


def _taken(tx: Tx, staff_id: UUID, day: date, *, names_people: bool) -> int:
    query = sa.select(ExportCount.records).filter_by(staff_id=staff_id, day=day, names_people=names_people)
    return tx.session.scalar(query) or 0


def left(tx: Tx, settings: Settings, found: Exported) -> int:
    """Records that the actor may still take today."""
    taken = _taken(tx, _staff_id(tx), clock.now().date(), names_people=found.names_people)
    return max(0, limit_of(settings, tx.actor, found) - taken)


def _staff_id(tx: Tx) -> UUID:
    if tx.actor.id is None:
        raise NotSignedIn("Sign in to go on.")
    return tx.actor.id


def refusal(tx: Tx, settings: Settings, found: Exported) -> TooMany:
    """What to tell somebody who would take more than a day's limit."""
    return TooMany(
        "This file has more records than you may still take today (%(left)s of %(limit)s). Narrow it, take the rest "
        "after midnight UTC, or ask an administrator to raise BIOBANK_EXPORT_LIMITS.",
        code="export-limit", left=left(tx, settings, found), limit=limit_of(settings, tx.actor, found),
    )  # fmt: skip


def write_down(tx: Tx, settings: Settings, found: Exported, file: Leaving) -> Export:
    """Count a file and keep its number and digest. Raises `TooMany` where the day's limit does not reach."""
    staff_id, today = _staff_id(tx), clock.now().date()
    key = {"staff_id": staff_id, "day": today, "names_people": found.names_people}
    insert_ignore(tx.session, ExportCount, **key, records=0)
    # Counted and compared in one statement: two files at once do not both take what is left for one.
    counted = (
        sa.update(ExportCount)
        .filter_by(**key)
        .where(ExportCount.records + file.records <= limit_of(settings, tx.actor, found))
        .values(records=ExportCount.records + file.records)
        .returning(ExportCount.records)
    )
    if tx.session.execute(counted.execution_options(synchronize_session=False)).first() is None:
        raise refusal(tx, settings, found)
    made = Export(code=file.mark.number, at=file.mark.at, staff_id=staff_id, staff_name=file.mark.name,
                  endpoint=file.endpoint, what=str(found.what), records=file.records, names_people=found.names_people,
                  sha256=file.sha256)  # fmt: skip
    tx.session.add(made)
    tx.session.flush()
    note_event(tx, Security.EXPORTED, subject_kind="export", subject_id=made.id, note=f"{made.code}, {made.records}")
    return made


def note_refusal(tx: Tx, found: Exported) -> None:
    """Keep that somebody wanted more than the limit, for the auditor."""
    note_event(tx, Security.EXPORT_REFUSED, subject_kind="export", note=str(found.what))


def search(text: str) -> sa.Select[Any]:
    """Exports by the number written in a file or by its SHA-256; all of them for an empty text."""
    wanted = text.strip()
    query = sa.select(Export)
    return query.where(sa.or_(Export.code == wanted.upper(), Export.sha256 == wanted.lower())) if wanted else query
