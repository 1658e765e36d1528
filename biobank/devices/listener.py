"""One thread a device: opens its port, hears it, keeps what counts, and comes back when it was unplugged."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from biobank import clock
from biobank.devices import device_clock
from biobank.devices.backoff import Backoff
from biobank.devices.board import Board, State
from biobank.devices.capture import Capture, Captured
from biobank.devices.decoding import Decoder, Heard
from biobank.devices.events import DeviceError, Reading, Reason, Rejected
from biobank.devices.polling import Conversation
from biobank.devices.port import Port, PortError, Trouble
from biobank.devices.signing import instant_text
from biobank.devices.spool import SpoolError
from biobank.devices.station import Device
from biobank.devices.telling import FAILED, SENT, Telling
from biobank.devices.wording import in_words

log = logging.getLogger(__name__)

_STATES = {Trouble.MISSING: State.MISSING, Trouble.LOST: State.MISSING, Trouble.BUSY: State.BUSY}
_LOOK_SECONDS = 0.1
_STORE_RETRY_SECONDS = 1.0
_NOISE_STEP = 256
# No device pauses so long within a frame: what is left of one will never be completed.
SILENCE_SECONDS = 2.0

Keep = Callable[[Mapping[str, Any]], object]


class Listener:
    """Hears one device; `keep` stores a captured reading durably or raises SpoolError."""

    def __init__(self, device: Device, board: Board, keep: Keep) -> None:
        self._device, self._board, self._keep = device, board, keep
        self._capture = Capture(device.protocol.manner)
        self._backoff = Backoff(first=0.5, limit=30.0)
        self._heard_at = 0.0
        self._tellings: SimpleQueue[Telling] = SimpleQueue()

    def tell(self, telling: Telling) -> None:
        """Have this port's thread send a command, once and in time."""
        self._tellings.put(telling)

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                port = Port(self._device.port, self._device.settings)
            except PortError as error:
                self._fail(error)
                self._wait(stop)
                continue
            self._backoff.reset()
            self._hear(port, stop)

    def _hear(self, port: Port, stop: threading.Event) -> None:
        """Everything until the port is lost; what it had begun to say is dropped with it."""
        polling = self._device.protocol.polling
        talk = polling.begin() if polling else None
        decoder = Decoder(self._device.protocol)
        try:
            self._settle(port, decoder)
            self._board.state(self._device.name, State.CONNECTED)
            while not stop.is_set():
                self._act(port, talk)
                data = self._read(port, talk)
                self._take(decoder, data, stop)
                self._lapse(decoder, data)
        except PortError as error:
            self._fail(error)
        finally:
            port.close()
            self._capture.cancel()

    def _read(self, port: Port, talk: Conversation | None) -> bytes:
        """What has arrived, after asking for it where the device speaks only when asked."""
        if talk is None:
            return port.read()
        if command := talk.due(time.monotonic()):
            port.write(command)
        data = port.read()
        talk.hear(data)
        return data

    def _act(self, port: Port, talk: Conversation | None) -> None:
        """Send what a person asked for since the last look; what failed is not tried again."""
        while not self._tellings.empty():
            telling = self._tellings.get()
            command = self._device.protocol.acts.get(telling.act)
            if command is None:
                telling.end(FAILED, "This device cannot be told that.")
            elif telling.take():
                self._send(port, command, telling)
                if talk is not None:
                    talk.acted(telling.act, time.monotonic())

    def _send(self, port: Port, command: bytes, telling: Telling) -> None:
        try:
            port.write(command)
        except PortError as error:
            telling.end(FAILED, f"{error} Look at the device: it may have heard.")
            raise
        telling.end(SENT)

    def _settle(self, port: Port, decoder: Decoder) -> None:
        """A device that speaks while the port opens is heard half-way: its first partial frame is discarded."""
        until = time.monotonic() + self._device.settings.settle_seconds
        dropped = b""
        while (left := until - time.monotonic()) > 0:
            dropped += port.read(left)[:1]
        if dropped:
            decoder.resync()

    def _take(self, decoder: Decoder, data: bytes, stop: threading.Event) -> None:
        before, hinted = decoder.noise // _NOISE_STEP, bool(decoder.hint)
        for heard in decoder.feed(data):
            captured = self._capture.take(heard, time.monotonic())
            self._note(heard)
            self._store(captured, stop)
        self._store(self._capture.tick(time.monotonic()), stop)
        if decoder.noise // _NOISE_STEP > before or (decoder.hint and not hinted):
            self._board.state(self._device.name, State.CONNECTED, decoder.hint or _noise(decoder))

    def _lapse(self, decoder: Decoder, data: bytes) -> None:
        """After a silence a frame that had begun is dropped and told; it is never completed by what comes later."""
        now = time.monotonic()
        if data:
            self._heard_at = now
        elif now - self._heard_at > SILENCE_SECONDS:
            self._heard_at = now
            for heard in decoder.close():
                if isinstance(heard.event, Rejected) and heard.event.reason is Reason.MALFORMED:
                    self._note(heard)

    def _note(self, heard: Heard) -> None:
        trouble = heard.event.message if isinstance(heard.event, DeviceError | Rejected) else self._capture.refusal
        self._board.frame(self._device.name, clock.now(), trouble, in_words(heard.event))

    def _store(self, completed: Sequence[Captured], stop: threading.Event) -> None:
        for captured in completed:
            self._store_one(outgoing(self._device, device_clock.flagged(captured, clock.now())), stop)

    def _store_one(self, body: Mapping[str, Any], stop: threading.Event) -> None:
        """Keep a reading, however long the disk stays full: what was measured is not lost."""
        while True:
            try:
                self._keep(body)
            except SpoolError as error:
                self._board.state(self._device.name, State.ERROR, str(error))
                if stop.wait(_STORE_RETRY_SECONDS):
                    log.error("a reading of %s could not be kept: measure again", self._device.name)
                    return
            else:
                return

    def _fail(self, error: PortError) -> None:
        self._board.state(self._device.name, _STATES.get(error.trouble, State.ERROR), str(error))

    def _wait(self, stop: threading.Event) -> None:
        """Until the next try is due, or the missing port appears."""
        path = Path(self._device.port)
        was_there = path.exists()
        until = time.monotonic() + self._backoff.next()
        while time.monotonic() < until and not stop.wait(_LOOK_SECONDS):
            if path.exists() and not was_there:
                return


def _noise(decoder: Decoder) -> str:
    return (
        f"{decoder.noise} bytes belonged to no frame, frames seen: {decoder.frames}. Check that this is the right "
        "device, then the cable and the settings."
    )


def outgoing(device: Device, captured: Captured) -> dict[str, Any]:
    """What goes to the server, but for its number; `captured_at` is this machine's clock, `raw` is hex."""
    body: dict[str, Any] = {
        "device": device.name,
        "protocol": device.protocol.name,
        "kind": "reading" if isinstance(captured.event, Reading) else "scan",
        "captured_at": instant_text(clock.now()),
        "raw": captured.raw.hex(),
    }
    content = captured.event.as_json()
    del content["event"]
    if isinstance(captured.event, Reading):
        content["repeat"] = captured.repeat
    return body | content
