"""The station's own settings, read from `station.toml` and refused whole when anything in them is wrong."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from biobank.devices import registry
from biobank.devices.protocol import DeviceProtocol, Settings

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_KEYS = {"server", "station_id", "key_file", "spool", "ca_file", "ports", "screen_port", "device", "printer"}
_DEVICE_KEYS = {"name", "protocol", "port"}
_LENGTHS = {"name": 60, "port": 200}
_PRINTER_KEYS = {"name", "kind", "address"}
_SETTING_TYPES: dict[str, tuple[type, ...]] = {
    "baud": (int,),
    "bits": (int,),
    "parity": (str,),
    "stop_bits": (int,),
    "settle_seconds": (int, float),
}
_CHOICES: dict[str, tuple[object, ...]] = {"bits": (7, 8), "parity": ("N", "E", "O"), "stop_bits": (1, 2)}


class ConfigError(ValueError):
    """The settings file cannot be used; the text names the entry and what to write instead."""


@dataclass(frozen=True)
class Device:
    """One device on one port."""

    name: str
    protocol: DeviceProtocol
    port: str
    settings: Settings


@dataclass(frozen=True)
class PrinterEntry:
    """One label printer: the name the server calls it, the kind of its driver, and where it is."""

    name: str
    kind: str
    address: str


@dataclass(frozen=True)
class Station:
    """A desk: its server, its credential, its store, its devices and printers.

    `ports` are patterns of further files that are ports (adapters on the network, simulated devices); at
    `screen_port` of this machine alone the desk shows how it is, 0 for nowhere.
    """

    server: str
    station_id: str
    key_file: Path
    spool: Path
    ca_file: Path | None
    devices: tuple[Device, ...]
    printers: tuple[PrinterEntry, ...]
    ports: tuple[str, ...] = ()
    screen_port: int = 0


def load(path: Path) -> Station:
    """Read the settings; file names in it are relative to its folder. Raises ConfigError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
    return _station(content, path.parent)


def _station(content: Mapping[str, Any], folder: Path) -> Station:
    _only(content, _KEYS, "station.toml")
    devices = tuple(_device(entry) for entry in _entries(content, "device"))
    printers = tuple(_printer(entry) for entry in _entries(content, "printer"))
    _distinct([device.name for device in devices], "two devices are called")
    _distinct([device.port for device in devices], "two devices are on port")
    _distinct([printer.name for printer in printers], "two printers are called")
    ca_file = folder / _text(content, "ca_file") if "ca_file" in content else None
    return Station(
        server=_server(_text(content, "server")),
        station_id=_uuid(_text(content, "station_id")),
        key_file=folder / _text(content, "key_file"),
        spool=folder / _text(content, "spool"),
        ca_file=ca_file,
        devices=devices,
        printers=printers,
        ports=tuple(str(folder / pattern) for pattern in _patterns(content)),
        screen_port=_screen_port(content),
    )


def _patterns(content: Mapping[str, Any]) -> list[str]:
    patterns = content.get("ports", [])
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise ConfigError('ports is a list of file name patterns, such as ports = ["/dev/network-serial-*"].')
    return patterns


def _screen_port(content: Mapping[str, Any]) -> int:
    port = content.get("screen_port", 0)
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 65535:
        raise ConfigError(f"screen_port = {port!r}: write a port of this machine, such as 8790, or 0 for no screen.")
    return port


def _device(entry: Mapping[str, Any]) -> Device:
    _only(entry, _DEVICE_KEYS | set(_SETTING_TYPES), "[[device]]")
    try:
        protocol = registry.load(_text(entry, "protocol"))
    except registry.UnknownProtocol as error:
        raise ConfigError(str(error)) from error
    if not protocol.has_port:
        raise ConfigError(
            f"{protocol.name} has no port: its values are typed on the page, so take this [[device]] out."
        )
    return Device(_text(entry, "name"), protocol, _text(entry, "port"), _settings(protocol.settings, entry))


def _settings(default: Settings, entry: Mapping[str, Any]) -> Settings:
    given = {field.name: entry[field.name] for field in fields(Settings) if field.name in entry}
    for key, value in given.items():
        right = isinstance(value, _SETTING_TYPES[key]) and not isinstance(value, bool)
        if not right or value not in _CHOICES.get(key, (value,)):
            raise ConfigError(f"[[device]] {key} = {value!r} is not possible: see the device's manual.")
        if isinstance(value, int | float) and value < 0:
            raise ConfigError(f"[[device]] {key} = {value} is below zero.")
    return replace(default, **given)


def _printer(entry: Mapping[str, Any]) -> PrinterEntry:
    _only(entry, _PRINTER_KEYS, "[[printer]]")
    return PrinterEntry(_text(entry, "name"), _text(entry, "kind"), _text(entry, "address"))


def _server(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return address.rstrip("/")
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return address.rstrip("/")
    raise ConfigError(f"server = {address!r}: write an https:// address (http:// only on this machine itself).")


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise ConfigError(f"station_id = {text!r} is not the identifier shown when the station was added.") from error


def _entries(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    entries = content.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(f"Write each {key} under its own [[{key}]] line.")
    return entries


def _text(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value:
        raise ConfigError(f'{key} is missing: add {key} = "...".')
    if not value.isprintable() or len(value) > _LENGTHS.get(key, 1000):
        raise ConfigError(f"{key} is too long, or has characters that cannot be printed: shorten it.")
    return value


def _only(content: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise ConfigError(f"{where} has no setting {unknown[0]!r}. It knows: {', '.join(sorted(known))}.")


def _distinct(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{what.capitalize()} {name}: each needs its own.")
