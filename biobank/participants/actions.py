"""What can be done about participants: enrol, find, change, withdraw, and translate between a person's codes."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.events import emit
from biobank.participants import consenting, consents, vault
from biobank.participants.eligibility import EligibilityAnswers, Refusal, assess
from biobank.participants.events import ParticipantEnrolled
from biobank.participants.leaving import withdraw
from biobank.participants.models import ConsentAct, Language, Participant, ParticipantEventKind, ParticipantStatus
from biobank.participants.person import Codes, Contact, DistinctReason, Person, PersonName
from biobank.participants.recording import record
from biobank.participants.standing import locked, require_active, survivor_of
from labels import BadCode, Kind, parse

__all__ = [
    "LikelyDuplicate", "NotEligible", "biobank_code_of", "born_on_of", "by_clinic_code", "change", "contact_of",
    "details_found", "donor_of", "enrol", "locked", "name_of", "participant_of", "participant_of_donor",
    "participant_of_payee", "payee_of", "person_of", "require_active", "require_consent", "require_eligible", "search",
    "survivor_of", "sweep_vault", "withdraw",
]  # fmt: skip

_SETTLED = timedelta(hours=1)
_SWEPT = timedelta(days=30)


class NotEligible(Invalid):
    """Conditions of taking part are not met; `refusals` holds each with its words in both languages."""

    code = "not-eligible"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(" ".join(refusal.en for refusal in refusals),
                         details={"conditions": [str(refusal.code) for refusal in refusals]})  # fmt: skip
        self.refusals = tuple(refusals)


class LikelyDuplicate(Conflict):
    """Somebody with these details is enrolled; only a stated reason tells two people apart."""

    code = "likely-duplicate"


def require_eligible(tx: Tx, answers: EligibilityAnswers, *, born_on: date, site_id: UUID) -> None:
    """Refuse with every condition that is not met on today's date at the site."""
    site = tx.session.get_one(Site, site_id)
    refusals = assess(answers, born_on=born_on, today=clock.today(site.zone))
    if refusals:
        raise NotEligible(refusals)


def require_consent(tx: Tx, participant_id: UUID, site_id: UUID) -> None:
    """Refuse unless a consent stands that counts today."""
    consenting.require_consent(tx, participant_of(tx, participant_id), site_id)


def enrol(
    tx: Tx,
    *,
    first_name: str,
    last_name: str,
    born_on: date,
    language: Language | str,
    answers: EligibilityAnswers,
    site_id: UUID,
    email: str | None = None,
    phone: str | None = None,
    street: str | None = None,
    consent_version: str | None = None,
    consented_on: date | None = None,
    distinct: DistinctReason | None = None,
) -> Participant:
    """Enrol somebody. `distinct` says why a person with the same details is somebody else.

    Raises `NotEligible`, `LikelyDuplicate`, or `Invalid` for a consent that cannot be.
    """
    require_eligible(tx, answers, born_on=born_on, site_id=site_id)
    today = clock.today(tx.session.get_one(Site, site_id).zone)
    consent_version = consent_version or consents.current(today).id
    consented_on = consenting.day_given(tx, site_id, consent_version, consented_on)
    person = Person(PersonName(first_name, last_name), born_on, Contact(email, phone, street))
    same = vault.likely_same(tx, person)
    if same and distinct is None:
        raise LikelyDuplicate("Somebody with these details is enrolled already; search instead.",
                              details={"participants": [str(one) for one in same]})  # fmt: skip
    codes = vault.add_person(tx, person, distinct if same else None)
    participant = Participant(
        id=codes.participant_id, clinic_code=codes.clinic, status=ParticipantStatus.ACTIVE, language=Language(language),
        site_id=site_id, consent_version=consent_version, consented_on=consented_on, enrolled_at=clock.now(), version=1,
    )  # fmt: skip
    tx.session.add(participant)
    tx.session.flush()
    consenting.note(tx, participant.id, consent_version, ConsentAct.GIVEN, consented_on)
    record(tx, participant.id, ParticipantEventKind.ENROLLED, answers=asdict(answers), consent=consent_version)
    emit(tx, ParticipantEnrolled(participant_id=codes.participant_id, donor_id=codes.donor_id,
                                 biobank_code=codes.biobank, payee_id=codes.payee_id,
                                 finance_code=codes.finance))  # fmt: skip
    return participant


