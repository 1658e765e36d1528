"""Two-person approval: one asks for a thing exactly, another decides, and only then does it happen."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.approval_kinds import KINDS
from biobank.access.approval_models import Approval, ApprovalDecision, Decision
from biobank.access.events import ApprovalGiven, ApprovalRefused
from biobank.actor import Actor, Role
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Forbidden, Invalid, NotFound
from biobank.events import emit

LONGEST_REASON = 300


def digest_of(kind: str, subject: str, summary: str, words: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of what is asked, in hex: what is approved is what was shown."""
    content = {"kind": kind, "subject": subject, "summary": summary, "words": dict(words), "payload": dict(payload)}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _staff_id(actor: Actor) -> UUID:
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden("Only a member of staff can ask for this or decide it.")
    return actor.id


def ask(
    tx: Tx, *, kind: str, subject: UUID | str, summary: str, payload: Mapping[str, Any],
    words: Mapping[str, str] | None = None,
) -> Approval:  # fmt: skip
    """Ask for something that a second person must approve.

    `kind` stands in `approval_kinds.KINDS`; `subject` is the id or name of what it is about; `summary` is a sentence
    for whoever decides, with `%(name)s` places that `words` fill; `payload` (JSON, nothing personal) comes back in
    `ApprovalGiven`. Raises `Conflict` while the same is waiting for an answer already.
    """
    rules, about, filled, now = KINDS[kind], str(subject), dict(words or {}), clock.now()
    if open_about(tx, kind, about):
        raise Conflict("This waits for a second person's answer already. See the approvals.", code="asked-already")
    approval = Approval(
        kind=kind, subject=about, summary=summary, words=filled, payload=dict(payload),
        digest=digest_of(kind, about, summary, filled, payload), asked_by=_staff_id(tx.actor),
        asked_by_name=tx.actor.name, asked_at=now, expires_at=now + rules.waits, site_id=tx.actor.site_id,
    )  # fmt: skip
    tx.session.add(approval)
    tx.session.flush()
    return approval


def open_about(tx: Tx, kind: str, subject: UUID | str) -> Approval | None:
    """The approval of this kind that still waits for an answer about this subject, if there is one."""
    query = _undecided().where(Approval.kind == kind, Approval.subject == str(subject))
    return tx.session.scalars(query).unique().first()


def _undecided() -> sa.Select[Approval]:
    is_decided = sa.exists().where(ApprovalDecision.approval_id == Approval.id)
    return sa.select(Approval).where(~is_decided, Approval.expires_at > clock.now())


def may_decide(actor: Actor, approval: Approval) -> bool:
    """Whether this person may answer: the right role, the right site, and not whoever asked."""
    rules = KINDS.get(approval.kind)
    if rules is None or actor.id == approval.asked_by or not actor.has(*rules.roles):
        return False
    return not rules.own_site or actor.site_id == approval.site_id


def is_open(approval: Approval) -> bool:
    return approval.decision is None and clock.now() < approval.expires_at


def _may_see(actor: Actor, approval: Approval) -> bool:
    return may_decide(actor, approval) or actor.id == approval.asked_by or actor.has(Role.AUDITOR)


def waiting(tx: Tx) -> Sequence[Approval]:
    """What waits for an answer and this person may see, the oldest first."""
    found = tx.session.scalars(_undecided().order_by(Approval.id)).unique().all()
    return [approval for approval in found if _may_see(tx.actor, approval)]


def decided(tx: Tx, limit: int = 50) -> Sequence[Approval]:
    """What was answered or ran out, of what this person may see, the newest first."""
    is_decided = sa.exists().where(ApprovalDecision.approval_id == Approval.id)
    query = sa.select(Approval).where(is_decided | (Approval.expires_at <= clock.now()))
    found = tx.session.scalars(query.order_by(Approval.id.desc()).limit(limit * 4)).unique().all()
    return [approval for approval in found if _may_see(tx.actor, approval)][:limit]


def find(tx: Tx, approval_id: UUID) -> Approval:
    """An approval that this person may see; for everybody else there is none."""
    approval = tx.session.get(Approval, approval_id)
    if approval is None or not _may_see(tx.actor, approval):
        raise NotFound("There is no such approval, or it is not yours to see.")
    return approval


def _require_whole(approval: Approval) -> None:
    seen = digest_of(approval.kind, approval.subject, approval.summary, approval.words, approval.payload)
    if not hmac.compare_digest(seen, approval.digest):
        raise Conflict("What was asked has been altered since. Refuse it and call support.", code="altered")


def decide(tx: Tx, approval_id: UUID, approve: bool, reason: str) -> Approval:
    """Approve or refuse what somebody else asked for; what follows happens in the same transaction.

    A refusal needs a reason of at most 300 characters. Raises `Conflict` when it is decided or too late.
    """
    approval = find(tx, approval_id)
    if not may_decide(tx.actor, approval):
        raise Forbidden("A second person must decide this: somebody else than who asked, with the right role.",
                        code="second-person")  # fmt: skip
    if not approve and not reason.strip():
        raise Invalid("Give a reason for refusing.", code="reason-missing")
    if approve:
        _require_whole(approval)
    _keep(tx, approval, Decision.GIVEN if approve else Decision.REFUSED, reason)
    emit(tx, _given(approval) if approve else _refused(approval, reason))
    return approval


def answer(tx: Tx, approval_id: UUID, *, answer: str, digest: str, reason: str = "") -> Approval:
    """Approve, refuse or withdraw as the word says. `digest` proves that what is answered is what was shown."""
    if not hmac.compare_digest(find(tx, approval_id).digest, digest):
        raise Conflict("This is not what was shown to you. Open it again and read it.", code="another-digest")
    if answer == "withdraw":
        return withdraw(tx, approval_id, reason)
    return decide(tx, approval_id, answer == "approve", reason)


def withdraw(tx: Tx, approval_id: UUID, reason: str = "") -> Approval:
    """Take back what one has asked for oneself."""
    approval = find(tx, approval_id)
    if tx.actor.id != approval.asked_by:
        raise Forbidden("Only who asked can take this back. You may refuse it.")
    _keep(tx, approval, Decision.WITHDRAWN, reason)
    emit(tx, _refused(approval, reason))
    return approval


def _keep(tx: Tx, approval: Approval, decision: Decision, reason: str) -> None:
    if len(reason) > LONGEST_REASON:
        raise Invalid("Use at most %(most)s characters.", most=LONGEST_REASON)
    if clock.now() >= approval.expires_at:
        raise Conflict("It is too late for this answer. It must be asked for anew.", code="expired")
    kept = insert_ignore(
        tx.session, ApprovalDecision, approval_id=approval.id, asked_by=approval.asked_by, digest=approval.digest,
        decision=decision, reason=reason.strip(), decided_by=_staff_id(tx.actor), decided_by_name=tx.actor.name,
        decided_at=clock.now(),
    )  # fmt: skip
    if not kept:
        raise Conflict("This is decided already. Open it again to see by whom.", code="decided")
    tx.session.refresh(approval, ["decision"])


def _given(approval: Approval) -> ApprovalGiven:
    return ApprovalGiven(approval.id, approval.kind, approval.subject, approval.payload, approval.asked_by,
                         approval.asked_by_name)  # fmt: skip


def _refused(approval: Approval, reason: str) -> ApprovalRefused:
    return ApprovalRefused(approval.id, approval.kind, approval.subject, approval.payload, reason)
