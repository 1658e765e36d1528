"""Destroying a withdrawn participant's tubes: set apart by scan, asked for by one, approved by another, certified."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.access.approval_models import Approval
from biobank.access.events import ApprovalGiven
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.specimens import codes, log
from biobank.specimens.custody import Custodian, EventType, TubeStatus, canonical
from biobank.specimens.models import DestructionCertificate, Donor, Tube
from labels import Kind

KIND = "specimens.destroy"
TO_BE_DESTROYED = "to-be-destroyed"
_OVER = [status for status in TubeStatus if status.is_over]
_APART = frozenset({TubeStatus.HELD, TubeStatus.REJECTED})


class Method(StrEnum):
    """How tubes are destroyed."""

    INCINERATION = "incineration"
    AUTOCLAVE = "autoclave"


@dataclass(frozen=True, slots=True)
class Work:
    """A withdrawn donor's tubes that are still there: to fetch, set apart, and not at the biobank yet."""

    donor: Donor
    to_fetch: Sequence[Tube]
    apart: Sequence[Tube]
    elsewhere: Sequence[Tube]
    waits: Approval | None = None

    @property
    def is_ready(self) -> bool:
        return bool(self.apart) and not self.to_fetch


def work_list(tx: Tx) -> list[Work]:
    """Every withdrawn donor with tubes left, the longest withdrawn first, in two queries."""
    left: dict[UUID, list[Tube]] = {}
    held = sa.select(Donor.id).where(Donor.held)
    query = sa.select(Tube).where(Tube.donor_id.in_(held), Tube.state.not_in(_OVER)).order_by(Tube.id)
    for tube in tx.session.scalars(query):
        left.setdefault(tube.donor_id, []).append(tube)
    donors = tx.session.scalars(sa.select(Donor).where(Donor.held).order_by(Donor.held_at, Donor.id))
    return [_sorted(donor, left[donor.id], None) for donor in donors if donor.id in left]


def work_of(tx: Tx, donor_id: UUID) -> Work:
    """One withdrawn donor's tubes. Raises NotFound for a donor who has not withdrawn."""
    donor = tx.session.get(Donor, donor_id)
    if donor is None or not donor.held:
        raise NotFound("No participant of this code has withdrawn.")
    query = sa.select(Tube).where(Tube.donor_id == donor_id, Tube.state.not_in(_OVER)).order_by(Tube.id)
    return _sorted(donor, list(tx.session.scalars(query)), approvals.open_about(tx, KIND, donor_id))


def set_apart(tx: Tx, donor_id: UUID, code: str) -> Tube:
    """Record by its scan that a tube was fetched and set apart to be destroyed. A second scan changes nothing."""
    query = sa.select(Tube).filter_by(code=codes.read(code, Kind.TUBE)).with_for_update()
    tube = tx.session.scalar(query.execution_options(populate_existing=True))
    if tube is None or tube.donor_id != donor_id or not tube.withdrawn:
        raise Conflict("Stop: this tube is not of this participant. Put it back where it was.", code="another-donor")
    if tube.custodian is not Custodian.BIOBANK:
        raise Conflict("By its record this tube is not here yet. Receive it at the bench first.", code="not-here")
    if tube.state not in _APART:
        log.record(tx, tube, EventType.HELD, reason=TO_BE_DESTROYED, detail={"set_apart": True}, raw_scan=code)
        tx.session.flush()
    return tube


def ask(tx: Tx, donor_id: UUID, method: Method) -> Approval:
    """Ask a second person to approve that what is set apart is destroyed. Raises Conflict while a tube is not."""
    work = work_of(tx, donor_id)
    if work.to_fetch:
        raise Conflict("%(count)s tubes are still in their places. Fetch and scan them first.", code="not-set-apart",
                       count=len(work.to_fetch))  # fmt: skip
    if not work.apart:
        raise Conflict("There is nothing to destroy here.", code="nothing-apart")
    return approvals.ask(
        tx, kind=KIND, subject=donor_id,
        payload={"tubes": [str(tube.id) for tube in work.apart], "method": str(method)},
        summary=Phrase("Destroy %(count)s tubes of donor %(donor)s, who has withdrawn, by %(method)s."),
        words={"count": str(len(work.apart)), "donor": work.donor.code, "method": str(method)},
    )  # fmt: skip


