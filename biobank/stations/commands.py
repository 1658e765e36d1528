"""Commands that act on a person: asked for by a click, taken once, expired in seconds, never sent a second time."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.devices import registry
from biobank.devices.protocol import Act
from biobank.errors import Conflict, Invalid, NotFound
from biobank.stations.desk import is_alive, require_station
from biobank.stations.device_models import CommandState, Device, DeviceCommand, DeviceState
from biobank.stations.models import Station
from biobank.stations.windows import window_of

LIFE = timedelta(seconds=5)
REPORTED = (CommandState.SENT, CommandState.FAILED, CommandState.EXPIRED)


def acts_of(protocol: str) -> tuple[str, ...]:
    """What a device of this protocol can be told to do, by name."""
    try:
        return tuple(registry.load(protocol).acts)
    except registry.UnknownProtocol:
        return ()


def ask_command(tx: Tx, station_id: UUID, *, device: str, act: str) -> DeviceCommand:
    """Tell a device in use to act, within five seconds or not at all, for the visit that is open at its desk."""
    station = require_station(tx, station_id)
    found = tx.session.scalar(
        sa.select(Device).filter_by(station_id=station_id, name=device, state=DeviceState.IN_USE).with_for_update(
            of=Device)
    )  # fmt: skip
    if found is None or act not in acts_of(found.protocol):
        raise Invalid("This device cannot be told that.", code="no-such-act")
    window = window_of(tx, station_id)
    if window is None:
        raise Conflict("No visit is open at this desk. Check the participant in first.", code="visit-not-open")
    _refuse_deaf(station, device)
    _make_room(tx, found, act)
    now = clock.now()
    command = DeviceCommand(station_id=station_id, device=device, act=act, visit_id=window.visit_id, asked_at=now,
                            asked_by=tx.actor.name, asked_by_id=tx.actor.id, expires_at=now + LIFE)  # fmt: skip
    tx.session.add(command)
    tx.session.flush()
    return command


def _refuse_deaf(station: Station, device: str) -> None:
    """A command for a device that does not answer would act at a moment nobody chose."""
    told = next((item for item in station.devices if item["name"] == device), None)
    if not is_alive(station, clock.now()) or told is None or told["state"] != "connected":
        raise Conflict("The device does not answer. Start it at its own key, or check its cable.", code="device-silent")


def _make_room(tx: Tx, device: Device, act: str) -> None:
    """A start is refused while one is on its way; a stop takes back a start that was not taken yet."""
    _expire(tx, device.station_id)
    waiting = [item for item in _waiting(tx, device.station_id) if item.device == device.name]
    if any(item.act == act for item in waiting):
        raise Conflict("That is on its way to the device already.", code="on-its-way")
    if act == Act.STOP_CUFF:
        for item in waiting:
            item.state, item.detail = CommandState.EXPIRED, "Stopped before it was sent."
    tx.session.flush()


def _waiting(tx: Tx, station_id: UUID) -> Sequence[DeviceCommand]:
    query = sa.select(DeviceCommand).filter_by(station_id=station_id, state=CommandState.WAITING)
    return tx.session.scalars(query.order_by(DeviceCommand.asked_at).with_for_update()).all()


def _expire(tx: Tx, station_id: UUID) -> None:
    late = sa.update(DeviceCommand).where(
        DeviceCommand.station_id == station_id,
        DeviceCommand.state == CommandState.WAITING,
        DeviceCommand.expires_at <= clock.now(),
    )
    tx.session.execute(late.values(state=CommandState.EXPIRED, detail="The station did not ask for it in time."))


def claim_commands(tx: Tx, station_id: UUID) -> Sequence[DeviceCommand]:
    """What waits for a station, handed out once: an answer that is lost on its way is not given again."""
    require_station(tx, station_id)
    _expire(tx, station_id)
    taken = _waiting(tx, station_id)
    for command in taken:
        command.state, command.taken_at = CommandState.TAKEN, clock.now()
    tx.session.flush()
    return taken


def report_command(tx: Tx, station_id: UUID, command_id: UUID, state: CommandState, detail: str) -> DeviceCommand:
    """Keep what became of a command; said twice, the first word stands."""
    query = sa.select(DeviceCommand).filter_by(id=command_id, station_id=station_id).with_for_update()
    command = tx.session.scalar(query)
    if command is None:
        raise NotFound("There is no such command.")
    if state not in REPORTED:
        raise Invalid("A station tells that a command was sent, failed or expired.")
    if command.state is CommandState.TAKEN:
        command.state, command.detail, command.told_at = state, detail, clock.now()
        tx.session.flush()
    elif command.state is not state:
        raise Conflict("This command is %(state)s already.", code="command-state", state=command.state.value)
    return command


def last_commands(tx: Tx, station_id: UUID, limit: int = 20) -> Sequence[DeviceCommand]:
    """What was asked of a station's devices, newest first."""
    query = sa.select(DeviceCommand).filter_by(station_id=station_id).order_by(DeviceCommand.asked_at.desc())
    return tx.session.scalars(query.limit(limit)).all()
