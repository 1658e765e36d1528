"""Printers on a serial port and on USB: the same rule as on the network, over real pseudo-terminals."""

import os
import select
import threading
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from labels.printers.base import Printer, PrinterStatus, SendState
from labels.printers.cups import CupsPrinter
from labels.printers.serial_line import SerialPrinter
from labels.printers.simulated import status_lines
from labels.printers.usb import UsbPrinter
from labels.printers.zplstream import LabelPrinted, ZplStream

BOTH = [
    pytest.param(lambda port: SerialPrinter(port, flow="none", answer_wait=0.3, slack=0.4), id="serial"),
    pytest.param(lambda port: UsbPrinter(port, answer_wait=0.3, write_wait=0.4), id="usb"),
]
Make = Callable[[str], Printer]


@dataclass
class Wired:
    """A ZPL printer at the other end of a pseudo-terminal; `reads` False leaves everything in its buffer."""

    port: str
    condition: PrinterStatus = PrinterStatus.READY
    answers: bool = True
    printed: int = 0
    limit: int = 1 << 30
    taken: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, number: int) -> None:
        stream = ZplStream()
        while not self.stop.is_set():
            if not select.select([number], [], [], 0.02)[0] or self.taken >= self.limit:
                continue
            data = os.read(number, 512)
            self.taken += len(data)
            for event in stream.feed(data):
                if isinstance(event, LabelPrinted):
                    self.printed += 1
                elif self.answers:
                    os.write(number, status_lines(self.condition, waiting=0))


@pytest.fixture
def wired() -> Iterator[Wired]:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    printer = Wired(os.ttyname(theirs))
    thread = threading.Thread(target=printer.run, args=(ours,))
    thread.start()
    yield printer
    printer.stop.set()
    thread.join()
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize("make", BOTH)
def test_a_label_goes_to_a_printer_on_a_line(make: Make, wired: Wired, label: bytes) -> None:
    assert make(wired.port).status() is PrinterStatus.READY
    assert make(wired.port).send(label).state is SendState.SENT
    assert wired.printed == 1


@pytest.mark.parametrize("make", BOTH)
def test_a_printer_without_paper_is_sent_nothing(make: Make, wired: Wired, label: bytes) -> None:
    wired.condition = PrinterStatus.PAUSED
    assert make(wired.port).status() is PrinterStatus.PAUSED
    assert (make(wired.port).send(label).state, wired.printed) == (SendState.REFUSED, 0)


@pytest.mark.parametrize("make", BOTH)
def test_a_silent_printer_is_shown_as_such_and_sent_nothing(make: Make, wired: Wired, label: bytes) -> None:
    wired.answers = False
    assert make(wired.port).status() is PrinterStatus.UNKNOWN
    assert "check paper, ribbon, lid" in make(wired.port).send(label).detail
    assert wired.printed == 0


@pytest.mark.parametrize("make", BOTH)
def test_a_printer_that_stops_reading_part_way_leaves_a_doubt(make: Make, wired: Wired, label: bytes) -> None:
    wired.limit = 600
    assert make(wired.port).send(label * 10).state is SendState.UNKNOWN


@pytest.mark.parametrize("make", BOTH)
def test_a_port_that_is_not_there_is_unreachable(make: Make, label: bytes) -> None:
    assert make("/dev/none").status() is PrinterStatus.UNREACHABLE
    assert make("/dev/none").send(label).state is SendState.REFUSED


def test_addresses_are_read_with_their_settings() -> None:
    assert SerialPrinter.from_address("/dev/ttyS0?baud=19200&flow=xonxoff") == SerialPrinter(
        "/dev/ttyS0", 19200, "xonxoff"
    )
    assert UsbPrinter.from_address("/dev/usb/lp0?silent=send").send_when_silent


@pytest.mark.parametrize(
    ("make", "address", "words"),
    [
        (SerialPrinter, "/dev/ttyS0?baud=1", "Choose one of: 9600"),
        (SerialPrinter, "/dev/ttyS0?parity=E", "It knows: baud, flow, silent"),
        (UsbPrinter, "lp0", "Write it whole"),
        (UsbPrinter, "", "needs an address"),
        (CupsPrinter, "-o raw", "no CUPS queue"),
        (CupsPrinter, "a;b", "no CUPS queue"),
    ],
)
def test_an_address_that_cannot_be_is_refused(make: type[SerialPrinter], address: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make.from_address(address)


@pytest.fixture
def cups(tmp_path: Path) -> Callable[[str, str], CupsPrinter]:
    """CUPS's two commands, as scripts that do what these lines say."""

    def make(lp: str, lpstat: str) -> CupsPrinter:
        for name, body in (("lp", lp), ("lpstat", lpstat)):
            script = tmp_path / name
            script.write_text(f"#!/bin/sh\n{body}\n")
            script.chmod(0o755)
        return CupsPrinter("office", wait=5, path=f"{tmp_path}:/usr/bin:/bin")

    return make


def test_a_page_goes_to_cups_unscaled(cups: Callable[[str, str], CupsPrinter], tmp_path: Path) -> None:
    printer = cups(f'echo "$@" > {tmp_path}/told; cat > {tmp_path}/page', 'echo "printer office is idle."')
    assert (printer.status(), printer.send(b"%PDF-1.4 x").state) == (PrinterStatus.READY, SendState.SENT)
    assert (tmp_path / "told").read_text().split() == ["-d", "office", "-o", "print-scaling=none", "-t", "label", "-"]
    assert (tmp_path / "page").read_bytes() == b"%PDF-1.4 x"


def test_what_cups_refuses_is_told(cups: Callable[[str, str], CupsPrinter]) -> None:
    printer = cups("echo 'lp: The printer does not exist.' >&2; exit 1", "exit 1")
    result = printer.send(b"%PDF-1.4")
    assert (result.state, printer.status()) == (SendState.REFUSED, PrinterStatus.UNREACHABLE)
    assert "does not exist" in result.detail


def test_zpl_never_goes_to_cups(cups: Callable[[str, str], CupsPrinter], label: bytes) -> None:
    assert cups("exit 0", "exit 0").send(label).state is SendState.REFUSED
