"""Collection orders: starting one, finding one, printing its labels, cancelling and signing it off."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.events import emit
from biobank.specimens import codes, log, order_sorts, predraw, tubes
from biobank.specimens.custody import EventType, TubeStatus
from biobank.specimens.donors import lock_donor, require_live
from biobank.specimens.events import OrderFinalised
from biobank.specimens.models import ENDED, UNDRAWN, CollectionOrder, OrderOutcome, OrderSort, OrderState, Tube
from biobank.specimens.predraw import Answers
from biobank.specimens.sites import require_here
from biobank.specimens.tubes import TubeType, Words
from biobank.stations import actions as stations
from labels import Kind

_NOT_HERE = Phrase("There is no such collection at your site.")


def start_order(
    tx: Tx,
    *,
    donor_id: UUID,
    site_id: UUID,
    answers: Answers,
    collection_station_id: UUID | None,
    since: datetime | None = None,
    sort: OrderSort = OrderSort.FULL,
    chosen: Collection[str] = (),
    kit: str | None = None,
) -> CollectionOrder:
    """Order the tubes of this sort that the answers allow, each with a code of its own.

    `chosen` names the tubes of a custom order, `kit` the number of the kit they come in.
    `since` is when the visit began: an order left open by an earlier visit, with nothing drawn, is cancelled.
    Raises Conflict when the participant has an open order of this visit, or has withdrawn.
    """
    donor = require_live(lock_donor(tx, donor_id))
    _clear_the_way(tx, donor_id, since)
    site = tx.session.get(Site, site_id)
    if site is None:
        raise NotFound("There is no such site. Ask your administrator.")
    kinds = order_sorts.tubes_of(sort, answers, tubes.load(site.tube_set), chosen)
    if kit is not None and tx.session.scalar(sa.select(CollectionOrder.id).filter_by(kit=kit)):
        raise Conflict("This kit was used for another collection. Take another kit.", code="kit-used")
    order = CollectionOrder(
        code=codes.draw(tx, Kind.COLLECTION, CollectionOrder.code), donor=donor, site_id=site_id,
        station_id=collection_station_id, tube_set=site.tube_set, state=OrderState.CREATED,
        answers=answers.as_json(), withheld=predraw.withheld(answers), created_at=clock.now(),
        created_by=tx.actor.name, version=1, sort=sort, kit=kit,
    )  # fmt: skip
    tx.session.add(order)
    for kind in kinds:
        add_tube(tx, order, kind)
    tx.session.flush()
    return order


def tubes_at(tx: Tx, site_id: UUID) -> tuple[TubeType, ...]:
    """The tubes that a site's set has, to choose from."""
    site = tx.session.get_one(Site, site_id)
    return tuple(tubes.load(site.tube_set).tubes.values())


def add_tube(tx: Tx, order: CollectionOrder, kind: TubeType) -> Tube:
    """One more tube for an order, at the end of its rack."""
    tube = Tube(code=codes.draw(tx, Kind.TUBE, Tube.code), donor_id=order.donor.id, kind=kind.code,
                position=len(order.tubes) + 1, labels=kind.labels)  # fmt: skip
    order.tubes.append(tube)
    return tube


def order_for(tx: Tx, donor_id: UUID, since: datetime) -> CollectionOrder | None:
    """The donor's newest order that was not cancelled and was made at or after `since`, the visit's check-in."""
    query = sa.select(CollectionOrder).where(
        CollectionOrder.donor_id == donor_id,
        CollectionOrder.created_at >= since,
        CollectionOrder.state != OrderState.CANCELLED,
    )
    return tx.session.scalar(query.order_by(CollectionOrder.created_at.desc(), CollectionOrder.id.desc()).limit(1))


def find_order(tx: Tx, order_id: UUID) -> CollectionOrder:
    """The order, for reading. Raises NotFound."""
    order = tx.session.get(CollectionOrder, order_id)
    if order is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, order.site_id, _NOT_HERE)
    return order


def lock_open(tx: Tx, order_id: UUID) -> CollectionOrder:
    """The order, held until the transaction ends. Raises Conflict when it is signed off or cancelled."""
    query = sa.select(CollectionOrder).filter_by(id=order_id).with_for_update(of=CollectionOrder)
    order = tx.session.scalar(query.execution_options(populate_existing=True))
    if order is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, order.site_id, _NOT_HERE)
    if order.state is OrderState.FINALISED:
        raise Conflict("This collection is signed off. Nothing more can be recorded on it.", code="order-finalised")
    if order.state is OrderState.CANCELLED:
        raise Conflict("This collection was cancelled. Start another one.", code="order-cancelled")
    require_live(order.donor)
    return order


