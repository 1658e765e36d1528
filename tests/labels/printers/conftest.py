"""Printers that misbehave, as real ones on a real network do."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from labels import Kind, mint, render

READY = b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,1,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
Talk = Callable[[socket.socket], None]


@pytest.fixture
def listen() -> Iterator[Callable[[Talk], int]]:
    """Start a listener that talks to one caller in the given way; gives its port."""
    with contextlib.ExitStack() as stack:

        def start(talk: Talk) -> int:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            thread = threading.Thread(target=_answer, args=(server, talk))
            stack.callback(thread.join)
            thread.start()
            return int(server.getsockname()[1])

        yield start


@pytest.fixture
def label() -> bytes:
    """A tube label in ZPL."""
    return render("tube-50x25", {"tube_id": mint(Kind.TUBE), "participant_code": mint(Kind.PARTICIPANT)}, "zpl", 203)


@pytest.fixture
def ready() -> bytes:
    """The host status of a printer that lacks nothing."""
    return READY


@pytest.fixture
def reset() -> Callable[[socket.socket], None]:
    """Hang up as a printer does that is switched off: the connection is reset, nothing is flushed."""

    def hang_up(caller: socket.socket) -> None:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        caller.close()

    return hang_up


def _answer(server: socket.socket, talk: Talk) -> None:
    server.settimeout(5)
    with contextlib.suppress(OSError):
        caller, _ = server.accept()
        with caller:
            caller.settimeout(5)
            talk(caller)
