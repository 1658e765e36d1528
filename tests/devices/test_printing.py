"""Print jobs: told before the first byte, never printed twice, never printed damaged."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from biobank.devices.printing import Printing, load_printers
from biobank.devices.station import ConfigError, PrinterEntry
from biobank.devices.uplink import Uplink
from tests.devices.desk_server import DeskServer
from tests.devices.running import running

LABEL = b"^XA^FDS123456789012^FS^XZ"


def job(**changes: str) -> dict[str, Any]:
    return {
        "id": "7",
        "printer": "tubes",
        "content_type": "application/zpl",
        "content": base64.b64encode(LABEL).decode(),
        "sha256": hashlib.sha256(LABEL).hexdigest(),
    } | changes


@pytest.fixture
def printing(uplink: Uplink, tmp_path: Path) -> Printing:
    return Printing(load_printers([PrinterEntry("tubes", "file", str(tmp_path / "labels"))]), uplink)


def printed(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted((folder / "labels").glob("*.zpl"))]


def test_a_job_is_told_as_sending_then_printed_then_told_as_sent(
    server: DeskServer, printing: Printing, tmp_path: Path
):
    server.jobs = [job()]
    with running(printing.run):
        states = [server.await_action("print-jobs/7/state")["state"] for _ in range(2)]
    assert (states, printed(tmp_path)) == (["sending", "sent"], [LABEL])


def test_nothing_is_printed_before_the_server_knows(server: DeskServer, printing: Printing, tmp_path: Path):
    server.jobs = [job()]
    server.answers["print-jobs/7/state"] = lambda body: (409, {"detail": "The job was cancelled."})
    with running(printing.run):
        server.await_action("print-jobs/7/state")
        server.await_action("print-jobs/claim")
    assert printed(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"printer": "boxes"}, "no printer called boxes"),
        ({"sha256": "0" * 64}, "damaged"),
        ({"content": "%"}, "damaged"),
    ],
)
def test_a_job_that_cannot_be_printed_fails_with_the_reason(
    server: DeskServer, printing: Printing, tmp_path: Path, changes: dict[str, str], words: str
):
    server.jobs = [job(**changes)]
    with running(printing.run):
        body = server.await_action("print-jobs/7/state")
    assert body["state"] == "failed"
    assert words in body["detail"]
    assert printed(tmp_path) == []


def test_a_lost_claim_is_asked_again_under_its_own_key(server: DeskServer, printing: Printing):
    server.drops = 1
    with running(printing.run):
        server.await_action("print-jobs/claim")
    assert server.keys[0] == server.keys[1]


def test_a_refused_label_is_failed_and_may_be_printed_again(server: DeskServer, uplink: Uplink):
    printing = Printing(load_printers([PrinterEntry("tubes", "tcp", "127.0.0.1:1")]), uplink)
    server.jobs = [job()]
    with running(printing.run):
        states = [server.await_action("print-jobs/7/state") for _ in range(2)]
    assert states[1]["state"] == "failed"
    assert "Nothing was sent" in states[1]["detail"]


@pytest.mark.parametrize(
    ("kind", "address", "answer"),
    [("fax", "x", "Available: cups, file, serial, tcp, usb"), ("tcp", "host:none", "Printer tubes:")],
)
def test_a_printer_that_cannot_be_is_refused_with_the_remedy(kind: str, address: str, answer: str):
    with pytest.raises(ConfigError, match=answer):
        load_printers([PrinterEntry("tubes", kind, address)])
