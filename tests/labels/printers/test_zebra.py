"""The host status of ZPL printers."""

import pytest

from labels.printers.base import PrinterStatus
from labels.printers.zebra import read_status


def host_status(
    *,
    paper_out: int = 0,
    pause: int = 0,
    formats: int = 0,
    full: int = 0,
    head: int = 0,
    ribbon: int = 0,
    left: int = 0,
) -> bytes:
    return (
        f"\x02030,{paper_out},{pause},1245,{formats:03d},{full},0,0,000,0,0,0\x03\r\n"
        f"\x02000,0,{head},{ribbon},1,2,4,0,{left:08d},1,000\x03\r\n"
        "\x021234,0\x03\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (host_status(), PrinterStatus.READY),
        (host_status(paper_out=1), PrinterStatus.NO_MEDIA),
        (host_status(pause=1), PrinterStatus.PAUSED),
        (host_status(head=1), PrinterStatus.HEAD_OPEN),
        (host_status(ribbon=1), PrinterStatus.NO_RIBBON),
        (host_status(formats=1), PrinterStatus.BUSY),
        (host_status(left=3), PrinterStatus.BUSY),
        (host_status(full=1), PrinterStatus.BUSY),
        (host_status(pause=1, head=1, formats=2), PrinterStatus.HEAD_OPEN),
        (host_status(pause=1, paper_out=1), PrinterStatus.NO_MEDIA),
    ],
)
def test_a_status_is_read_by_its_gravest_fault(answer: bytes, status: PrinterStatus) -> None:
    assert read_status(answer) is status


def test_a_status_cut_short_anywhere_is_unknown() -> None:
    answer = host_status()
    end = answer.rindex(b"\x03")
    assert {read_status(answer[:length]) for length in range(end + 1)} == {PrinterStatus.UNKNOWN}


@pytest.mark.parametrize("status", list(PrinterStatus))
def test_every_status_tells_the_clerk_what_to_do(status: PrinterStatus) -> None:
    assert status.advice.endswith(".")
