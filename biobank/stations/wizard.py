"""What the wizard's pages show: devices with their evidence and dates, kinds to choose from, lines, guesses."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from biobank.db import Tx
from biobank.devices import registry
from biobank.devices.protocol import DeviceProtocol
from biobank.stations.commands import acts_of
from biobank.stations.device_models import Device
from biobank.stations.devices import devices_of, evidence_of, is_due
from biobank.stations.models import Station

USUAL: Mapping[str, Any] = {"baud": 9600, "bits": 8, "parity": "N", "stop_bits": 1}
# Every line that a protocol here speaks by default, and those its manuals name beside it.
LINES = ("9600 8N1", "2400 7E1", "2400 8N1", "19200 8N1", "9600 7E1", "4800 8N1", "1200 7E1", "4800 7E1")


def line_of(settings: Mapping[str, Any]) -> str:
    """Such as `9600 8N1`."""
    return f"{settings['baud']} {settings['bits']}{settings['parity']}{settings['stop_bits']}"


def settings_of(line: str) -> dict[str, Any]:
    """What a line such as `2400 7E1` says."""
    baud, frame = line.split()
    return {"baud": int(baud), "bits": int(frame[0]), "parity": frame[1], "stop_bits": int(frame[2])}


def kinds(first: str) -> list[tuple[str, str, str, str]]:
    """What can stand on a port, the one proposed first: name, title, usual line, and evidence."""
    found = [registry.load(name) for name in sorted(registry.available(), key=lambda name: (name != first, name))]
    return [(item.name, item.title, str(item.settings), str(item.evidence)) for item in found if item.has_port]


def shown(station: Station, device: Device, today: date) -> dict[str, Any]:
    """A device with what its station says of it, its evidence, what it can be told, and whether calibration is due."""
    return {
        "it": device,
        "title": _title(device.protocol),
        "line": line_of(device.settings),
        "told": told(station, device),
        "evidence": evidence_of(device),
        "due": is_due(device, today),
        "overdue": device.calibration_due is not None and device.calibration_due < today,
        "acts": acts_of(device.protocol),
    }


def told(station: Station, device: Device) -> Mapping[str, Any] | None:
    """What the station said last of the device, once it opened its port."""
    return next((item for item in station.devices if (item["name"], item["port"]) == (device.name, device.port)), None)


def _title(name: str) -> str:
    protocol = _known(name)
    return protocol.title if protocol else name


def _known(name: str) -> DeviceProtocol | None:
    try:
        return registry.load(name)
    except registry.UnknownProtocol:
        return None


def unregistered(tx: Tx, station: Station) -> Sequence[Mapping[str, Any]]:
    """Devices that the station's own settings file names and nobody has registered."""
    names = {device.name for device in devices_of(tx, station.id)}
    return [item for item in station.devices if item["name"] not in names]


def guesses(station: Station) -> list[dict[str, Any]]:
    """The protocols heard, with title, evidence and the line to use."""
    found = []
    for guess in station.heard.get("guesses", []):
        protocol = _known(guess["protocol"])
        if protocol is not None:
            spoken = {**station.listening.get("settings", USUAL)}
            spoken |= {"bits": 7, "parity": "E"} if guess["seven"] else {}
            found.append(guess | {"title": protocol.title, "evidence": str(protocol.evidence), "line": line_of(spoken)})
    return found


def proposed(arguments: Mapping[str, str]) -> dict[str, str]:
    """What the form to bind begins with: what was recognised, else the usual line of the kind."""
    protocol = _known(arguments.get("protocol", ""))
    line = arguments.get("line") or (str(protocol.settings) if protocol else LINES[0])
    return {key: arguments.get(key, "") for key in ("port", "protocol", "name")} | {"line": line}
