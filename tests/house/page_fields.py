"""What no page of a reader may hold: the kinds of `biobank/access/fields.py`, as the values of one filled programme."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from biobank.access.fields import KINDS
from biobank.access.models import Staff
from biobank.actor import SYSTEM, Role
from biobank.db import Databases, Tx
from biobank.measurements.models import EntryKind, MeasurementEntry
from biobank.participants import vault
from biobank.participants.models import Participant

# Who somebody is stands in no kind of the interface's fields: pages show it to the clinic alone.
_WHO = frozenset({Role.CLINIC})
# What an auditor is told of a look: the key of the record, never its codes or values.
_KEYS = KINDS["participant"].seen_by | {Role.AUDITOR}


@dataclass(frozen=True)
class Value:
    """One value as it may stand on a page, who may see it, and at which site; two people may well weigh the same."""

    text: str
    what: str
    seen_by: frozenset[object]
    site_id: UUID | None = None

    def is_closed_to(self, member: Staff) -> bool:
        roles = {entry.role for entry in member.roles}
        if not roles & self.seen_by:
            return True
        return roles == {Role.CLINIC} and self.site_id not in (None, member.site_id)


def squeezed(html: str) -> str:
    """A page or a value without spaces and hyphens: codes are shown in groups, units apart from their numbers."""
    return re.sub(r"[\s\u00a0-]|&nbsp;|&#160;", "", html)


def _people(tx: Tx) -> Iterator[Value]:
    for row in tx.session.scalars(sa.select(Participant)):
        codes, person = vault.codes_of(tx, participant_id=row.id), vault.person_of(tx, row.id)
        born = person.born_on
        who = [person.name.full, f"{person.name.last}, {person.name.first}", person.contact.email,
               born.isoformat(), f"{born:%m/%d/%Y}", f"{born.month}/{born.day}/{born.year}"]  # fmt: skip
        kinds = (
            ("who", who, _WHO),
            ("clinic code", [codes.clinic], KINDS["participant"].seen_by),
            ("participant's key", [str(row.id)], _KEYS),
            ("donor", [codes.biobank, str(codes.donor_id)], KINDS["donor"].seen_by),
            ("payee", [codes.finance, str(codes.payee_id)], KINDS["money"].seen_by),
        )
        for what, texts, seen_by in kinds:
            yield from (Value(text, what, seen_by, row.site_id) for text in texts if text)


def _measures(tx: Tx) -> Iterator[Value]:
    query = sa.select(MeasurementEntry.typed_text, MeasurementEntry.typed_unit).where(
        MeasurementEntry.kind == EntryKind.VALUE
    )
    for text, unit in tx.session.execute(query):
        if text and unit:
            yield Value(f"{text} {unit}", "health", KINDS["health"].seen_by)


def closed(databases: Databases) -> Mapping[str, Mapping[str, str]]:
    """For each member of staff, every value of the programme that none of their pages may hold, and what it is."""
    with databases.transaction(SYSTEM, read_only=True) as tx:
        values = [*_people(tx), *_measures(tx)]
        return {
            member.username: {squeezed(value.text): value.what for value in values if value.is_closed_to(member)}
            for member in tx.session.scalars(sa.select(Staff))
        }
