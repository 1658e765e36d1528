"""The vault: who somebody is, and the only list that joins a person's three codes. No other file opens it."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from biobank import clock
from biobank.db import Tx, insert_ignore
from biobank.errors import NotFound
from biobank.participants.mentions import kinds_in
from biobank.participants.person import Codes, Contact, DistinctReason, Person, PersonName
from biobank.participants.sealing import blind_index, plain_name, plain_phone, seal, unseal
from biobank.participants.vault_keys import draw_key, keep_key, key_of
from biobank.participants.vault_models import EnrolmentTurn, PersonKey, VaultPerson
from labels import Kind, mint

_DRAWS = 5


def _seal(key: bytes, row: UUID, **values: str | None) -> dict[str, bytes | None]:
    return {
        column: None if text is None else seal(key, text, table="person", column=column, row=row)
        for column, text in values.items()
    }


def _unseal(tx: Tx, person: VaultPerson, *columns: str) -> list[str | None]:
    key = key_of(tx, person)
    sealed: list[bytes | None] = [getattr(person, column) for column in columns]
    return [
        None if value is None else unseal(key, value, table="person", column=column, row=person.participant_id)
        for column, value in zip(columns, sealed, strict=True)
    ]


def _name_index(tx: Tx, last_name: str, born_on: date) -> bytes:
    return blind_index(tx.databases.keys("vault-index"), "name", plain_name(last_name), born_on)


def _contact_indexes(tx: Tx, contact: Contact, born_on: date) -> dict[str, bytes | None]:
    key = tx.databases.keys("vault-index")
    email, phone = (contact.email or "").strip().casefold(), plain_phone(contact.phone or "")
    return {
        "email_index": blind_index(key, "email", email, born_on) if email else None,
        "phone_index": blind_index(key, "phone", phone, born_on) if phone else None,
        "email_alone": blind_index(key, "email-alone", email) if email else None,
        "phone_alone": blind_index(key, "phone-alone", phone) if phone else None,
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
    indexes = {column: mark for column, mark in _indexes(tx, person).items() if column.endswith("_index")}
    _take_turn(tx, [mark for mark in indexes.values() if mark])
    same = sa.or_(*(getattr(VaultPerson, column) == mark for column, mark in indexes.items() if mark))
    return list(tx.vault.scalars(sa.select(VaultPerson.participant_id).where(same)))


def find(tx: Tx, last_name: str, born_on: date) -> list[UUID]:
    """Participants of this last name and birth date; case and accents do not matter."""
    same = VaultPerson.name_index == _name_index(tx, last_name, born_on)
    return list(tx.vault.scalars(sa.select(VaultPerson.participant_id).where(same)))


def find_by_contact(tx: Tx, contact: Contact) -> list[UUID]:
    """Participants with this e-mail or this phone, whoever they are."""
    marks = {column: mark for column, mark in _contact_indexes(tx, contact, date.min).items() if mark}
    alone = [getattr(VaultPerson, column) == mark for column, mark in marks.items() if column.endswith("_alone")]
    if not alone:
        return []
    return list(tx.vault.scalars(sa.select(VaultPerson.participant_id).where(sa.or_(*alone))))


def _draws() -> Iterator[Codes]:
    # Wholly random: time-ordered keys drawn together would join the three rows by their time.
    ids = uuid4(), uuid4(), uuid4()
    for _ in range(_DRAWS):
        yield Codes(*ids, clinic=mint(Kind.PARTICIPANT), biobank=mint(Kind.BIOBANK), finance=mint(Kind.FINANCE))


def add_person(tx: Tx, person: Person, distinct: DistinctReason | None) -> Codes:
    """Keep a person and draw three unrelated codes; drawn again if one is taken."""
    key = draw_key()
    for codes in _draws():
        row = VaultPerson(
            participant_id=codes.participant_id, donor_id=codes.donor_id, payee_id=codes.payee_id,
            clinic_code=codes.clinic, biobank_code=codes.biobank, finance_code=codes.finance,
            distinct_reason=distinct, added_at=clock.now(),
            **_indexes(tx, person), **_sealed(key, codes.participant_id, person),
        )  # fmt: skip
        try:
            with tx.vault.begin_nested():
                tx.vault.add(row)
        except IntegrityError:
            continue
        keep_key(tx, codes.participant_id, key)
        return codes
    raise RuntimeError("no free code was drawn")


def _sealed(key: bytes, row: UUID, person: Person) -> dict[str, bytes | None]:
    name, contact = person.name, person.contact
    return _seal(key, row, first_name=name.first, last_name=name.last, born_on=person.born_on.isoformat(),
                 email=contact.email, phone=contact.phone, street=contact.street)  # fmt: skip


def added_between(tx: Tx, after: datetime, before: datetime) -> set[UUID]:
    """The participants whose person was kept between these moments."""
    query = sa.select(VaultPerson.participant_id)
    return set(tx.vault.scalars(query.where(VaultPerson.added_at >= after, VaultPerson.added_at < before)))


def remove(tx: Tx, participant_ids: Collection[UUID]) -> None:
    """Forget persons whose enrolment never came to be."""
    tx.vault.execute(sa.delete(PersonKey).where(PersonKey.participant_id.in_(participant_ids)))
    tx.vault.execute(sa.delete(VaultPerson).where(VaultPerson.participant_id.in_(participant_ids)))


def _person_row(tx: Tx, participant_id: UUID) -> VaultPerson:
    found = tx.vault.get(VaultPerson, participant_id)
    if found is None:
        raise NotFound("There is no such participant. Search again.")
    return found


def person_of(tx: Tx, participant_id: UUID) -> Person:
    """Everything known about who somebody is. The caller has noted the look."""
    row = _person_row(tx, participant_id)
    first, last, born, *contact = _unseal(tx, row, "first_name", "last_name", "born_on", "email", "phone", "street")
    return Person(PersonName(first or "", last or ""), date.fromisoformat(born or ""), Contact(*contact))


def details_found(tx: Tx, participant_id: UUID, text: str) -> tuple[str, ...]:
    """The kinds of the participant's own details that a text holds (name, birth-date, ...); the details stay here."""
    return kinds_in(person_of(tx, participant_id), text)


