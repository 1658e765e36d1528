"""Filling tubes: collected or not and why, spun, and saliva where no EDTA tube could be given."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.specimens import log, orders, supplies, timing, tubes
from biobank.specimens.custody import EventType, TubeStatus
from biobank.specimens.models import UNDRAWN, CollectionOrder, NotCollectedReason, Rotor, Tube
from biobank.specimens.timing import TimeFinding, TubeTimes
from biobank.stations import actions as stations


@dataclass(frozen=True, slots=True, kw_only=True)
class Spin:
    """How a tube was spun: relative centrifugal force, minutes, degrees Celsius, the rotor, and the brake.

    `brake` and how the tube was `kept` until the spin (room, cold) are None where nobody said; nothing is presumed.
    """

    g: int
    minutes: int
    celsius: Decimal
    rotor: Rotor
    brake: bool | None = None
    kept: str | None = None

    def as_json(self) -> dict[str, str | int]:
        said: dict[str, str | int] = {} if self.brake is None else {"brake": self.brake}
        said |= {"kept": self.kept} if self.kept else {}
        return said | {"rotor": str(self.rotor), "g": self.g, "minutes": self.minutes,
                       "celsius": format(self.celsius, "f")}  # fmt: skip


def collect(
    tx: Tx, order_id: UUID, *, tube_ids: Collection[UUID] = (), at: datetime | None = None
) -> tuple[TimeFinding, ...]:
    """Record that tubes were filled: these, or every labelled one; now, or at the time entered.

    Answers warnings about the times. Raises Invalid for an impossible time, Conflict for a tube without its label.
    """
    order = orders.lock_open(tx, order_id)
    filled = [orders.tube_of(order, tube_id) for tube_id in tube_ids] or [
        tube for tube in order.tubes if tube.state is TubeStatus.LABELLED
    ]
    if not filled:
        raise Invalid("No tube is labelled and waiting. Apply a label and scan it first.", code="nothing-labelled")
    warnings = _check(order, [(tube, at or clock.now(), None) for tube in filled])
    used = supplies.in_use(tx, order.site_id)
    for tube in filled:
        log.record(tx, tube, EventType.COLLECTED, at=at, detail=supplies.told_of(used.get(tube.kind)))
    orders.settle(order)
    tx.session.flush()
    return warnings


def not_collected(
    tx: Tx,
    order_id: UUID,
    tube_id: UUID,
    *,
    reason: NotCollectedReason,
    note: str = "",
    label_destroyed: bool = False,
) -> Tube:
    """Record why a tube was not filled. A label that was printed for it must be destroyed first."""
    order = orders.lock_open(tx, order_id)
    tube = orders.tube_of(order, tube_id)
    if tube.state in {TubeStatus.LABEL_PRINTED, TubeStatus.LABELLED} and not label_destroyed:
        raise Invalid("Destroy the label that was printed for this tube, and tick that you did.", code="label-left")
    if reason is NotCollectedReason.OTHER and not note.strip():
        raise Invalid("Say in a few words why the tube was not filled.", code="note-required")
    detail = {"note": note.strip()[:200], "label": "destroyed" if label_destroyed else "none"}
    log.record(tx, tube, EventType.NOT_COLLECTED, reason=str(reason), detail=detail)
    stations.void_labels(tx, [tube.code], "Its tube was not collected.")
    orders.settle(order)
    tx.session.flush()
    return tube


def offer_instead(tx: Tx, order_id: UUID) -> list[Tube]:
    """Add the tubes that stand in for those that could not be given: saliva where neither EDTA tube was filled."""
    order = orders.lock_open(tx, order_id)
    kinds = instead(order)
    if not kinds:
        raise Conflict("Saliva is only for when neither EDTA tube could be filled.", code="nothing-instead")
    tube_set = tubes.load(order.tube_set)
    added = [orders.add_tube(tx, order, tube_set.tube(kind)) for kind in kinds]
    orders.settle(order)
    tx.session.flush()
    return added


def instead(order: CollectionOrder) -> list[str]:
    """The kinds of tube that may now be offered in place of others."""
    not_given = [tube.kind for tube in order.tubes if tube.state is TubeStatus.NOT_COLLECTED]
    there = {tube.kind for tube in order.tubes}
    return [kind.code for kind in tubes.load(order.tube_set).instead_of(not_given) if kind.code not in there]


def process(
    tx: Tx, order_id: UUID, *, tube_ids: Collection[UUID] = (), spin: Spin, at: datetime | None = None
) -> tuple[TimeFinding, ...]:
    """Record one spin, at its end, of these tubes or of all that wait for it; answers warnings about the times.

    Raises Invalid for an impossible time, Conflict for a tube that is not spun or not drawn yet.
    """
    order = orders.lock_open(tx, order_id)
    spun = [orders.tube_of(order, tube_id) for tube_id in tube_ids] or orders.unspun(order)
    if not spun:
        raise Conflict("No tube waits to be spun.", code="nothing-to-spin")
    kinds = [(tube, _spin_of(order, tube)) for tube in spun]
    warnings = _check(order, [(tube, tube.collected_at, at or clock.now()) for tube in spun])
    for tube, how in kinds:
        product = how.swinging if spin.rotor is Rotor.SWINGING else how.fixed
        log.record(tx, tube, EventType.PROCESSED, at=at, detail={"product": product} | spin.as_json())
    orders.settle(order)
    tx.session.flush()
    return warnings


def _spin_of(order: CollectionOrder, tube: Tube) -> tubes.Spin:
    kind = orders.kind_of(order, tube)
    if kind.spin is None:
        raise Conflict("The %(tube)s is not spun.", code="not-spun", tube=kind.short)
    if tube.processed_at is not None:
        raise Conflict("The %(tube)s is spun already.", code="already-spun", tube=kind.short)
    if tube.state in UNDRAWN:
        raise Conflict("The %(tube)s is not drawn yet.", code="not-drawn", tube=kind.short)
    return kind.spin


def times_of(order: CollectionOrder, tube: Tube) -> TubeTimes:
    """A tube's times as the rules of timing read them."""
    return TubeTimes(orders.kind_of(order, tube), tube.collected_at, tube.processed_at)


def _check(
    order: CollectionOrder, times: list[tuple[Tube, datetime | None, datetime | None]]
) -> tuple[TimeFinding, ...]:
    found = timing.check(
        [TubeTimes(orders.kind_of(order, tube), drawn, spun) for tube, drawn, spun in times], now=clock.now()
    )
    for finding in found:
        if finding.is_error:
            raise Invalid("%(why)s", code=finding.code, why=finding.words)
    return found
