"""Ports on pseudo-terminals: opening, the settings a terminal does not know, unplugging and coming back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from serial import SerialException

from biobank.devices.port import Port, PortError, Trouble, _opening_error
from biobank.devices.protocol import Settings
from tests.devices.cables import Cable

SEVEN_EVEN = Settings(baud=2400, bits=7, parity="E")


@pytest.fixture
def cable() -> Iterator[Cable]:
    plugged = Cable()
    yield plugged
    plugged.unplug()


def test_bytes_go_both_ways(cable: Cable):
    port = Port(cable.path, Settings())
    cable.send(b"weight")
    port.write(b"?")
    assert (port.read(), cable.receive()) == (b"weight", b"?")
    port.close()


def test_silence_is_an_empty_answer(cable: Cable):
    port = Port(cable.path, Settings())
    assert port.read(0.0) == b""
    port.close()


def test_a_terminal_opens_again_and_again_at_seven_bits_and_the_request_is_kept(cable: Cable):
    for _ in range(3):
        port = Port(cable.path, SEVEN_EVEN)
        port.close()
    assert port.requested == SEVEN_EVEN


def test_a_missing_port_says_to_plug_it_in():
    with pytest.raises(PortError, match="plug the device in") as caught:
        Port("/dev/serial/by-path/nothing", Settings())
    assert caught.value.trouble is Trouble.MISSING


def test_a_system_that_tells_a_port_in_use_only_in_words_is_understood():
    told = SerialException("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)")
    assert _opening_error("COM3", told).trouble is Trouble.BUSY


def test_a_port_in_use_is_busy(cable: Cable):
    port = Port(cable.path, Settings())
    with pytest.raises(PortError, match="close the other program") as caught:
        Port(cable.path, Settings())
    port.close()
    assert caught.value.trouble is Trouble.BUSY


def test_a_file_is_no_port(tmp_path: Path):
    file = tmp_path / "scale"
    file.touch()
    with pytest.raises(PortError):
        Port(str(file), Settings())


def test_an_unplugged_port_is_lost_for_reading_and_writing():
    cable = Cable()
    port = Port(cable.path, Settings())
    cable.unplug()
    with pytest.raises(PortError, match="unplugged"):
        port.read()
    with pytest.raises(PortError, match="does not take data"):
        port.write(b"?")
    port.close()


def test_a_port_opens_again_where_it_was_plugged_in_again(tmp_path: Path):
    link = tmp_path / "scale"
    first = Cable(link)
    Port(str(link), Settings()).close()
    first.unplug()
    second = Cable(link)
    port = Port(str(link), Settings())
    second.send(b"back")
    assert port.read() == b"back"
    port.close()
    second.unplug()
