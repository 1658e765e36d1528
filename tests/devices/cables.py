"""A pseudo-terminal to plug in, and simulators as processes of their own."""

import json
import os
import select
import subprocess
import sys
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = [sys.executable, "-c", "from biobank.devices.cli import main; main()"]


class Cable:
    """A device's end of a line; the other end is opened at `path`."""

    def __init__(self, link: Path | None = None) -> None:
        self.device, self._far = os.openpty()
        tty.setraw(self._far)
        self.path = os.ttyname(self._far)
        if link:
            link.unlink(missing_ok=True)
            link.symlink_to(self.path)

    def send(self, data: bytes) -> None:
        os.write(self.device, data)

    def receive(self) -> bytes:
        return os.read(self.device, 4096)

    def send_nothing_back(self) -> None:
        """Nobody has written to the device."""
        assert select.select([self.device], [], [], 0)[0] == []

    def let_go(self) -> None:
        """Close our own view of the far end, so that the line is hung up while no program has it open."""
        os.close(self._far)
        self._far = -1

    def unplug(self) -> None:
        for descriptor in (self.device, self._far):
            if descriptor >= 0:
                os.close(descriptor)


_HOLDER = "import fcntl, sys; port = open(sys.argv[1]); fcntl.flock(port, fcntl.LOCK_EX); print(flush=True); input()"


@contextmanager
def another_program(path: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that holds a port as serial programs do, until its standard input ends."""
    command = [sys.executable, "-S", "-c", _HOLDER, path]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as holder:
        holder.stdout.readline()
        yield holder


class Played:
    """A simulator process, told line by line what to measure."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = process.stdout.readline().strip()

    def say(self, **script: object) -> None:
        self._process.stdin.write(json.dumps(script) + "\n")
        self._process.stdin.flush()

    def sent(self) -> dict[str, object]:
        """The next line the device has sent whole."""
        return json.loads(self._process.stdout.readline())


@contextmanager
def simulated(protocol: str, *options: str) -> Iterator[Played]:
    """A running `biobank-station simulate`, ended by a signal as a clerk would end it."""
    with subprocess.Popen(
        [*COMMAND, "simulate", protocol, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Played(process)
        process.terminate()
        assert process.wait() == 0
