"""Alerts as they are raised, take each other's place, are acted on and end."""

from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.measurements.changes import written
from biobank.measurements.identity import refuse_details
from biobank.measurements.models import MeasurementAlert, MeasurementRecord
from biobank.measurements.protocol import named
from biobank.measurements.sheet import Sheet

LONGEST_ACTION = 500


def settle_alerts(tx: Tx, sheet: Sheet) -> Sheet:
    """Make the stored alerts agree with what the entry raises now; answers the sheet with them.

    An alert that was acted on ends when its values no longer raise it; one that was not stays until somebody acts,
    even when the values were corrected, unless a more severe one of the same scale stands.
    """
    raised = {alert.code: alert for alert in sheet.assessment.alerts}
    standing = {row.code: row for row in sheet.alerts if row.ended_at is None}
    if not raised and not standing:
        return sheet
    new = []
    for code, alert in raised.items():
        if code not in standing and not _is_outranked(sheet, code, _unanswered(standing)):
            standing[code] = MeasurementAlert(
                record_id=sheet.record.id, code=code, fields=list(alert.fields), raised_at=clock.now()
            )
            new.append(standing[code])
    for code, row in standing.items():
        is_over = code not in raised and row.acknowledged_at is not None
        if is_over or _is_outranked(sheet, code, _unanswered(standing)):
            row.ended_at = clock.now()
    tx.session.add_all(new)
    tx.session.flush()
    return sheet.alerted(new)


def alert_words(tx: Tx, visit_id: UUID, locale: str) -> list[str]:
    """The alerts of a visit that nobody has acted on, each in one sentence."""
    query = sa.select(MeasurementAlert.code, MeasurementRecord.protocol_id).join(
        MeasurementRecord, MeasurementRecord.id == MeasurementAlert.record_id
    ).where(MeasurementRecord.visit_id == visit_id, MeasurementAlert.acknowledged_at.is_(None),
            MeasurementAlert.ended_at.is_(None)).order_by(MeasurementAlert.id)  # fmt: skip
    return [named(protocol).text(f"alert.{code}").to(locale) for code, protocol in tx.session.execute(query)]


def answer_alert(tx: Tx, sheet: Sheet, code: str, action: str) -> None:
    """Record what was done about an alert, by whom and when. Raises NotFound, Conflict, Invalid."""
    done = written(action) or ""
    if not 3 <= len(done) <= LONGEST_ACTION:
        raise Invalid("Write what was done about the alert, in 3 to 500 characters.", code="action-required")
    found = [row for row in sheet.alerts if row.code == code and row.ended_at is None]
    if not found:
        raise NotFound("There is no alert %(alert)s on these measurements.", alert=code[:40])
    if found[0].acknowledged_at is not None:
        raise Conflict(
            "%(who)s has acted on this alert already: %(what)s", who=found[0].acknowledged_by, what=found[0].action
        )
    refuse_details(tx, sheet, f"action-{code}", done)
    found[0].acknowledged_at = clock.now()
    found[0].acknowledged_by_id, found[0].acknowledged_by = _who(tx)
    found[0].action = done
    found[0].acknowledged_seq = sheet.record.advance()
    tx.session.flush()


def _who(tx: Tx) -> tuple[UUID | None, str]:
    return tx.actor.id, tx.actor.name


def _unanswered(standing: dict[str, MeasurementAlert]) -> list[str]:
    return [code for code, row in standing.items() if row.acknowledged_at is None and row.ended_at is None]


def _is_outranked(sheet: Sheet, code: str, others: list[str]) -> bool:
    """Whether one of the others is more severe on the same scale."""
    rules = {rule.code: rule for rule in sheet.protocol.alerts}
    mine = rules[code]
    return any(rules[other].scale == mine.scale and rules[other].severity > mine.severity for other in others)
