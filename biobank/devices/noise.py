"""Bytes that belong to no frame: counted, joined into one report, and examined for wrong serial settings."""

from biobank.devices.events import Reason, Rejected

_LOW = bytes(range(0x80))
_TELLING = 8
_EVEN = bytes(byte for byte in range(256) if byte.bit_count() % 2 == 0)


class Noise:
    """A run of discarded bytes, kept as counts only so that any amount of it costs nothing."""

    def __init__(self) -> None:
        self.total = 0
        self.run = self._high = self._odd = 0

    def add(self, data: bytes) -> None:
        if not data:
            return
        self.total += len(data)
        self.run += len(data)
        self._high += len(data.translate(None, _LOW))
        self._odd += len(data.translate(None, _EVEN))

    def drain(self) -> list[Rejected]:
        """The report of the run so far, if there was one; the next byte begins another."""
        if not self.run:
            return []
        report = self._report()
        self.forget()
        return [report]

    def forget(self) -> None:
        """End the run without a report: another one speaks for it."""
        self.run = self._high = self._odd = 0

    def hint(self) -> str:
        """What the run so far looks like when it is wrong settings, in words for a clerk; else nothing.

        More than a quarter of the bytes are 0x80 or above and none has odd parity (devices reference, 3.2.1). A line
        that is stuck high has no low bytes at all.
        """
        if self.run >= _TELLING and self._odd == 0 and self.run < self._high * 4 < 4 * self.run:
            return "This looks like 7E1: set the port to 7 data bits, even parity, 1 stop bit."
        return ""

    def _report(self) -> Rejected:
        if hint := self.hint():
            return Rejected(Reason.SETTINGS, hint, self.run)
        message = f"{self.run} bytes belong to no frame: check the cable and that this is the right device."
        return Rejected(Reason.NOISE, message, self.run)
