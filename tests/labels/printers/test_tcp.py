"""A network printer: nothing is sent twice, nothing is called printed that may not be."""

import socket
import threading
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from labels.printers.base import PrinterStatus, SendState
from labels.printers.simulated import SimulatedPrinter
from labels.printers.tcp import TcpPrinter

Listen = Callable[[Callable[[socket.socket], None]], int]
Reset = Callable[[socket.socket], None]


def printer_at(port: int, *, send_when_silent: bool = False, write_wait: float = 5.0) -> TcpPrinter:
    return TcpPrinter(
        "127.0.0.1", port, send_when_silent=send_when_silent, write_wait=write_wait, answer_wait=0.2, connect_wait=1.0
    )


def read_to_the_end(caller: socket.socket) -> None:
    while caller.recv(65_536):
        pass


def test_a_label_goes_to_a_printer_that_is_ready(label: bytes, tmp_path: Path) -> None:
    with SimulatedPrinter(tmp_path) as simulated:
        result = TcpPrinter("127.0.0.1", simulated.port).send(label)
        assert result.state is SendState.SENT
        assert len(simulated.wait_for(1)) == 1


def test_nobody_listening_is_refused_before_the_first_byte(label: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = printer_at(port).send(label)
    assert result.state is SendState.REFUSED
    assert result.may_be_sent_again


@pytest.mark.parametrize("condition", [PrinterStatus.HEAD_OPEN, PrinterStatus.NO_MEDIA, PrinterStatus.NO_RIBBON])
def test_a_printer_that_lacks_something_gets_no_label(condition: PrinterStatus, label: bytes, tmp_path: Path) -> None:
    with SimulatedPrinter(tmp_path) as simulated:
        simulated.set_condition(condition)
        result = printer_at(simulated.port).send(label)
    assert (result.state, simulated.count) == (SendState.REFUSED, 0)
    assert "check paper, ribbon, lid" in result.detail


def test_a_paused_printer_gets_no_label(label: bytes, tmp_path: Path) -> None:
    with SimulatedPrinter(tmp_path) as simulated:
        simulated.set_condition(PrinterStatus.PAUSED)
        result = printer_at(simulated.port).send(label)
    assert (result.state, simulated.count) == (SendState.REFUSED, 0)
    assert "press its pause button" in result.detail


def test_a_silent_printer_gets_its_label_only_if_told_so(label: bytes, tmp_path: Path) -> None:
    with SimulatedPrinter(tmp_path) as simulated:
        simulated.set_condition(PrinterStatus.UNKNOWN)
        result = printer_at(simulated.port, send_when_silent=True).send(label)
    assert result.state is SendState.UNKNOWN
    assert "Look whether the label came out" in result.detail


def test_a_printer_that_never_reads_is_not_called_printed(label: bytes, listen: Listen) -> None:
    over = threading.Event()
    port = listen(lambda _: over.wait(5) and None)
    result = printer_at(port, send_when_silent=True).send(label)
    over.set()
    assert result.state is SendState.UNKNOWN
    assert not result.may_be_sent_again


def test_a_printer_that_stops_reading_ends_in_unknown_when_the_wait_is_over(ready: bytes, listen: Listen) -> None:
    over = threading.Event()

    def answer_then_stall(caller: socket.socket) -> None:
        caller.recv(3)
        caller.sendall(ready)
        over.wait(5)

    port = listen(answer_then_stall)
    result = printer_at(port, write_wait=0.3).send(b"^XA" + b"0" * 50_000_000 + b"^XZ")
    over.set()
    assert result.state is SendState.UNKNOWN
    assert "part way" in result.detail


def test_a_printer_that_hangs_up_part_way_ends_in_unknown(ready: bytes, listen: Listen, reset: Reset) -> None:
    def answer_then_hang_up(caller: socket.socket) -> None:
        caller.recv(3)
        caller.sendall(ready)
        caller.recv(50)
        reset(caller)

    result = printer_at(listen(answer_then_hang_up)).send(b"^XA" + b"0" * 50_000_000 + b"^XZ")
    assert result.state is SendState.UNKNOWN


def test_a_small_label_lost_in_a_hang_up_ends_in_unknown(
    label: bytes, ready: bytes, listen: Listen, reset: Reset
) -> None:
    def answer_then_hang_up(caller: socket.socket) -> None:
        caller.recv(3)
        caller.sendall(ready)
        caller.recv(50)
        reset(caller)

    assert printer_at(listen(answer_then_hang_up)).send(label).state is SendState.UNKNOWN


def test_a_lid_opened_during_the_label_ends_in_unknown(label: bytes, ready: bytes, listen: Listen) -> None:
    def answer_once(caller: socket.socket) -> None:
        caller.recv(3)
        caller.sendall(ready)
        read_to_the_end(caller)

    result = printer_at(listen(answer_once)).send(label)
    assert result.state is SendState.UNKNOWN
    assert "check paper, ribbon, lid" in result.detail


def test_an_answer_in_pieces_is_put_together(ready: bytes, listen: Listen) -> None:
    def answer_slowly(caller: socket.socket) -> None:
        caller.recv(3)
        for at in range(len(ready)):
            caller.sendall(ready[at : at + 1])
        read_to_the_end(caller)

    assert printer_at(listen(answer_slowly)).status() is PrinterStatus.READY


@pytest.mark.parametrize("noise", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x02\x03\x02\x03\x02\x03", b"\x00" * 9000])
def test_an_answer_that_is_no_status_is_unknown(noise: bytes, listen: Listen) -> None:
    def answer_noise(caller: socket.socket) -> None:
        caller.recv(3)
        caller.sendall(noise)
        read_to_the_end(caller)

    assert printer_at(listen(answer_noise)).status() is PrinterStatus.UNKNOWN


def test_a_printer_that_is_off_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert printer_at(port).status() is PrinterStatus.UNREACHABLE


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [("10.0.0.7", "10.0.0.7", 9100), ("printer:6101", "printer", 6101), ("[fe80::1]:9100", "fe80::1", 9100)],
)
def test_a_printer_is_found_by_its_address(address: str, host: str, port: int) -> None:
    printer = TcpPrinter.from_address(address)
    assert (printer.host, printer.port) == (host, port)


def test_a_printer_known_to_be_silent_is_told_by_its_address() -> None:
    assert TcpPrinter.from_address("10.0.0.7?silent=send").send_when_silent
    assert not TcpPrinter.from_address("10.0.0.7").send_when_silent


@pytest.mark.parametrize(
    "address", ["10.0.0.7?copies=2", "", ":9100", "printer:", "printer:0", "printer:99999", "printer:zpl", "fe80::1"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="Write "):
        TcpPrinter.from_address(address)


def test_the_printers_are_found_by_their_names() -> None:
    found = {point.name: point.value for point in entry_points(group="biobank.printers")}
    assert found["tcp"] == "labels.printers.tcp:TcpPrinter"
    assert found["file"] == "labels.printers.file:FilePrinter"
