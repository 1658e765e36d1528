"""Acceptance: ten readings beside what a person reads on the display, typed blind; then the device is in use."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.stations.device_models import NEEDED_CHECKS, Device, DeviceCheck, DeviceState
from biobank.stations.devices import calibrate, require_device
from biobank.stations.models import InboxKind, InboxReading, InboxState

# A device shows these; an index or a mean is worked out, and stands on few displays.
DISPLAYED = ("weight", "height", "length", "systolic", "diastolic", "heart_rate")
FRESH = timedelta(minutes=10)
SCANNED_END = 4
_TEXT = "text"
BEFORE_USE = Phrase("It was sent before the device was in use here.")


def checks_of(tx: Tx, device: Device) -> Sequence[DeviceCheck]:
    """The comparisons of this round, in order."""
    query = sa.select(DeviceCheck).filter_by(device_id=device.id, round=device.round)
    return tx.session.scalars(query.order_by(DeviceCheck.number)).all()


def last_disagreement(tx: Tx, device: Device) -> DeviceCheck | None:
    """The comparison that ended the round before this one."""
    query = sa.select(DeviceCheck).filter_by(device_id=device.id, agrees=False).order_by(DeviceCheck.checked_at.desc())
    return tx.session.scalars(query.limit(1)).first()


def reading_to_check(tx: Tx, device: Device) -> InboxReading | None:
    """The newest reading of this device that nobody has compared yet, of the last ten minutes."""
    compared = sa.select(DeviceCheck.reading_id).filter_by(device_id=device.id)
    query = sa.select(InboxReading).where(
        InboxReading.station_id == device.station_id,
        InboxReading.device == device.name,
        InboxReading.protocol == device.protocol,
        InboxReading.happened_at >= max(device.bound_at, clock.now() - FRESH),
        InboxReading.id.not_in(compared),
    )
    return tx.session.scalars(query.order_by(InboxReading.seq.desc()).limit(1)).first()


def asked_of(reading: InboxReading) -> list[tuple[str, str | None]]:
    """What a person reads aloud for this reading: quantity and unit, or the end of a scanned code."""
    if reading.kind is InboxKind.SCAN:
        return [(_TEXT, None)]
    return [(item["quantity"], item["unit"]) for item in reading.measures if item["quantity"] in DISPLAYED]


def check_reading(
    tx: Tx, station_id: UUID, device_id: UUID, *, reading_id: UUID, typed: Mapping[str, str]
) -> DeviceCheck:
    """Compare a reading with what its display says, typed blind. One that disagrees begins the ten again."""
    device = require_device(tx, station_id, device_id)
    if device.state is not DeviceState.CHECKING:
        raise Conflict("This device is not being checked any more.", code="not-checking")
    reading, done = _uncompared(tx, device, reading_id), checks_of(tx, device)
    if len(done) == NEEDED_CHECKS:
        raise Conflict("Ten readings agree already. Give the calibration date.", code="checked")
    said = {quantity: _number(typed, quantity) for quantity, _ in asked_of(reading)}
    arrived = _arrived(reading)
    check = DeviceCheck(device_id=device.id, reading_id=reading.id, round=device.round, number=len(done) + 1,
                        arrived=arrived, displayed=said, agrees=_agree(arrived, said), checked_at=clock.now(),
                        checked_by=tx.actor.name)  # fmt: skip
    tx.session.add(check)
    device.round += not check.agrees
    device.version += 1
    tx.session.flush()
    return check


def _uncompared(tx: Tx, device: Device, reading_id: UUID) -> InboxReading:
    reading = tx.session.scalar(sa.select(InboxReading).filter_by(id=reading_id, station_id=device.station_id))
    if reading is None or (reading.device, reading.protocol) != (device.name, device.protocol):
        raise NotFound("This reading is not this device's.")
    if tx.session.scalar(sa.select(DeviceCheck.id).filter_by(device_id=device.id, reading_id=reading_id)):
        raise Conflict("This reading was compared already. Measure again.", code="compared")
    return reading


def _number(typed: Mapping[str, str], quantity: str) -> str:
    text = typed.get(quantity, "").strip()
    if quantity == _TEXT and len(text) != SCANNED_END:
        raise Invalid("Type the last four characters printed under the barcode.", code="display")
    try:
        return text.upper() if quantity == _TEXT else format(Decimal(text.replace(",", ".")), "f")
    except InvalidOperation:
        raise Invalid("Type each number as the display shows it, such as 72.8.", code="display") from None


def _arrived(reading: InboxReading) -> dict[str, str]:
    if reading.kind is InboxKind.SCAN:
        return {_TEXT: (reading.text or "")[-SCANNED_END:]}
    return {item["quantity"]: item["value"] for item in reading.measures if item["quantity"] in DISPLAYED}


def _agree(arrived: Mapping[str, str], said: Mapping[str, str]) -> bool:
    if _TEXT in arrived:
        return arrived[_TEXT].upper() == said[_TEXT]
    return bool(arrived) and all(Decimal(value) == Decimal(said[quantity]) for quantity, value in arrived.items())


def put_in_use(tx: Tx, station_id: UUID, device_id: UUID, *, calibrated_on: date, calibration_due: date) -> Device:
    """Put a device in use that agreed ten times; its calibration was on a day past and is due on one to come."""
    device = require_device(tx, station_id, device_id)
    if device.state is DeviceState.IN_USE:
        raise Conflict("This device is in use already.", code="in-use")
    if sum(check.agrees for check in checks_of(tx, device)) < NEEDED_CHECKS:
        raise Conflict("Compare ten readings with the display first.", code="not-checked")
    calibrate(device, calibrated_on, calibration_due)
    device.state = DeviceState.IN_USE
    device.accepted_at, device.accepted_by = clock.now(), tx.actor.name
    _set_aside(tx, device)
    tx.session.flush()
    return device


def _set_aside(tx: Tx, device: Device) -> None:
    """What the device said before it was in use is nobody's measurement, whoever would use it now."""
    said = sa.update(InboxReading).filter_by(station_id=device.station_id, device=device.name)
    waiting = said.where(InboxReading.state == InboxState.UNCLAIMED)
    tx.session.execute(waiting.values(state=InboxState.REFUSED, refusal=BEFORE_USE))
