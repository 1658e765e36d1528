"""The receiving bench: one field for every scan, each saved at once as it was read with what it came to."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Refused
from biobank.specimens import arrivals, bags, consequences, couriers, log_entry, shipping
from biobank.specimens.arrivals import Listed
from biobank.specimens.bench import Answer, current_shipment, say
from biobank.specimens.commands import command_of
from biobank.specimens.entry import EnteredBy
from biobank.specimens.log_entry import Circumstances
from biobank.specimens.models import Container, ReceiptScan, ScanOutcome, Shipment
from labels import BadCode, Kind, parse

_OUR_LETTERS = re.compile(rf"[{''.join(Kind)}]\s?[0-9]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """When a scan was made and when it was sent, both by the clock of the device that kept it meanwhile."""

    scanned_at: datetime
    sent_at: datetime


# A scan sent this soon was not kept. One older than this cannot be placed in time by the device's clock.
_AT_ONCE, _TOO_OLD = timedelta(seconds=10), timedelta(hours=24)
# A dead clock tells of another century: how long a scan waited still counts, and the skew stops at 24.8 days.
_FARTHEST = 2**31 - 1


def receive_scan(
    tx: Tx, raw: str, scan_id: UUID | None = None, *, kept: Kept | None = None, device: str | None = None,
    entered_by: EnteredBy = EnteredBy.UNKNOWN,
) -> ReceiptScan:  # fmt: skip
    """Take one scan, whatever it is: a shipment or its tracking number, a box, a tube, a command.

    Never refuses: what cannot be is an outcome too, and is kept. `scan_id` is the sender's own key, so that a scan sent
    twice is one scan with one answer. `kept` places a scan in time that waited for the line; `entered_by` says how it
    came in.
    """
    before = tx.session.scalar(_BEFORE, {"scan_id": scan_id}) if scan_id else None
    if before is not None:
        return before
    circumstances = replace(_circumstances(kept, device), entered_by=entered_by)
    try:
        with _undoable(tx, raw), log_entry.under(tx, circumstances):
            answer = _judge(tx, raw.strip())
            tx.session.flush()
    except Refused as refusal:
        # The step is undone, the scan is kept.
        words = {name: str(value) for name, value in refusal.words.items()}
        answer = Answer(ScanOutcome.NOT_YET, refusal.template, words)
    return _keep(tx, raw, answer, scan_id or new_id(), circumstances)


_BEFORE = sa.select(ReceiptScan).where(ReceiptScan.id == sa.bindparam("scan_id"))


def _undoable(tx: Tx, raw: str) -> AbstractContextManager[object]:
    """A savepoint for a command, which may be refused half done. Anything else is refused before it changes a row."""
    return tx.session.begin_nested() if command_of(raw) else nullcontext()


@dataclass(frozen=True, slots=True)
class Incoming:
    """One scan of many, as `receive_scan` takes it."""

    raw: str
    scan_id: UUID | None = None
    kept: Kept | None = None
    device: str | None = None
    entered_by: EnteredBy = EnteredBy.UNKNOWN


def incoming(told: Mapping[str, Any]) -> Incoming:
    """One scan as a page or program told of it (`ReceiptScanQuery`)."""
    scanned_at, sent_at = told["scanned_at"], told["sent_at"]
    kept = Kept(scanned_at, sent_at) if scanned_at and sent_at else None
    return Incoming(told["code"], told["scan_id"], kept, told["device"], told["entered_by"])


def receive(tx: Tx, scan: Incoming) -> ReceiptScan:
    """Take one scan as it came in."""
    return receive_scan(tx, scan.raw, scan.scan_id, kept=scan.kept, device=scan.device, entered_by=scan.entered_by)


def receive_scans(tx: Tx, scans: Sequence[Incoming]) -> list[ReceiptScan]:
    """Take many scans in their order, each as `receive_scan` takes it.

    Where all of them are tubes that the open parcel lists and nothing stands against, they are written together.
    """
    listed = _all_ordinary(tx, scans)
    if not listed:
        return [receive(tx, scan) for scan in scans]
    made = []
    with tx.session.no_autoflush:
        for scan, one in zip(scans, listed, strict=True):
            told = replace(_circumstances(scan.kept, scan.device), entered_by=scan.entered_by)
            with log_entry.under(tx, told):
                answer = arrivals.take_ordinary(tx, one)
            made.append(_made(tx, scan.raw, answer, scan.scan_id or new_id(), told))
    # The scans point at the events.
    tx.session.flush()
    tx.session.add_all(made)
    tx.session.flush()
    return made


def _all_ordinary(tx: Tx, scans: Sequence[Incoming]) -> list[Listed]:
    """The tubes of these scans, if each is of another ordinary tube of the open parcel and none was sent before."""
    try:
        codes = [parse(scan.raw.strip()).text for scan in scans]
    except BadCode:
        return []
    shipment = current_shipment(tx) if len(scans) > 1 and len(set(codes)) == len(codes) else None
    sent = [scan.scan_id for scan in scans if scan.scan_id]
    again = sent and tx.session.scalar(sa.select(ReceiptScan.id).where(ReceiptScan.id.in_(sent)).limit(1))
    if shipment is None or again or len(set(sent)) < len(sent):
        return []
    found = arrivals.ordinary(tx, codes, shipment)
    return [found[code] for code in codes] if len(found) == len(codes) else []


def _circumstances(kept: Kept | None, device: str | None) -> Circumstances:
    """The instant of a kept scan by our clock: what the device's clock says, moved by how far it is off."""
    if kept is None or not _AT_ONCE <= kept.sent_at - kept.scanned_at <= _TOO_OLD:
        return Circumstances(device=device)
    skew = clock.now() - kept.sent_at
    off = round(skew.total_seconds() * 1000)
    return Circumstances(device=device, at=kept.scanned_at + skew, skew_ms=max(-_FARTHEST, min(off, _FARTHEST)))


