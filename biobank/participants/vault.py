"""The vault: who somebody is, and the only list that joins a person's three codes. No other file opens it."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from biobank import clock
from biobank.columns import VaultBase, Word, one_of
from biobank.db import Tx, insert_ignore
from biobank.errors import NotFound
from biobank.participants.mentions import kinds_in
from biobank.participants.person import Codes, Contact, DistinctReason, Person, PersonName
from biobank.participants.sealing import blind_index, plain_name, plain_phone, seal, unseal
from labels import Kind, mint

_DRAWS = 5


class VaultPerson(VaultBase):
    """One person. Sealed columns open only with the vault's key and only in their own row and column.

    The indexes are blind (HMAC under a second key), each over a detail together with the birth date.
    """

    __tablename__ = "person"
    __table_args__ = (one_of("distinct_reason", DistinctReason),)

    participant_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    donor_id: Mapped[UUID] = mapped_column(unique=True)
    payee_id: Mapped[UUID] = mapped_column(unique=True)
    clinic_code: Mapped[str] = mapped_column(sa.String(13), unique=True)
    biobank_code: Mapped[str] = mapped_column(sa.String(13), unique=True)
    finance_code: Mapped[str] = mapped_column(sa.String(13), unique=True)
    first_name: Mapped[bytes] = mapped_column(sa.LargeBinary)
    last_name: Mapped[bytes] = mapped_column(sa.LargeBinary)
    born_on: Mapped[bytes] = mapped_column(sa.LargeBinary)
    email: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    street: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    name_index: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    email_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    phone_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    distinct_reason: Mapped[DistinctReason | None] = mapped_column(Word(DistinctReason))
    added_at: Mapped[datetime]


class EnrolmentTurn(VaultBase):
    """One row a blind index: whoever enrols somebody locks it first, so that two clerks with one person take turns."""

    __tablename__ = "enrolment_turn"

    mark: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)


def _seal(tx: Tx, row: UUID, **values: str | None) -> dict[str, bytes | None]:
    key = tx.databases.keys("vault-data")
    return {
        column: None if text is None else seal(key, text, table="person", column=column, row=row)
        for column, text in values.items()
    }


def _unseal(tx: Tx, person: VaultPerson, column: str) -> str | None:
    sealed: bytes | None = getattr(person, column)
    if sealed is None:
        return None
    key = tx.databases.keys("vault-data")
    return unseal(key, sealed, table="person", column=column, row=person.participant_id)


def _name_index(tx: Tx, last_name: str, born_on: date) -> bytes:
    return blind_index(tx.databases.keys("vault-index"), "name", plain_name(last_name), born_on)


def _contact_indexes(tx: Tx, contact: Contact, born_on: date) -> dict[str, bytes | None]:
    key = tx.databases.keys("vault-index")
    email, phone = (contact.email or "").strip().casefold(), plain_phone(contact.phone or "")
    return {
        "email_index": blind_index(key, "email", email, born_on) if email else None,
        "phone_index": blind_index(key, "phone", phone, born_on) if phone else None,
    }


def _indexes(tx: Tx, person: Person) -> dict[str, bytes | None]:
    return {"name_index": _name_index(tx, person.name.last, person.born_on)} | _contact_indexes(
        tx, person.contact, person.born_on
    )


def _take_turn(tx: Tx, marks: Collection[bytes]) -> None:
    """Lock these indexes, always in the same order, until the transaction ends."""
    for mark in sorted(marks):
        insert_ignore(tx.vault, EnrolmentTurn, mark=mark)
        tx.vault.execute(sa.select(EnrolmentTurn.mark).filter_by(mark=mark).with_for_update())


def likely_same(tx: Tx, person: Person) -> list[UUID]:
    """Participants with this birth date and the same last name, e-mail or phone; they stay locked."""
    indexes = _indexes(tx, person)
    _take_turn(tx, [mark for mark in indexes.values() if mark])
    same = sa.or_(*(getattr(VaultPerson, column) == mark for column, mark in indexes.items() if mark))
    return list(tx.vault.scalars(sa.select(VaultPerson.participant_id).where(same)))


def find(tx: Tx, last_name: str, born_on: date) -> list[UUID]:
    """Participants of this last name and birth date; case and accents do not matter."""
    same = VaultPerson.name_index == _name_index(tx, last_name, born_on)
    return list(tx.vault.scalars(sa.select(VaultPerson.participant_id).where(same)))


def _draws() -> Iterator[Codes]:
    # Wholly random: time-ordered keys drawn together would join the three rows by their time.
    ids = uuid4(), uuid4(), uuid4()
    for _ in range(_DRAWS):
        yield Codes(*ids, clinic=mint(Kind.PARTICIPANT), biobank=mint(Kind.BIOBANK), finance=mint(Kind.FINANCE))


def add_person(tx: Tx, person: Person, distinct: DistinctReason | None) -> Codes:
    """Keep a person and draw three unrelated codes; drawn again if one is taken."""
    for codes in _draws():
        row = VaultPerson(
            participant_id=codes.participant_id, donor_id=codes.donor_id, payee_id=codes.payee_id,
            clinic_code=codes.clinic, biobank_code=codes.biobank, finance_code=codes.finance,
            distinct_reason=distinct, added_at=clock.now(),
            **_indexes(tx, person), **_sealed(tx, codes.participant_id, person),
        )  # fmt: skip
        try:
            with tx.vault.begin_nested():
                tx.vault.add(row)
        except IntegrityError:
            continue
        return codes
    raise RuntimeError("no free code was drawn")


def _sealed(tx: Tx, row: UUID, person: Person) -> dict[str, bytes | None]:
    name, contact = person.name, person.contact
    return _seal(tx, row, first_name=name.first, last_name=name.last, born_on=person.born_on.isoformat(),
                 email=contact.email, phone=contact.phone, street=contact.street)  # fmt: skip


def added_between(tx: Tx, after: datetime, before: datetime) -> set[UUID]:
    """The participants whose person was kept between these moments."""
    query = sa.select(VaultPerson.participant_id)
    return set(tx.vault.scalars(query.where(VaultPerson.added_at >= after, VaultPerson.added_at < before)))


def remove(tx: Tx, participant_ids: Collection[UUID]) -> None:
    """Forget persons whose enrolment never came to be."""
    tx.vault.execute(sa.delete(VaultPerson).where(VaultPerson.participant_id.in_(participant_ids)))


def _person_row(tx: Tx, participant_id: UUID) -> VaultPerson:
    found = tx.vault.get(VaultPerson, participant_id)
    if found is None:
        raise NotFound("There is no such participant. Search again.")
    return found


def person_of(tx: Tx, participant_id: UUID) -> Person:
    """Everything known about who somebody is. The caller has noted the look."""
    row = _person_row(tx, participant_id)
    first, last, born = (_unseal(tx, row, column) or "" for column in ("first_name", "last_name", "born_on"))
    contact = Contact(*(_unseal(tx, row, column) for column in ("email", "phone", "street")))
    return Person(PersonName(first, last), date.fromisoformat(born), contact)


def details_found(tx: Tx, participant_id: UUID, text: str) -> tuple[str, ...]:
    """The kinds of the participant's own details that a text holds (name, birth-date, ...); the details stay here."""
    return kinds_in(person_of(tx, participant_id), text)


def born_on_of(tx: Tx, participant_id: UUID) -> date:
    """The birth date alone, for a rule that asks for it."""
    return date.fromisoformat(_unseal(tx, _person_row(tx, participant_id), "born_on") or "")


def change_contact(tx: Tx, participant_id: UUID, contact: Contact) -> None:
    """Keep these ways to reach somebody in place of the former ones."""
    row = _person_row(tx, participant_id)
    values = _seal(tx, participant_id, email=contact.email, phone=contact.phone, street=contact.street)
    values |= _contact_indexes(tx, contact, born_on_of(tx, participant_id))
    tx.vault.execute(sa.update(VaultPerson).filter_by(participant_id=row.participant_id).values(**values))
    tx.vault.refresh(row)


def codes_of(tx: Tx, **key: UUID) -> Codes:
    """The codes of the person with this participant_id, donor_id or payee_id: the one place that joins them."""
    row = tx.vault.scalar(sa.select(VaultPerson).filter_by(**key))
    if row is None:
        raise NotFound("There is no such participant. Search again.")
    return Codes(participant_id=row.participant_id, donor_id=row.donor_id, payee_id=row.payee_id,
                 clinic=row.clinic_code, biobank=row.biobank_code, finance=row.finance_code)  # fmt: skip
