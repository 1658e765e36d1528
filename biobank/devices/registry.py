"""Which protocols this installation speaks, found by entry point."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from biobank.devices import refused
from biobank.devices.protocol import DeviceProtocol

GROUP = "biobank.device_protocols"
PLANNED = (
    "healthometer", "healthometer-binary", "tanita", "tanita-wb", "omron-hbp9030", "and", "sma", "detecto",
    "mt-sics", "taidoc", "suntech", "mitutoyo", "barcode", "manual",
)  # fmt: skip


class UnknownProtocol(LookupError):
    """No driver of that name is installed; the text names those that are."""


def available() -> tuple[str, ...]:
    """The names that can be loaded, sorted."""
    return tuple(sorted(_found()))


def load(name: str) -> DeviceProtocol:
    """The protocol of this name; raises UnknownProtocol with the names to choose from."""
    found = _found().get(name)
    if found is None:
        raise UnknownProtocol(_unknown(name))
    protocol = found.load()
    if not isinstance(protocol, DeviceProtocol):
        raise UnknownProtocol(f"{name} does not offer a device protocol: install its driver again.")
    return protocol


def _unknown(name: str) -> str:
    if why := refused.reason(name):
        return f"{name} is not read: {why}."
    what = "is not installed here: install Biobank again" if name in PLANNED else "is no device protocol"
    return f"{name} {what}. Available: {', '.join(available())}."


@cache
def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
