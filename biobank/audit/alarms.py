"""Alarms of the programme about its own logs, for the auditor's page."""

from collections.abc import Sequence

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.audit.models import AlarmKind, AuditAlarm, AuditSeal
from biobank.columns import new_id
from biobank.db import Databases, Tx, insert_ignore, run_tx


def tell(databases: Databases, kind: AlarmKind, stretch: str, detail: str) -> None:
    """Write an alarm down, once for each kind and stretch of time."""

    def add(tx: Tx) -> None:
        insert_ignore(tx.session, AuditAlarm, id=new_id(), at=clock.now(), kind=kind, stretch=stretch,
                      detail=detail[:300])  # fmt: skip

    run_tx(databases, add, SYSTEM)


def newest(tx: Tx, limit: int = 20) -> Sequence[AuditAlarm]:
    return tx.session.scalars(sa.select(AuditAlarm).order_by(AuditAlarm.id.desc()).limit(limit)).all()


def last_seal(tx: Tx) -> AuditSeal | None:
    """The newest seal: how far the logs are sealed, and since when."""
    query = sa.select(AuditSeal).options(sa.orm.defer(AuditSeal.members)).order_by(AuditSeal.number.desc()).limit(1)
    return tx.session.scalar(query)
