"""Consent, version by version: given, taken back, and asked for anew at each visit."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.participants import consents
from biobank.participants.models import Consent, ConsentAct, Participant, ParticipantEventKind
from biobank.participants.recording import record


def day_given(tx: Tx, site_id: UUID, version: str, given_on: date | None) -> date:
    """The day consent was given; today at the site unless said otherwise. Raises `Invalid` for one that cannot be."""
    today = clock.today(tx.session.get_one(Site, site_id).zone)
    if version not in consents.known():
        raise Invalid("There is no consent form of that version. Look at the foot of the signed form.")
    if given_on is not None and given_on > today:
        raise Invalid("The consent date lies in the future. Compare it with the signed form and correct it.")
    return given_on or today


def note(tx: Tx, participant_id: UUID, version: str, act: ConsentAct, on: date) -> None:
    tx.session.add(Consent(participant_id=participant_id, version=version, act=act, on=on, at=clock.now(),
                           actor_id=tx.actor.id, actor_name=tx.actor.name))  # fmt: skip
    tx.session.flush()


def acts_of(tx: Tx, participant_id: UUID) -> Sequence[Consent]:
    """Everything given and taken back, oldest first."""
    return tx.session.scalars(sa.select(Consent).filter_by(participant_id=participant_id).order_by(Consent.id)).all()


def _stands(tx: Tx, participant: Participant) -> bool:
    query = sa.select(Consent.act).filter_by(participant_id=participant.id, version=participant.consent_version)
    newest = tx.session.scalar(query.order_by(Consent.id.desc()).limit(1))
    # Enrolled before acts were kept: the version on the record is the one that was given.
    return newest in (None, ConsentAct.GIVEN)


def require_consent(tx: Tx, participant: Participant, site_id: UUID) -> None:
    """Refuse unless a consent stands that counts today: one that was taken back or has run out must be given anew."""
    today = clock.today(tx.session.get_one(Site, site_id).zone)
    if not _stands(tx, participant):
        raise Conflict("This participant took their consent back. Record a newly signed form before the visit, or ask "
                       "whether they wish to leave the study.", code="consent-ended")  # fmt: skip
    if not consents.counts(participant.consent_version, today):
        raise Conflict("The consent form has changed since this participant signed. Have version %(version)s signed "
                       "and record it before the visit.", code="consent-old",
                       version=consents.current(today).id)  # fmt: skip


def give(tx: Tx, participant: Participant, *, version: str, on: date | None, site_id: UUID) -> None:
    """Record a newly signed form. Raises `Conflict` for a version that counts no more."""
    day = day_given(tx, site_id, version, on)
    if not consents.counts(version, clock.today(tx.session.get_one(Site, site_id).zone)):
        raise Conflict("This version of the consent form is no longer in use. Have the newest one signed.",
                       code="consent-old")  # fmt: skip
    note(tx, participant.id, version, ConsentAct.GIVEN, day)
    participant.consent_version, participant.consented_on = version, day
    participant.version += 1
    record(tx, participant.id, ParticipantEventKind.CONSENTED, consent=version)


def take_back(tx: Tx, participant: Participant) -> None:
    """Record that the consent which stands was taken back. What was collected stays until they leave the study."""
    if not _stands(tx, participant):
        raise Conflict("This consent was taken back already.", code="consent-ended")
    note(tx, participant.id, participant.consent_version, ConsentAct.WITHDRAWN, clock.now().date())
    participant.version += 1
    record(tx, participant.id, ParticipantEventKind.CONSENT_ENDED, consent=participant.consent_version)