def sweep_vault(tx: Tx) -> int:
    """Forget persons of the last month, older than an hour, whom the study does not know; answers how many.

    The vault commits before the study: a crash between the two leaves somebody in the vault alone.
    """
    now = clock.now()
    recent = vault.added_between(tx, now - _SWEPT, now - _SETTLED)
    known = set(tx.session.scalars(sa.select(Participant.id).where(Participant.enrolled_at >= now - _SWEPT - _SETTLED)))
    unknown = recent - known
    vault.remove(tx, unknown)
    return len(unknown)


def participant_of(tx: Tx, participant_id: UUID) -> Participant:
    """The participant of this key."""
    found = tx.session.get(Participant, participant_id)
    if found is None:
        raise NotFound("There is no such participant. Search again.")
    return found


def by_clinic_code(tx: Tx, code: str) -> Participant:
    """The participant of a card's P code, as scanned or typed; of a merged registration, the one that stays."""
    try:
        wanted = parse(code, Kind.PARTICIPANT).text
    except BadCode as problem:
        raise Invalid.of(problem, code="bad-code") from problem
    found = tx.session.scalar(sa.select(Participant).filter_by(clinic_code=wanted))
    if found is None:
        raise NotFound("No participant has this code. Scan the card again, or search by last name and birth date.")
    return participant_of(tx, survivor_of(tx, found.id))


def search(tx: Tx, last_name: str, born_on: date) -> list[Participant]:
    """Participants of this last name and birth date; several when they are twins."""
    ids = vault.find(tx, last_name, born_on)
    query = sa.select(Participant).where(Participant.id.in_(ids)).order_by(Participant.enrolled_at)
    return list(tx.session.scalars(query))


def change(tx: Tx, participant_id: UUID, *, version: int, values: dict[str, str | None]) -> Participant:
    """Change language, email, phone or street. Refused if somebody changed the record since `version` was read."""
    participant = require_active(tx, participant_id)
    if participant.version != version:
        raise Conflict("Somebody changed this participant in the meantime. Look at the change, then make yours again.",
                       code="changed-since")  # fmt: skip
    contact = {name: text for name, text in values.items() if name != "language"}
    if contact:
        kept = vault.person_of(tx, participant_id).contact
        vault.change_contact(tx, participant_id, Contact(
            contact.get("email", kept.email), contact.get("phone", kept.phone), contact.get("street", kept.street)
        ))  # fmt: skip
    if values.get("language"):
        participant.language = Language(str(values["language"]))
    participant.version += 1
    record(tx, participant_id, ParticipantEventKind.CHANGED, fields=sorted(values))
    return participant


def _codes(tx: Tx, participant_id: UUID) -> Codes:
    return vault.codes_of(tx, participant_id=participant_id)


def donor_of(tx: Tx, participant_id: UUID) -> UUID:
    """The donor of this registration."""
    return _codes(tx, participant_id).donor_id


def payee_of(tx: Tx, participant_id: UUID) -> UUID:
    return _codes(tx, participant_id).payee_id


def biobank_code_of(tx: Tx, participant_id: UUID) -> str:
    return _codes(tx, participant_id).biobank


def participant_of_donor(tx: Tx, donor_id: UUID) -> UUID:
    """The registration that stays of the person whom the biobank knows so."""
    return survivor_of(tx, vault.codes_of(tx, donor_id=donor_id).participant_id)


def participant_of_payee(tx: Tx, payee_id: UUID) -> UUID:
    """The registration that stays of the person whom finance knows so."""
    return survivor_of(tx, vault.codes_of(tx, payee_id=payee_id).participant_id)


def name_of(tx: Tx, participant_id: UUID) -> PersonName:
    """What somebody is called. The caller has noted the look."""
    return vault.person_of(tx, participant_id).name


def person_of(tx: Tx, participant_id: UUID) -> Person:
    """Name, birth date and contact, for the identity check. The caller has noted the look."""
    return vault.person_of(tx, participant_id)


def contact_of(tx: Tx, participant_id: UUID) -> Contact:
    """How somebody can be reached, for what is delivered to them. A person who is shown it has noted the look."""
    return vault.person_of(tx, participant_id).contact


def details_found(tx: Tx, participant_id: UUID, text: str) -> tuple[str, ...]:
    """The kinds of the participant's own details that a text holds, never the details: nobody looks at the record."""
    return vault.details_found(tx, participant_id, text)


def born_on_of(tx: Tx, participant_id: UUID) -> date:
    return vault.born_on_of(tx, participant_id)
