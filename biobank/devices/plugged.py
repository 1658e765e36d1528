"""What is plugged in, each port by its physical path, so that a device is known by the socket it stands in."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from biobank.devices.port import PortListing, listing

MOST = 50
_BY_PATH = Path("/dev/serial/by-path")


def ports(patterns: Sequence[str] = ()) -> list[PortListing]:
    """The machine's ports under their physical names, and the files that `patterns` match, by path.

    Where the system names no socket (outside Linux, or a built-in port) the port keeps its own name.
    """
    sockets = _sockets()
    found = [
        PortListing(sockets.get(Path(port.path).resolve(), port.path), port.location, port.description, port.hardware)
        for port in listing()
    ]
    found = [replace(port, description=_said(port.description), hardware=_said(port.hardware)) for port in found]
    known = {port.path for port in found}
    named = {path for pattern in patterns for path in _matching(pattern)} - known
    found += [PortListing(path, None, "named in station.toml", "") for path in named]
    return sorted(found, key=lambda port: port.path)


def _said(text: str) -> str:
    """What a port says of itself, without the word for nothing."""
    return "" if text == "n/a" else text


def _matching(pattern: str) -> list[str]:
    place = Path(pattern)
    return [str(path) for path in place.parent.glob(place.name)]


def _sockets() -> dict[Path, str]:
    """The node a socket's name leads to now, and that name; the shortest where it has several."""
    links = sorted(_BY_PATH.glob("*"), key=lambda link: -len(link.name)) if _BY_PATH.is_dir() else []
    return {link.resolve(): str(link) for link in links}
