"""What goes wrong at a desk, one test a row of the devices reference, section 5.5, and the answer each must get."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from biobank import clock
from biobank.devices import registry
from biobank.devices.board import State
from biobank.devices.capture import Capture
from biobank.devices.ownership import AlreadyRunning, Ownership
from biobank.devices.simulators.play import Burst
from biobank.stations import actions
from labels.printers.base import PrinterStatus
from labels.printers.simulated import SimulatedPrinter
from labels.printers.tcp import TcpPrinter
from tests.devices.cables import Cable, another_program, simulated
from tests.devices.desks import Desk
from tests.devices.frames import (
    OMRON,
    ONE_OF_EACH,
    TAIDOC,
    TANITA,
    decoded,
    decoder,
    kinds,
    sum_checked,
)  # fmt: skip
from tests.devices.playing import captured, played, weights
from tests.devices.running import running
from tests.stations.factories import make_desk, reading


def test_a_cable_unplugged_in_mid_frame_leaves_nothing_to_glue(tmp_path: Path):
    port = tmp_path / "scale"
    desk = Desk("tanita", str(port))
    with simulated("tanita", "--link", str(port)) as scale, running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        scale.say(weight="82.7", fault="unplug")
        desk.await_state(State.MISSING)
        desk.await_state(State.CONNECTED)
        scale.sent()
        scale.say(weight="64.5")
        assert desk.reading()["measures"][0]["value"] == "64.5"
    assert desk.kept.empty()


@pytest.mark.parametrize("name", ["tanita", "and", "omron-hbp9030", "healthometer"])
def test_a_restarting_devices_banner_and_zeros_are_not_weights(name: str):
    script = {"weight": "72.5", "height": "172.7", "systolic": "120", "diastolic": "80", "pulse": "72"}
    whole = captured(name, *played(name, **script))
    assert [one.event.measures for one in captured(name, *played(name, fault="reboot", **script))] == [
        one.event.measures for one in whole
    ]
    assert captured(name, *[Burst(b"0.0\r\n", 1.0)] * 5) == []


@pytest.mark.parametrize("other", ["healthometer", "mt-sics", "suntech", "taidoc", "mitutoyo"])
def test_the_wrong_driver_sees_no_frame_and_changes_to_no_other(other: str):
    listening = decoder("omron-hbp9030")
    listening.feed(ONE_OF_EACH[other] * 20)
    listening.close()
    assert all(one.event.as_json()["event"] != "reading" for one in listening.feed(ONE_OF_EACH[other]))


def test_a_packet_sent_twice_is_one_reading_and_counted():
    rules, listening, kept = Capture(registry.load("healthometer-binary").manner), decoder("healthometer-binary"), []
    for at, burst in enumerate(played("healthometer-binary", weight="7.250", model="522", frames=4, silent=True)):
        kept += [one for heard in listening.feed(burst.data) for one in rules.take(heard, at // 2)]
    assert (weights(kept), rules.duplicates) == (["7.250"], 3)


@pytest.mark.parametrize("name", ["healthometer", "healthometer-binary", "and"])
def test_one_weight_repeated_for_half_a_minute_after_the_person_left_is_one_reading(name: str):
    assert len(captured(name, *played(name, weight="72.8", after_seconds=30))) == 1


@pytest.mark.parametrize("name", ["healthometer", "and"])
def test_two_people_of_one_weight_are_two_readings_when_the_scale_was_empty_between(name: str):
    person = played(name, weight="72.8")
    assert weights(captured(name, *person, Burst(b"", 0.5), *person)) == ["72.8"] * 2


def test_a_recalled_weight_is_never_a_reading():
    assert captured("healthometer", *played("healthometer", recall="91.4")) == []


@pytest.mark.parametrize(("minute", "kept"), [(4, 0), (5, 0), (6, 1)])
def test_a_memory_record_older_than_our_first_look_is_refused(minute: int, kept: int):
    clock_frame = sum_checked(bytes.fromhex("5123eb340509a5"))
    date = sum_checked(bytes([0x51, 0x25, 0xEB, 0x34, minute, 9, 0xA5]))
    asked_again = [Burst(date + TAIDOC, 1.0)] * 3
    assert len(captured("taidoc", Burst(clock_frame), *asked_again)) == kept


def test_a_reading_with_no_open_window_is_kept_unclaimed_and_given_to_nobody(tx):
    desk = make_desk(tx)
    actions.receive_readings(tx, desk.id, [reading(7)])
    [item] = actions.recent_readings(tx, desk.id)
    assert (item.state.value, item.visit_id) == ("unclaimed", None)


def test_a_change_of_unit_restarts_the_plateau_and_nothing_is_averaged():
    pounds = played("healthometer", weight="160.5", unit="lb", silent=True)
    kilograms = played("healthometer", weight="72.8", silent=True)
    assert captured("healthometer", *pounds[:2], *[Burst(one.data, 1.0) for one in kilograms[:2]]) == []


def test_pounds_called_kilograms_are_found_by_the_index_of_the_frame():
    frame = b"\x1bR\x1bI0000000000\x1bW160.5\x1bH172.7\x1bB24.4\x1bT0.0\x1bNm\x1bE"
    [event] = decoded("healthometer", frame)
    assert (event["measures"], event["flags"]) == (
        [{"quantity": "weight", "value": "160.5", "unit": "kg"}],
        ["height-contradicts-bmi"],
    )


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("healthometer", b"\x1bR\x1bW999.9\x1bNc\x1bE"),
        ("and", b"OL,+9999.999 kg\r\n"),
        ("mt-sics", b"S +\r\n"),
        ("sma", b"\nO1G     199.9   kg \r"),
        ("tanita-wb", b"SI  ------kg\r\n"),
        ("detecto", b"  999.9 LB G OC\r"),
    ],
)
def test_overload_is_an_explicit_error_and_no_number(name: str, frame: bytes):
    [event] = decoded(name, frame)
    assert (event["code"], "measures" in event) == ("overload", False)


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("and", b"US,+00072.50 kg\r\n"),
        ("sma", b"\n 1GM      7.650kg \r"),
        ("mt-sics", b"S D      72.48 kg\r\n"),
        ("tanita-wb", b"SD    75.0kg\r\n"),
        ("detecto", b"   72.8 KG G MO\r"),
    ],
)
def test_an_unstable_weight_is_shown_and_never_kept(name: str, frame: bytes):
    assert kinds(name, frame) == ["unstable"]
    assert captured(name, *[Burst(frame, 1.0)] * 10) == []


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(hours=1), timedelta(days=-9500)])
def test_a_device_whose_clock_is_wrong_is_flagged_and_both_times_are_kept(off: timedelta, tmp_path: Path):
    cable, desk = Cable(tmp_path / "port"), Desk("omron-hbp9030", str(tmp_path / "port"))
    told = clock.now().astimezone() + off
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        cable.send(told.strftime("%Y,%m,%d,%H,%M").encode() + OMRON[16:])
        body = desk.reading()
    cable.unplug()
    assert (body["flags"], body["device_time"]) == (["confirm", "device-clock-off"], told.strftime("%Y-%m-%dT%H:%M"))
    assert body["captured_at"] > (clock.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("omron-hbp9030", OMRON.replace(b"120,080,072", b"080,120,072")),
        ("omron-hbp9030", OMRON.replace(b"120,080,072", b"120,080,000")),
        ("taidoc", sum_checked(bytes([0x51, 0x26, 80, 80, 80, 72, 0xA5]))),
        ("taidoc", sum_checked(bytes([0x51, 0x26, 0, 0, 0, 0, 0xA5]))),
    ],
)
def test_a_pressure_that_cannot_be_is_refused_with_its_reason(name: str, frame: bytes):
    [event] = decoded(name, frame)
    assert (event["reason"], "easure again" in event["message"]) == ("out-of-range", True)


def test_a_port_held_by_another_program_is_busy_and_is_tried_again(tmp_path: Path):
    cable, desk = Cable(tmp_path / "port"), Desk("tanita", str(tmp_path / "port"))
    with another_program(cable.path) as other, running(desk.listener.run):
        told = desk.await_state(State.BUSY)
        other.stdin.close()
        desk.await_state(State.CONNECTED)
    assert f"is in use by process {other.pid}: close the other program" in told
    cable.unplug()


def test_a_port_that_comes_back_under_another_name_is_found_by_its_path(tmp_path: Path):
    path = tmp_path / "by-path"
    first, second, desk = Cable(path), Cable(), Desk("tanita", str(path))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        first.unplug()
        desk.await_state(State.MISSING)
        path.unlink()
        path.symlink_to(second.path)
        desk.await_state(State.CONNECTED)
        second.send(TANITA)
        assert (desk.reading()["measures"][0]["value"], second.path != first.path) == ("82.7", True)
    second.unplug()


def test_a_second_station_refuses_to_start(tmp_path: Path):
    first = Ownership(tmp_path)
    with pytest.raises(AlreadyRunning, match="stop it first"):
        Ownership(tmp_path)
    first.release()


def test_commas_quotes_and_foreign_letters_in_an_identifier_are_refused_and_never_kept():
    odd = [OMRON.replace(b"12345678901234567890", b"1234,678901234567890"), OMRON.replace(b"123456", b"12\xe9456")]
    assert [kinds("omron-hbp9030", line) for line in odd] == [["malformed"], ["noise"]]
    named = TANITA.replace(b"Bt,0", b'ID,"JO"N","Bt,0')
    assert b"JO" not in json.dumps(decoded("tanita", named)).encode()


def test_a_silent_printer_is_told_to_check_its_media_and_the_label_is_not_sent(tmp_path: Path):
    with SimulatedPrinter(tmp_path) as printer:
        printer.set_condition(PrinterStatus.UNKNOWN)
        result = TcpPrinter("127.0.0.1", printer.port, answer_wait=0.1).send(b"^XA^XZ")
    assert (result.state.value, "Nothing was sent" in result.detail) == ("refused", True)