def tube_of(order: CollectionOrder, tube_id: UUID) -> Tube:
    """A tube of this order. Raises NotFound for one of another order."""
    for tube in order.tubes:
        if tube.id == tube_id:
            return tube
    raise NotFound("This tube does not belong to this collection.")


def kind_of(order: CollectionOrder, tube: Tube) -> TubeType:
    """What sort of tube it is, by the set the order was made with."""
    return tubes.load(order.tube_set).tube(tube.origin)


def settle(order: CollectionOrder) -> None:
    """Bring the order's state in line with its tubes."""
    order.version += 1
    states = {tube.state for tube in order.tubes}
    if TubeStatus.ORDERED in states:
        order.state = OrderState.CREATED
    elif states & UNDRAWN:
        order.state = OrderState.LABELS_PRINTED
    else:
        order.state = OrderState.COLLECTED if unspun(order) else OrderState.PROCESSED


def unspun(order: CollectionOrder) -> list[Tube]:
    """The tubes that are collected and still have to be spun."""
    return [tube for tube in order.tubes if tube.state is TubeStatus.COLLECTED and kind_of(order, tube).must_spin]


def cancel_order(tx: Tx, order_id: UUID, reason: str) -> CollectionOrder:
    """Give an order up before anything is drawn. Its labels must be destroyed."""
    order = lock_open(tx, order_id)
    if any(tube.collected_at for tube in order.tubes):
        raise Conflict("Tubes of this collection are drawn already. Record the others as not collected instead.")
    _void(tx, order, reason)
    return order


def finalise_order(tx: Tx, order_id: UUID) -> CollectionOrder:
    """Sign off an order: every tube collected, and spun where it must be, or not collected with a reason."""
    order = lock_open(tx, order_id)
    left = [tube for tube in order.tubes if tube.state in UNDRAWN]
    if left:
        raise Invalid("Still to collect, or to record as not collected: %(tubes)s.", code="tubes-left",
                      tubes=_named(order, left), details={"tubes": [tube.code for tube in left]})  # fmt: skip
    waiting = unspun(order)
    if waiting:
        raise Invalid("Still to spin: %(tubes)s.", code="tubes-unspun", tubes=_named(order, waiting),
                      details={"tubes": [tube.code for tube in waiting]})  # fmt: skip
    loose = {job.object_code for job in stations.unapplied(tx, [tube.code for tube in order.tubes])}
    if loose:
        astray = [tube for tube in order.tubes if tube.code in loose]
        raise Invalid("Still to scan on its tube, or to print again or give up: the label of %(tubes)s.",
                      code="labels-loose", tubes=_named(order, astray),
                      details={"tubes": [tube.code for tube in astray]})  # fmt: skip
    order.state, order.finalised_at, order.version = OrderState.FINALISED, clock.now(), order.version + 1
    drawn = any(tube.collected_at for tube in order.tubes)
    order.outcome = OrderOutcome.COLLECTED if drawn else OrderOutcome.ATTEMPTED
    tx.session.flush()
    emit(tx, OrderFinalised(order.id, order.donor_id, order.site_id, str(order.outcome)))
    return order


def _clear_the_way(tx: Tx, donor_id: UUID, since: datetime | None) -> None:
    query = sa.select(CollectionOrder).where(CollectionOrder.donor_id == donor_id, CollectionOrder.state.not_in(ENDED))
    for order in tx.session.scalars(query):
        if since is None or order.created_at >= since:
            raise Conflict("A collection of this participant is open already. Go on with that one.", code="order-open")
        if not any(tube.collected_at for tube in order.tubes):
            _void(tx, order, "left-open")
    if since is not None and order_for(tx, donor_id, since):
        raise Conflict("The collection of this visit is signed off already.", code="order-finalised")


def _void(tx: Tx, order: CollectionOrder, reason: str) -> None:
    for tube in order.tubes:
        if tube.state in UNDRAWN:
            log.record(tx, tube, EventType.VOIDED, reason=reason[:200])
    stations.void_labels(tx, [tube.code for tube in order.tubes], "The collection was cancelled. Destroy it.")
    order.state, order.cancel_reason, order.version = OrderState.CANCELLED, reason[:200], order.version + 1
    tx.session.flush()


def _named(order: CollectionOrder, found: Sequence[Tube] | Collection[Tube]) -> Words:
    named = [kind_of(order, tube).short for tube in found]
    return Words(", ".join(words.en for words in named), ", ".join(words.es for words in named))
