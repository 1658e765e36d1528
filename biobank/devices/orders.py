"""What the server binds to this station's ports, kept beside the store so that a desk without its server knows it."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from biobank.devices import registry
from biobank.devices.protocol import Settings
from biobank.devices.station import Device

log = logging.getLogger(__name__)

_FILE = "bound-devices.json"
_SETTINGS = {field.name for field in fields(Settings)}


def read(entries: Sequence[Mapping[str, Any]]) -> list[Device]:
    """The devices these entries name; one this installation has no driver for is left out and logged."""
    devices = []
    for entry in entries:
        try:
            protocol = registry.load(str(entry["protocol"]))
            given = {key: value for key, value in dict(entry["settings"]).items() if key in _SETTINGS}
            settings = replace(protocol.settings, **given)
        except (registry.UnknownProtocol, KeyError, TypeError, ValueError) as error:
            log.warning("a bound device was left out: %s", error)
            continue
        devices.append(Device(str(entry["name"]), protocol, str(entry["port"]), settings))
    return devices


def load(folder: Path) -> list[Device]:
    """The devices as they were bound when the server was last heard; none when that is not known."""
    try:
        entries = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return read(entries) if isinstance(entries, list) else []


def save(folder: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Keep the entries for the next start, whole or not at all."""
    draft = folder / f"{_FILE}.new"
    draft.write_text(json.dumps(list(entries)), encoding="utf-8")
    draft.replace(folder / _FILE)
