"""The simulated printer: what it keeps is what was sent."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from labels import Kind, mint, render
from labels.printers.base import PrinterStatus, SendState
from labels.printers.simulated import SimulatedPrinter
from labels.printers.tcp import TcpPrinter
from labels.printers.zplstream import LabelPrinted, StatusAsked, ZplStream

Decode = Callable[[bytes], list[str]]
Data = Callable[..., dict[str, str]]


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_printed_label_is_the_preview_dot_for_dot(dpi: int, label_data: Data, decode: Decode, tmp_path: Path) -> None:
    data = label_data()
    with SimulatedPrinter(tmp_path) as simulated:
        TcpPrinter("127.0.0.1", simulated.port).send(render("tube-50x25", data, "zpl", dpi))
        (kept,) = simulated.wait_for(1)
    (tmp_path / "preview.png").write_bytes(render("tube-50x25", data, "png", dpi))
    assert Image.open(kept).tobytes() == Image.open(tmp_path / "preview.png").tobytes()
    assert decode(kept.read_bytes()) == [data["tube_id"]]


def test_a_batch_is_counted(label: bytes, tmp_path: Path) -> None:
    with SimulatedPrinter(tmp_path) as simulated:
        printer = TcpPrinter("127.0.0.1", simulated.port)
        assert {printer.send(label).state for _ in range(5)} == {SendState.SENT}
        assert len(simulated.wait_for(5)) == simulated.count == 5


def test_a_paused_printer_prints_what_it_holds_once_it_is_ready(label: bytes, tmp_path: Path) -> None:
    with SimulatedPrinter(tmp_path) as simulated:
        simulated.set_condition(PrinterStatus.PAUSED)
        with socket.create_connection(("127.0.0.1", simulated.port)) as caller:
            caller.sendall(label + b"~HS")
            caller.recv(1024)
        assert simulated.count == 0
        simulated.set_condition(PrinterStatus.READY)
        assert len(simulated.wait_for(1)) == 1


def test_a_label_lost_part_way_is_not_printed(label: bytes, tmp_path: Path) -> None:
    with SimulatedPrinter(tmp_path) as simulated:
        with socket.create_connection(("127.0.0.1", simulated.port)) as caller:
            caller.sendall(label[: len(label) // 2])
        assert TcpPrinter("127.0.0.1", simulated.port).send(label).state is SendState.SENT
        assert len(simulated.wait_for(1)) == 1


def test_labels_of_an_earlier_run_are_kept(label: bytes, tmp_path: Path) -> None:
    for _ in range(2):
        with SimulatedPrinter(tmp_path) as simulated:
            TcpPrinter("127.0.0.1", simulated.port).send(label)
            simulated.wait_for(1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["label-0001.png", "label-0002.png"]


def test_a_stream_split_anywhere_gives_the_same_events() -> None:
    small = b"^XA^CI28^PW16^LL2^LH0,0^FO0,0^GFA,4,4,2,F00F0FF0^FS^PQ1^XZ\n"
    stream = b"~HS" + small + b"~HS"
    for at in range(len(stream)):
        split = ZplStream()
        events = [*split.feed(stream[:at]), *split.feed(stream[at:])]
        assert [type(event) for event in events] == [StatusAsked, LabelPrinted, StatusAsked]


def test_a_set_bit_is_a_black_dot() -> None:
    (event,) = ZplStream().feed(b"^XA^PW8^LL1^FO0,0^GFA,1,1,1,80^FS^XZ")
    assert isinstance(event, LabelPrinted)
    assert event.picture.convert("L").tobytes() == b"\x00" + b"\xff" * 7


def test_the_command_names_its_port_first_and_counts_at_the_end(decode: Decode, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "labels.printers.simulated", "--port", "0", "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        port = int(running.stdout.readline())
        code = mint(Kind.BOX)
        result = TcpPrinter("127.0.0.1", port).send(render("box", {"box_id": code}, "zpl", 203))
        running.send_signal(signal.SIGTERM)
        said = running.stdout.read()
    assert (result.state, running.returncode, said) == (SendState.SENT, 0, "Labels printed: 1\n")
    assert decode((tmp_path / "label-0001.png").read_bytes()) == [code]
