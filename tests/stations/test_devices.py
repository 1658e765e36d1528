"""Registering a device: bound, compared ten times, calibrated; before that what it says is no measurement."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Refused
from biobank.stations import actions
from biobank.stations.device_models import NEEDED_CHECKS, Device, DeviceState
from biobank.stations.models import InboxState
from tests.stations.factories import Desk, any_visit, make_desk, make_device, make_site, reading, scan

TODAY = date(2026, 11, 20)
CALIBRATED = {"calibrated_on": TODAY - timedelta(days=3), "calibration_due": TODAY + timedelta(days=300)}


def bound(tx: Tx, desk: Desk, name: str = "platform", protocol: str = "and", port: str = "/dev/x") -> Device:
    return actions.bind_device(tx, desk.id, name=name, protocol=protocol, port=port)


def measure(tx: Tx, desk: Desk, device: Device, seq: int, value: str = "72.8") -> UUID:
    sent = reading(seq, device=device.name, protocol=device.protocol,
                   measures=[{"quantity": "weight", "value": value, "unit": "kg"}])  # fmt: skip
    actions.receive_readings(tx, desk.id, [sent])
    return actions.reading_to_check(tx, device).id


def compare(tx: Tx, desk: Desk, device: Device, seq: int, shown: str = "72.8") -> bool:
    found = measure(tx, desk, device, seq)
    return actions.check_reading(tx, desk.id, device.id, reading_id=found, typed={"weight": shown}).agrees


def compared(tx: Tx, desk: Desk) -> Device:
    device = bound(tx, desk)
    for seq in range(1, NEEDED_CHECKS + 1):
        compare(tx, desk, device, seq)
    return device


def test_a_device_that_agrees_ten_times_and_is_calibrated_is_in_use(tx: Tx, noon: object) -> None:
    desk = make_desk(tx)
    device = actions.put_in_use(tx, desk.id, compared(tx, desk).id, **CALIBRATED)
    assert (device.state, device.accepted_at) == (DeviceState.IN_USE, clock.now())
    assert actions.evidence_of(device) == "checked against a device at a site"


def test_what_was_compared_is_nobodys_measurement_once_the_device_is_in_use(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    device = compared(tx, desk)
    measure(tx, desk, device, NEEDED_CHECKS + 1)
    actions.put_in_use(tx, desk.id, device.id, **CALIBRATED)
    actions.open_window(tx, desk.id, visit)
    for item in actions.recent_readings(tx, desk.id):
        with pytest.raises(Conflict, match="sent before the device was in use here"):
            actions.claim_reading(tx, item.id, visit)
    assert [item.seq for item in actions.readings_to_decide(tx, desk.id)] == [NEEDED_CHECKS + 1]


def test_nine_comparisons_are_not_enough(tx: Tx, noon: object) -> None:
    desk = make_desk(tx)
    device = bound(tx, desk)
    assert all(compare(tx, desk, device, seq) for seq in range(1, NEEDED_CHECKS))
    with pytest.raises(Conflict, match="Compare ten readings"):
        actions.put_in_use(tx, desk.id, device.id, **CALIBRATED)


def test_one_that_disagrees_begins_the_ten_again_and_stays_on_record(tx: Tx) -> None:
    desk = make_desk(tx)
    device = bound(tx, desk)
    assert [compare(tx, desk, device, 1), compare(tx, desk, device, 2, shown="160.5")] == [True, False]
    assert (actions.checks_of(tx, device), actions.last_disagreement(tx, device).displayed) == (
        [],
        {"weight": "160.5"},
    )


@pytest.mark.parametrize("shown", ["72.80", "72,8", " 72.8 "])
def test_the_same_number_written_otherwise_agrees(tx: Tx, shown: str) -> None:
    desk = make_desk(tx)
    assert compare(tx, desk, bound(tx, desk), 1, shown=shown)


@pytest.mark.parametrize("shown", ["", "72.8 kg", "about 70"])
def test_what_is_no_number_is_asked_again_and_counts_for_nothing(tx: Tx, shown: str) -> None:
    desk = make_desk(tx)
    device = bound(tx, desk)
    with pytest.raises(Invalid, match="as the display shows it"):
        compare(tx, desk, device, 1, shown=shown)
    assert actions.checks_of(tx, device) == []


def test_a_reading_is_compared_once(tx: Tx) -> None:
    desk = make_desk(tx)
    device = bound(tx, desk)
    found = measure(tx, desk, device, 1)
    actions.check_reading(tx, desk.id, device.id, reading_id=found, typed={"weight": "72.8"})
    with pytest.raises(Conflict, match="compared already"):
        actions.check_reading(tx, desk.id, device.id, reading_id=found, typed={"weight": "72.8"})


def test_a_scanner_is_compared_by_the_last_four_characters(tx: Tx) -> None:
    desk = make_desk(tx)
    device = bound(tx, desk, "scanner", "barcode")
    actions.receive_readings(tx, desk.id, [scan(1, "S123456789012")])
    found = actions.reading_to_check(tx, device)
    assert actions.check_reading(tx, desk.id, device.id, reading_id=found.id, typed={"text": "9012"}).agrees


def test_what_an_unregistered_device_says_is_shown_and_is_no_measurement(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    bound(tx, desk)
    actions.open_window(tx, desk.id, visit)
    actions.receive_readings(tx, desk.id, [reading(1, device="platform", protocol="and"), reading(2, device="stray")])
    kept = actions.recent_readings(tx, desk.id)
    assert [item.state for item in kept] == [InboxState.REFUSED] * 2
    assert "not in use at this station yet" in kept[0].refusal


def test_a_person_cannot_use_an_unregistered_devices_reading_either(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    actions.receive_readings(tx, desk.id, [reading(1, device="stray")])
    actions.open_window(tx, desk.id, visit)
    with pytest.raises(Conflict, match="not in use at this station yet"):
        actions.claim_reading(tx, actions.recent_readings(tx, desk.id)[0].id, visit)


def test_a_device_moved_to_another_port_is_registered_anew(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    elsewhere = {"name": "scale", "protocol": "tanita", "port": "/dev/other", "state": "connected", "detail": ""}
    actions.note_heartbeat(tx, desk.id, devices=[elsewhere], spooled=0, skew=timedelta())
    actions.open_window(tx, desk.id, visit)
    actions.receive_readings(tx, desk.id, [reading(1)])
    assert "another port" in actions.recent_readings(tx, desk.id)[0].refusal


def test_a_retired_device_measures_nothing_and_frees_its_port(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    [scale] = actions.devices_of(tx, desk.id)
    actions.retire_device(tx, desk.id, scale.id, because="dropped")
    actions.open_window(tx, desk.id, visit)
    actions.receive_readings(tx, desk.id, [reading(1)])
    assert actions.recent_readings(tx, desk.id)[0].state is InboxState.REFUSED
    assert bound(tx, desk, "scale", "tanita", scale.port).state is DeviceState.CHECKING


@pytest.mark.parametrize(
    ("name", "port", "words"), [("scale", "/dev/y", "of that name"), ("b", "/dev/by-path/scale", "bound to this port")]
)
def test_a_name_and_a_port_are_bound_once(tx: Tx, name: str, port: str, words: str) -> None:
    desk = make_desk(tx)
    with pytest.raises(Conflict, match=words):
        bound(tx, desk, name, "tanita", port)


@pytest.mark.parametrize("protocol", ["manual", "omron-hem-907", "nonsense", ""])
def test_what_speaks_on_no_port_is_not_bound(tx: Tx, protocol: str) -> None:
    desk = make_desk(tx)
    with pytest.raises(Invalid):
        bound(tx, desk, protocol=protocol)


@pytest.mark.parametrize("wrong", [{"calibrated_on": TODAY + timedelta(days=1)}, {"calibration_due": TODAY}])
def test_a_calibration_lies_behind_and_the_next_ahead(tx: Tx, noon: object, wrong: dict[str, date]) -> None:
    desk = make_desk(tx)
    device = compared(tx, desk)
    with pytest.raises(Invalid, match="alibration"):
        actions.put_in_use(tx, desk.id, device.id, **CALIBRATED | wrong)


def test_the_database_keeps_an_unchecked_device_out_of_use(tx: Tx) -> None:
    bound(tx, make_desk(tx))
    with pytest.raises(sa.exc.IntegrityError), tx.session.begin_nested():
        tx.session.execute(sa.update(Device).filter_by(name="platform").values(state=DeviceState.IN_USE))


def test_calibrations_are_recalled_thirty_days_before(tx: Tx, noon: object) -> None:
    desk = make_desk(tx)
    make_device(tx, desk.id, "late").calibration_due = TODAY + timedelta(days=30)
    make_device(tx, desk.id, "fine").calibration_due = TODAY + timedelta(days=31)
    assert [device.name for device in actions.calibrations_due(tx)] == ["late"]


def test_a_device_of_another_station_is_not_found(tx: Tx) -> None:
    desk, other = make_desk(tx), make_desk(tx, make_site(tx, "NYC"))
    [device] = actions.devices_of(tx, other.id)
    with pytest.raises(NotFound):
        actions.require_device(tx, desk.id, device.id)


def test_only_a_free_port_that_is_there_is_listened_to(tx: Tx) -> None:
    desk = make_desk(tx)
    ports = [{"path": "/dev/free"}, {"path": "/dev/by-path/scale"}]
    station = actions.note_heartbeat(tx, desk.id, devices=[], spooled=0, skew=timedelta(), ports=ports)
    for port in ("/dev/by-path/scale", "/dev/nowhere"):
        with pytest.raises(Refused):
            actions.listen(tx, station, port=port, settings={"baud": 9600})
    actions.listen(tx, station, port="/dev/free", settings={"baud": 9600})
    assert actions.orders(tx, station)["listen"] == {"port": "/dev/free", "settings": {"baud": 9600}}


def test_listening_ends_by_itself(tx: Tx, noon: object) -> None:
    desk = make_desk(tx)
    station = actions.note_heartbeat(
        tx, desk.id, devices=[], spooled=0, skew=timedelta(), ports=[{"path": "/dev/free"}]
    )
    actions.listen(tx, station, port="/dev/free", settings={"baud": 9600})
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert actions.orders(tx, station)["listen"] is None
