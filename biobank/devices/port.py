"""A serial port: open, read, write, close; the only importer of pyserial."""

import errno
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path

import serial
from serial.tools import list_ports

from biobank.devices.protocol import Settings

# A pseudo-terminal opened twice at 7E1 raises termios.error, which is neither a SerialException nor an OSError.
_FAILURES: tuple[type[Exception], ...] = (OSError, ValueError)
with suppress(ImportError):
    _FAILURES += (import_module("termios").error,)
_READ_SECONDS = 0.2
_READ_BYTES = 4096
_WRITE_SECONDS = 2.0
_PSEUDO_TERMINALS = Path("/dev/pts")


class Trouble(StrEnum):
    """The four ways a port fails."""

    MISSING = "missing"
    BUSY = "busy"
    FORBIDDEN = "forbidden"
    LOST = "lost"


class PortError(Exception):
    """A port cannot be opened or was lost; the text is for a clerk."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble


@dataclass(frozen=True)
class PortListing:
    """A port the machine has: its path, where it is plugged in, and what it says it is."""

    path: str
    location: str | None
    description: str
    hardware: str

    def as_json(self) -> dict[str, str | None]:
        return asdict(self)


class Port:
    """An open port, for one process alone; `requested` are the settings asked for, `path` the name given."""

    def __init__(self, path: str, requested: Settings) -> None:
        """Raises PortError: missing, busy (naming who holds it when that can be seen) or forbidden."""
        self.path = path
        self.requested = requested
        applied = _applied(path, requested)
        self._serial = serial.Serial()
        self._serial.port = path
        self._serial.baudrate = applied.baud
        self._serial.bytesize = applied.bits
        self._serial.parity = applied.parity
        self._serial.stopbits = applied.stop_bits
        self._serial.exclusive = True
        self._serial.timeout, self._serial.write_timeout = 0, _WRITE_SECONDS
        # Raised lines reset some adapters' devices.
        self._serial.dtr = self._serial.rts = False
        try:
            self._serial.open()
        except _FAILURES as error:
            raise _opening_error(path, error) from error

    def read(self, seconds: float = _READ_SECONDS) -> bytes:
        """What has arrived, at once; nothing after so many seconds of silence. Raises PortError if the port is lost."""
        try:
            if self._serial.timeout != seconds:
                self._serial.timeout = seconds
            first = bytes(self._serial.read(1))
            return first + bytes(self._serial.read(min(self._serial.in_waiting, _READ_BYTES))) if first else b""
        except _FAILURES as error:
            raise PortError(Trouble.LOST, f"{self.path} was unplugged: check the cable.") from error

    def write(self, data: bytes) -> None:
        """Send every byte; raises PortError when the port is lost or takes nothing for 2 s."""
        try:
            self._serial.write(data)
            self._serial.flush()
        except _FAILURES as error:
            raise PortError(Trouble.LOST, f"{self.path} does not take data: check the cable.") from error

    def close(self) -> None:
        with suppress(*_FAILURES):
            self._serial.close()


def listing() -> list[PortListing]:
    """The serial ports of this machine, by path."""
    found = [
        PortListing(port.device, port.location, port.description or "", port.hwid or "")
        for port in list_ports.comports()
    ]
    return sorted(found, key=lambda port: port.path)


def _applied(path: str, requested: Settings) -> Settings:
    """What the port is opened with: a pseudo-terminal knows neither 7 bits nor parity."""
    if Path(path).resolve().is_relative_to(_PSEUDO_TERMINALS):
        return Settings(baud=requested.baud, settle_seconds=requested.settle_seconds)
    return requested


def _opening_error(path: str, error: Exception) -> PortError:
    number = getattr(error, "errno", None)
    # Windows opens a port once, and pyserial tells of its refusal in words alone.
    if number in (errno.EAGAIN, errno.EBUSY) or (number is None and "PermissionError(13" in str(error)):
        return _busy(path, _holder(path))
    if number in (errno.EACCES, errno.EPERM):
        return PortError(Trouble.FORBIDDEN, f"{path} may not be opened: add this account to the group of the port.")
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO) or not Path(path).exists():
        return PortError(Trouble.MISSING, f"{path} is not there: plug the device in and switch it on.")
    return PortError(Trouble.LOST, f"{path} cannot be opened with these settings: {error}")


def _busy(path: str, holder: str) -> PortError:
    if holder:
        return PortError(Trouble.BUSY, f"{path} is in use by process {holder}: close the other program.")
    return PortError(Trouble.BUSY, f"{path} is in use: close the other program.")


def _holder(path: str) -> str:
    """The number of the process that holds the port, when this account can see it; else nothing."""
    target = str(Path(path).resolve())
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(descriptor.readlink()) == target and int(descriptor.parts[2]) != os.getpid():
                return descriptor.parts[2]
    return ""