def destroy(tx: Tx, event: ApprovalGiven) -> DestructionCertificate:
    """Destroy what a second person approved, tube by tube, and write the certificate.

    Raises Conflict, destroying nothing, when a tube is not as it was when it was asked for.
    """
    query = sa.select(Tube).where(Tube.id.in_([UUID(text) for text in event.payload["tubes"]])).order_by(Tube.id)
    found = tx.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    if len(found) != len(event.payload["tubes"]) or any(not _may_go(tube) for tube in found):
        raise Conflict("One of these tubes is not set apart any more. Refuse this, and ask anew.", code="changed-since")
    approval, method = tx.session.get_one(Approval, event.approval_id), Method(event.payload["method"])
    detail = {"approval": str(event.approval_id), "method": str(method), "asked_by": str(event.asked_by)}
    lines = [_line(tube, log.record(tx, tube, EventType.DESTROYED, reason="withdrawal", detail=detail).hash)
             for tube in found]  # fmt: skip
    now = clock.now()
    made = DestructionCertificate(
        donor_id=UUID(event.subject), approval_id=approval.id, site_id=tx.actor.site_id,
        asked_by=approval.asked_by_name, asked_at=approval.asked_at, approved_by=tx.actor.name,
        approved_at=now, method=str(method), lines=lines,
        sha256=digest(event, lines),
    )  # fmt: skip
    tx.session.add(made)
    tx.session.flush()
    return made


def certificates_of(tx: Tx, donor_id: UUID) -> Sequence[DestructionCertificate]:
    """The certificates of a donor, newest first."""
    query = sa.select(DestructionCertificate).filter_by(donor_id=donor_id)
    return tx.session.scalars(query.order_by(DestructionCertificate.id.desc())).all()


def find_certificate(tx: Tx, certificate_id: UUID) -> DestructionCertificate:
    """Raises NotFound."""
    found = tx.session.get(DestructionCertificate, certificate_id)
    if found is None:
        raise NotFound("There is no such certificate.")
    return found


def method_of(text: str) -> Method:
    """The method of a form. Raises Invalid."""
    try:
        return Method(text)
    except ValueError:
        raise Invalid("Choose how the tubes are destroyed.", code="method") from None


def digest(event: ApprovalGiven, lines: Sequence[dict[str, Any]]) -> str:
    """SHA-256 over what was destroyed and by whose approval, in the canonical form of the log."""
    content = {"approval": str(event.approval_id), "donor": event.subject, "method": event.payload["method"],
               "tubes": list(lines)}  # fmt: skip
    return hashlib.sha256(canonical(content)).hexdigest()


def _sorted(donor: Donor, left: Sequence[Tube], waits: Approval | None) -> Work:
    here = [tube for tube in left if tube.custodian is Custodian.BIOBANK and tube.state is not TubeStatus.MISSING]
    return Work(
        donor, to_fetch=sorted((tube for tube in here if tube.state not in _APART), key=_in_its_place),
        apart=[tube for tube in here if tube.state in _APART],
        elsewhere=[tube for tube in left if tube not in here], waits=waits,
    )  # fmt: skip


def _in_its_place(tube: Tube) -> tuple[str, int]:
    """So that one walk along the boxes fetches all."""
    return str(tube.place or ""), tube.slot or 0


def _may_go(tube: Tube) -> bool:
    return tube.withdrawn and tube.custodian is Custodian.BIOBANK and tube.state in _APART


def _line(tube: Tube, event_hash: str) -> dict[str, Any]:
    return {"code": tube.code, "kind": tube.kind, "material": tube.material, "event": event_hash}
