"""A device on a port: heard, kept, lost, and heard again."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from biobank.devices.board import State
from tests.devices.cables import Cable, simulated
from tests.devices.desks import Desk
from tests.devices.frames import HEALTHOMETER, OMRON, OMRON_ERROR, TANITA, TANITA_OLD, seven_even
from tests.devices.running import running

MEASURED: dict[str, tuple[dict[str, object], dict[str, str]]] = {
    "tanita": ({"weight": "82.7", "height": "170", "blip": True}, {"weight": "82.7", "height": "170"}),
    "healthometer": ({"weight": "72.8", "height": "172.7"}, {"weight": "72.8", "height": "172.7"}),
    "omron-hbp9030": (
        {"systolic": "120", "diastolic": "80", "pulse": "72"},
        {"systolic": "120", "diastolic": "80", "heart_rate": "72"},
    ),
    "healthometer-binary": ({"weight": "160.5"}, {"weight": "160.5"}),
    "tanita-wb": ({"weight": "75.0"}, {"weight": "75.0"}),
    "and": ({"weight": "72.5", "unlocked": True}, {"weight": "72.5"}),
    "sma": ({"weight": "72.8"}, {"weight": "72.8"}),
    "detecto": ({"weight": "72.8"}, {"weight": "72.8"}),
    "mt-sics": ({"weight": "72.8", "unlocked": True}, {"weight": "72.8"}),
    "taidoc": (
        {"systolic": "120", "diastolic": "80", "pulse": "72", "minutes": 2},
        {"systolic": "120", "diastolic": "80", "mean_arterial_pressure": "93", "heart_rate": "72"},
    ),
    "suntech": (
        {"systolic": "115", "diastolic": "74", "pulse": "85"},
        {"systolic": "115", "diastolic": "74", "mean_arterial_pressure": "87", "heart_rate": "85"},
    ),
    "mitutoyo": ({"length": "84.0"}, {"length": "84.0"}),
}
OVERLOAD = b"\x1bR\x1bW999.9\x1bNm\x1bE"


@pytest.fixture
def port(tmp_path: Path) -> Path:
    return tmp_path / "port"


def test_every_simulated_device_is_read_through_a_real_port(tmp_path: Path):
    desks = {name: Desk(name, str(tmp_path / name)) for name in MEASURED}
    with ExitStack() as stack:
        devices = {name: stack.enter_context(simulated(name, "--link", str(tmp_path / name))) for name in MEASURED}
        for name, desk in desks.items():
            stack.enter_context(running(desk.listener.run))
            desk.await_state(State.CONNECTED)
            devices[name].say(**MEASURED[name][0])
        bodies = {name: desk.reading() for name, desk in desks.items()}
    heard = {name: {one["quantity"]: one["value"] for one in body["measures"]} for name, body in bodies.items()}
    assert heard == {name: expected for name, (_, expected) in MEASURED.items()}
    assert all(desk.kept.empty() for desk in desks.values())


def test_a_simulated_scan_is_read_through_a_real_port(port: Path):
    desk = Desk("barcode", str(port))
    with simulated("barcode", "--link", str(port)) as device, running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        device.say(code="S123456789012")
        body = desk.reading()
    assert (body["kind"], body["text"]) == ("scan", "S123456789012")


def test_what_is_kept_has_no_subject_identifier(port: Path):
    cable, desk = Cable(port), Desk("omron-hbp9030", str(port))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        cable.send(OMRON)
        body = desk.reading()
    cable.unplug()
    assert bytes.fromhex(body["raw"]) == OMRON.rstrip().replace(b"12345678901234567890", b"0" * 20)
    assert (body["flags"], body["stable"], body["repeat"]) == (["confirm", "device-clock-off"], None, 1)


def test_a_device_unplugged_in_mid_frame_is_heard_again_and_nothing_is_glued(port: Path):
    first, desk = Cable(port), Desk("tanita", str(port))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        first.send(TANITA[:100])
        first.unplug()
        desk.await_state(State.MISSING)
        second = Cable(port)
        desk.await_state(State.CONNECTED)
        second.send(TANITA[100:] + TANITA)
        body = desk.reading()
    second.unplug()
    assert body["measures"][0]["value"] == "82.7"
    assert desk.kept.empty()


def test_a_scale_at_7e1_read_as_8n1_is_told_by_its_bytes(port: Path):
    cable, desk = Cable(port), Desk("tanita", str(port))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        cable.send(seven_even(TANITA_OLD * 3))
        assert "looks like 7E1" in desk.await_state(State.CONNECTED)
    cable.unplug()
    assert desk.kept.empty()


def test_the_wrong_driver_says_how_little_it_understands_and_stays(port: Path):
    cable, desk = Cable(port), Desk("mt-sics", str(port))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        cable.send(HEALTHOMETER * 10)
        assert "frames seen: 0" in desk.await_state(State.CONNECTED)
    cable.unplug()
    assert desk.kept.empty()


def test_a_scale_that_speaks_only_when_asked_is_asked_again_and_again(port: Path):
    cable, desk = Cable(port), Desk("tanita-wb", str(port))
    with running(desk.listener.run):
        asked = cable.receive()
        while asked.count(b"DR\r\n") < 2:
            asked += cable.receive()
    cable.unplug()
    assert asked.replace(b"DR\r\n", b"") == b""


def test_a_busy_port_says_so(port: Path):
    cable, desk, other = Cable(port), Desk("tanita", str(port)), Desk("tanita", str(port))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        with running(other.listener.run):
            assert "close the other program" in other.await_state(State.BUSY)
    cable.unplug()


def test_a_devices_error_is_shown_and_nothing_kept(port: Path):
    cable, desk = Cable(port), Desk("omron-hbp9030", str(port))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        cable.send(OMRON_ERROR)
        assert "error 7" in desk.await_state(State.CONNECTED)
    cable.unplug()
    assert desk.kept.empty()


def test_noise_is_shown_with_its_size(port: Path):
    cable, desk = Cable(port), Desk("healthometer", str(port))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        cable.send(b"\xff" * 600)
        assert "belonged to no frame" in desk.await_state(State.CONNECTED)
    cable.unplug()


def test_frames_in_one_instant_are_no_plateau(port: Path):
    cable, desk = Cable(port), Desk("healthometer", str(port))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        cable.send(HEALTHOMETER * 5 + OVERLOAD)
        assert "capacity" in desk.await_state(State.CONNECTED)
    cable.unplug()
    assert desk.kept.empty()


def test_a_reading_waits_for_a_disk_that_is_full(port: Path):
    cable, desk = Cable(port), Desk("tanita", str(port))
    desk.refusals = 1
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        cable.send(TANITA)
        assert "disk is full" in desk.await_state(State.ERROR)
        assert desk.reading()["measures"][0]["value"] == "82.7"
    cable.unplug()