def born_on_of(tx: Tx, participant_id: UUID) -> date:
    """The birth date alone, for a rule that asks for it."""
    return date.fromisoformat(_unseal(tx, _person_row(tx, participant_id), "born_on")[0] or "")


def change_contact(tx: Tx, participant_id: UUID, contact: Contact) -> None:
    """Keep these ways to reach somebody in place of the former ones."""
    row = _person_row(tx, participant_id)
    values = _seal(key_of(tx, row), participant_id, email=contact.email, phone=contact.phone, street=contact.street)
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


def adopt(tx: Tx, limit: int) -> int:
    """Seal persons who were kept under the vault's one key under a key of their own; answers how many there were."""
    query = sa.select(VaultPerson).outerjoin(PersonKey, PersonKey.participant_id == VaultPerson.participant_id)
    query = query.where(PersonKey.participant_id.is_(None), VaultPerson.erased_at.is_(None)).limit(limit)
    rows = list(tx.vault.scalars(query.with_for_update(of=VaultPerson)))
    for row in rows:
        person, key = person_of(tx, row.participant_id), draw_key()
        for column, value in (_sealed(key, row.participant_id, person) | _indexes(tx, person)).items():
            setattr(row, column, value)
        keep_key(tx, row.participant_id, key)
    return len(rows)


def standing(tx: Tx, participant_ids: Collection[UUID]) -> set[UUID]:
    """Those among these whose identity is still here."""
    query = sa.select(VaultPerson.participant_id).where(VaultPerson.erased_at.is_(None))
    return {one for one in participant_ids if tx.vault.scalar(query.filter_by(participant_id=one)) is not None}
