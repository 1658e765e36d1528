"""Orders after their sign-off: amended, cancelled and restored by events; nothing that was recorded is overwritten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.specimens import log, orders, timing
from biobank.specimens.custody import Correction, EventType, TubeStatus
from biobank.specimens.donors import require_live
from biobank.specimens.models import CollectionOrder, CustodyEvent, OrderEvent, OrderState, OrderStep, SubjectKind, Tube
from biobank.specimens.sites import require_here
from biobank.specimens.timing import TimeFinding, TubeTimes

ORDER_CANCELLED = "order-cancelled"
_NOT_HERE = Phrase("There is no such collection at your site.")
_AT_HAND = frozenset({TubeStatus.COLLECTED, TubeStatus.PROCESSED, TubeStatus.RECEIVED, TubeStatus.STORED})


class CancelReason(StrEnum):
    """Why an order is cancelled after its sign-off (protocol, section 3.2)."""

    ERROR = "error"
    WRONG_PARTICIPANT = "wrong_participant"
    LABEL_ERROR = "label_error"
    OTHER = "other"


class AmendReason(StrEnum):
    """Why an order is amended."""

    SAMPLES = "samples"
    TIMESTAMPS = "timestamps"
    TRACKING = "tracking"
    OTHER = "other"


class RestoreReason(StrEnum):
    """Why a cancelled order is restored."""

    WRONG_PARTICIPANT = "wrong_participant"
    AMEND = "amend"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The right times of one tube; None leaves what was recorded."""

    tube_id: UUID
    collected_at: datetime | None = None
    processed_at: datetime | None = None


def amend(
    tx: Tx, order_id: UUID, *, reason: AmendReason, note: str, times: Sequence[Times] = ()
) -> tuple[TimeFinding, ...]:
    """Correct a finalised order. The recorded events stay; each right time is an error declaration on its event.

    Answers warnings about the times. Raises Invalid for an impossible time or without a note.
    """
    order = _lock(tx, order_id, OrderState.FINALISED)
    require_live(order.donor)
    _require_note(note)
    named = [(orders.tube_of(order, one.tube_id), one) for one in times]
    found = timing.check([_times(order, tube, one) for tube, one in named], now=clock.now())
    for finding in found:
        if finding.is_error:
            raise Invalid("%(why)s", code=finding.code, why=finding.words)
    for tube, one in named:
        for kind, at in ((EventType.COLLECTED, one.collected_at), (EventType.PROCESSED, one.processed_at)):
            if at is not None:
                _correct(tx, tube, kind, at, note)
    _step(tx, order, OrderStep.AMENDED, reason=str(reason), note=note,
          detail={"tubes": [str(one.tube_id) for one in times]})  # fmt: skip
    return found


def cancel_final(tx: Tx, order_id: UUID, *, reason: CancelReason, note: str = "") -> CollectionOrder:
    """Cancel an order that was signed off: its tubes that are at hand are held, those on their way when they arrive.

    Raises Conflict while a tube is packed: it must be taken out of its box first.
    """
    order = _lock(tx, order_id, OrderState.FINALISED)
    if reason is CancelReason.OTHER:
        _require_note(note)
    tubes = _all_tubes(tx, order)
    packed = [tube for tube in tubes if tube.state is TubeStatus.PACKED]
    if packed:
        raise Conflict("%(count)s tubes of this collection are in a box. Take them out first.", code="tubes-packed",
                       count=len(packed), details={"tubes": [tube.code for tube in packed]})  # fmt: skip
    for tube in tubes:
        if tube.state in _AT_HAND and not tube.withdrawn:
            log.record(tx, tube, EventType.HELD, reason=ORDER_CANCELLED)
    order.state = OrderState.CANCELLED
    _step(tx, order, OrderStep.CANCELLED, reason=str(reason), note=note, detail={})
    return order