def _judge(tx: Tx, text: str) -> Answer:
    command = command_of(text)
    if command:
        return command(tx, text)
    try:
        code = parse(text)
    except BadCode as problem:
        return _not_ours(tx, text, problem)
    reader = _READERS.get(code.kind)
    return reader(tx, code.text) if reader else _wrong_kind(code.kind)


def _not_ours(tx: Tx, text: str, why: BadCode) -> Answer:
    bad = say(ScanOutcome.BAD_READ, why.template, **{name: str(word) for name, word in why.words.items()})
    if _OUR_LETTERS.match(text):
        return bad
    try:
        number = couriers.read(text)
    except Refused:
        return bad
    shipment = shipping.by_tracking(tx, number.number)
    if shipment is None:
        said = say(ScanOutcome.UNKNOWN, "No shipment has this number. Set the parcel apart, photograph it and call its "
                   "sender.")  # fmt: skip
        # A number that no courier gives may be anything: only a courier's own is recorded as a thing found.
        return consequences.nobody_knows(tx, said, number.number, None) if number.carrier else said
    return arrivals.open_shipment(tx, shipment.id, text)


def _shipment(tx: Tx, code: str) -> Answer:
    found = tx.session.scalar(sa.select(Shipment.id).filter_by(code=code))
    if found is None:
        said = say(ScanOutcome.UNKNOWN, "There is no such shipment. Set the parcel apart and call its sender.")
        return consequences.nobody_knows(tx, said, code, None)
    return arrivals.open_shipment(tx, found, code)


def _box(tx: Tx, code: str) -> Answer:
    box = tx.session.scalar(sa.select(Container).filter_by(code=code))
    if box is None:
        said = say(ScanOutcome.UNKNOWN, "No box has this code. Set it apart.")
        return consequences.nobody_knows(tx, said, code, current_shipment(tx))
    shipment_id = bags.shipment_of(tx, box)
    if shipment_id is None:
        return say(ScanOutcome.UNKNOWN, "This box was never sent, as far as is known. Set it apart and call the site.")
    return arrivals.open_box(tx, box, shipment_id)


def _tube(tx: Tx, code: str) -> Answer:
    return arrivals.take_tube(tx, code, lambda: current_shipment(tx))


_READERS: dict[Kind, Callable[[Tx, str], Answer]] = {Kind.SHIPMENT: _shipment, Kind.BOX: _box, Kind.TUBE: _tube}


def _wrong_kind(kind: Kind) -> Answer:
    if kind is Kind.PLACE:
        return say(ScanOutcome.WRONG_KIND, "This is a place on a shelf. Open the tube's page to put it away.")
    if kind is Kind.COLLECTION:
        return say(ScanOutcome.WRONG_KIND, "This is a collection's code. Scan the tube's own label.")
    return say(ScanOutcome.WRONG_KIND, "This is no tube, box or shipment. Scan a label that begins with S, X or H.")


def _keep(tx: Tx, raw: str, answer: Answer, scan_id: UUID, circumstances: Circumstances) -> ReceiptScan:
    scan = _made(tx, raw, answer, scan_id, circumstances)
    tx.session.add(scan)
    tx.session.flush()
    return scan


def _made(tx: Tx, raw: str, answer: Answer, scan_id: UUID, circumstances: Circumstances) -> ReceiptScan:
    actor = tx.actor
    return ReceiptScan(
        id=scan_id, at=clock.now(), actor_id=actor.id, actor_name=actor.name, site_id=actor.site_id, raw=raw[:200],
        code=answer.code, outcome=answer.outcome, message=answer.message, words=answer.words,
        shipment_id=answer.shipment_id, tube_id=answer.tube_id, event_id=answer.event_id, object_id=answer.object_id,
        scanned_at=circumstances.at, skew_ms=circumstances.skew_ms, device=circumstances.device,
        entered_by=circumstances.entered_by or EnteredBy.UNKNOWN,
    )  # fmt: skip
