"""Which protocol speaks on a port nobody knows: every grammar hears the same bytes, and nothing is written."""

from dataclasses import dataclass
from typing import Any

from biobank.devices import registry
from biobank.devices.decoding import Decoder, Heard
from biobank.devices.events import DeviceError, Reading, Scan, Unstable

_UNDERSTOOD = (Reading, Unstable, DeviceError, Scan)
_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))
# Any line of text is a scan to a scanner's grammar: it is believed where no other grammar understands a word.
_LAST_RESORT = "barcode"
_TELLING_BYTES = 24


@dataclass
class _Ear:
    """One grammar listening, and what it understood so far."""

    decoder: Decoder
    frames: int = 0
    refused: int = 0
    last: Heard | None = None

    def hear(self, data: bytes) -> None:
        for heard in self.decoder.feed(data):
            if isinstance(heard.event, _UNDERSTOOD):
                self.frames += 1
                self.last = heard
            else:
                self.refused += 1


class Recogniser:
    """Hears a port with every installed grammar, as it stands and as 7 bits with parity."""

    def __init__(self) -> None:
        protocols = [registry.load(name) for name in registry.available()]
        names = [protocol for protocol in protocols if protocol.has_port]
        self._plain = {protocol.name: _Ear(Decoder(protocol)) for protocol in names}
        self._seven = {protocol.name: _Ear(Decoder(protocol)) for protocol in names}
        self.size = self._high = 0

    def feed(self, data: bytes) -> None:
        self.size += len(data)
        self._high += sum(byte >= 0x80 for byte in data)
        for ear in self._plain.values():
            ear.hear(data)
        for ear in self._seven.values():
            ear.hear(data.translate(_SEVEN_BITS))

    @property
    def hint(self) -> str:
        """What the bytes look like when nothing understands them, in words for a clerk."""
        if self.guesses() or self.size < _TELLING_BYTES:
            return ""
        return "Bytes arrive, but no known device speaks like this. Try another speed, or look the device up."

    def guesses(self) -> list[dict[str, Any]]:
        """The protocols that understood something, the likeliest first; `seven` where 7 bits and parity are spoken."""
        found = _guesses(self._plain, seven=False)
        # Where no byte is above 7 bits both views are one.
        return found or (_guesses(self._seven, seven=True) if self._high else [])


def _guesses(ears: dict[str, _Ear], *, seven: bool) -> list[dict[str, Any]]:
    spoken = {name: ear for name, ear in ears.items() if ear.frames > ear.refused}
    if len(spoken) > 1:
        spoken.pop(_LAST_RESORT, None)
    ranked = sorted(spoken.items(), key=lambda item: (item[1].refused - item[1].frames, item[0]))
    return [
        {"protocol": name, "frames": ear.frames, "seven": seven, "measures": _measures(ear.last)}
        for name, ear in ranked
    ]


def _measures(heard: Heard | None) -> list[dict[str, str | None]]:
    """The measures last understood; a scan's text stays here, for it may name somebody."""
    if heard is None or not isinstance(heard.event, Reading | Unstable):
        return []
    return [measure.as_json() for measure in heard.event.measures]