def restore(tx: Tx, order_id: UUID, *, reason: RestoreReason, note: str = "") -> CollectionOrder:
    """Restore an order that was cancelled after its sign-off; the tubes that were held for it are released."""
    order = _lock(tx, order_id, OrderState.CANCELLED)
    require_live(order.donor)
    if order.finalised_at is None:
        raise Conflict("This collection was given up before its sign-off. Start another one.", code="never-final")
    if reason is RestoreReason.OTHER:
        _require_note(note)
    for tube in _all_tubes(tx, order):
        if tube.state is TubeStatus.HELD and _held_for(tx, tube) == ORDER_CANCELLED:
            log.record(tx, tube, EventType.RELEASED, reason="order-restored")
    order.state = OrderState.FINALISED
    _step(tx, order, OrderStep.RESTORED, reason=str(reason), note=note, detail={})
    return order


def history(tx: Tx, order_id: UUID) -> Sequence[OrderEvent]:
    """What happened to an order after its sign-off, oldest first."""
    return tx.session.scalars(sa.select(OrderEvent).filter_by(order_id=order_id).order_by(OrderEvent.seq)).all()


def _lock(tx: Tx, order_id: UUID, state: OrderState) -> CollectionOrder:
    query = sa.select(CollectionOrder).filter_by(id=order_id).with_for_update(of=CollectionOrder)
    order = tx.session.scalar(query.execution_options(populate_existing=True))
    if order is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, order.site_id, _NOT_HERE)
    if order.state is not state:
        raise Conflict(_WRONG_STATE[state], code="order-not-" + str(state))
    return order


_WRONG_STATE: Mapping[OrderState, Phrase] = {
    OrderState.FINALISED: Phrase("Only a collection that is signed off can be amended or cancelled here."),
    OrderState.CANCELLED: Phrase("Only a cancelled collection can be restored."),
}


def _all_tubes(tx: Tx, order: CollectionOrder) -> Sequence[Tube]:
    """The tubes of an order and everything made of them, held until the transaction ends."""
    query = sa.select(Tube).filter_by(order_id=order.id).order_by(Tube.id).with_for_update()
    return tx.session.scalars(query.execution_options(populate_existing=True)).all()


def _times(order: CollectionOrder, tube: Tube, one: Times) -> TubeTimes:
    return TubeTimes(orders.kind_of(order, tube), one.collected_at or tube.collected_at,
                     one.processed_at or tube.processed_at)  # fmt: skip


def _correct(tx: Tx, tube: Tube, kind: EventType, at: datetime, note: str) -> None:
    event = next((event for event in reversed(log.story(tx, SubjectKind.TUBE, tube.id)) if event.type == kind), None)
    if event is None:
        raise Invalid("That step was never recorded for this tube, so its time cannot be corrected.", code="no-step")
    log.declare_error(tx, tube, event.id, Correction.INCORRECT_DATA, reason="order-amended", note=note,
                      corrected={"event_time": at.isoformat()})  # fmt: skip


def _held_for(tx: Tx, tube: Tube) -> str | None:
    query = sa.select(CustodyEvent.reason).filter_by(subject_id=tube.id, type=str(EventType.HELD))
    return tx.session.scalar(query.order_by(CustodyEvent.seq.desc()).limit(1))


def _step(tx: Tx, order: CollectionOrder, step: OrderStep, *, reason: str, note: str, detail: dict[str, Any]) -> None:
    now = clock.now()
    tx.session.add(
        OrderEvent(order_id=order.id, seq=len(history(tx, order.id)) + 1, step=step, at=now, actor_id=tx.actor.id,
                   actor_name=tx.actor.name, reason=reason, note=note.strip()[:200], detail=dict(detail))
    )  # fmt: skip
    order.changed_at, order.version = now, order.version + 1
    tx.session.flush()


def _require_note(note: str) -> None:
    if not note.strip():
        raise Invalid("Say in a few words what is changed and why.", code="note-required")
