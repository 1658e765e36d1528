"""Writing down what happens to accounts, networks and exports, and reading it with the refused sign-ins."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.factor_models import Outcome, SignInEvent
from biobank.access.models import Staff
from biobank.access.security_models import Security, SecurityEvent
from biobank.db import Tx


def note_event(
    tx: Tx, kind: Security, *, subject_kind: str = "", subject_id: UUID | None = None, address: str = "", note: str = ""
) -> None:
    """Write an event down in the actor's name, in the same transaction. `note` names no participant."""
    tx.session.add(SecurityEvent(at=clock.now(), kind=kind, actor_id=tx.actor.id, actor_name=tx.actor.name,
                                 subject_kind=subject_kind, subject_id=subject_id, address=address[:45],
                                 note=note[:300]))  # fmt: skip


_COLUMNS: tuple[Any, ...] = (
    SecurityEvent.id, SecurityEvent.at, SecurityEvent.kind, SecurityEvent.actor_id, SecurityEvent.actor_name,
    SecurityEvent.subject_kind, SecurityEvent.subject_id, SecurityEvent.address, SecurityEvent.note,
)  # fmt: skip


def _events(kind: Security | None) -> sa.Select[Any]:
    found = sa.select(*_COLUMNS)
    return found.where(SecurityEvent.kind == kind) if kind else found


def _refused_sign_ins() -> sa.Select[Any]:
    kind = sa.literal(Security.SIGN_IN_REFUSED, SecurityEvent.kind.type)
    return (
        sa.select(SignInEvent.id, SignInEvent.at, kind.label("kind"), SignInEvent.staff_id.label("actor_id"),
                  sa.func.coalesce(Staff.display_name, "").label("actor_name"), sa.literal("").label("subject_kind"),
                  sa.null().cast(sa.Uuid).label("subject_id"), SignInEvent.address,
                  sa.cast(SignInEvent.method, sa.String(40)).label("note"))
        .outerjoin(Staff, Staff.id == SignInEvent.staff_id)
        .where(SignInEvent.outcome == Outcome.REFUSED)
    )  # fmt: skip


def events(
    tx: Tx, *, kind: Security | None = None, after: UUID | None = None, limit: int = 100
) -> tuple[Sequence[Any], UUID | None]:
    """Security events with the refused sign-ins among them, the newest first, and the key to ask for next."""
    parts = [_events(kind)] if kind is not Security.SIGN_IN_REFUSED else []
    if kind in (None, Security.SIGN_IN_REFUSED):
        parts.append(_refused_sign_ins())
    # Each part is cut before they are put together, so that both answer from their own key.
    cut = [_newest(part, after, limit) for part in parts]
    whole = sa.union_all(*(sa.select(part) for part in cut)).subquery() if len(cut) > 1 else cut[0]
    rows = tx.session.execute(sa.select(whole).order_by(whole.c.id.desc()).limit(limit + 1)).all()
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def why_stopped(tx: Tx, staff_id: UUID) -> SecurityEvent | None:
    """When and by whom an account was last stopped; None where it never was."""
    query = sa.select(SecurityEvent).where(
        SecurityEvent.kind.in_([Security.STOPPED, Security.RESTED]), SecurityEvent.subject_id == staff_id
    )
    return tx.session.scalar(query.order_by(SecurityEvent.id.desc()).limit(1))


def _newest(part: sa.Select[Any], after: UUID | None, limit: int) -> sa.Subquery:
    key = part.selected_columns[0]
    if after is not None:
        part = part.where(key < after)
    return part.order_by(key.desc()).limit(limit + 1).subquery()
