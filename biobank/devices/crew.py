"""The listeners of a desk, one thread a bound device: started, stopped and replaced as the server binds ports."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from biobank.devices.board import Board, Entry
from biobank.devices.listener import Keep, Listener
from biobank.devices.station import Device

_STOPPING_SECONDS = 12.0

Guard = Callable[[str, Callable[[threading.Event], None], threading.Event], None]


@dataclass(frozen=True)
class _Hand:
    """One listener at work."""

    device: Device
    listener: Listener
    stop: threading.Event
    thread: threading.Thread


class Crew:
    """Listens to exactly the devices it was given last; `fixed` are those of the settings file, which always stay."""

    def __init__(self, fixed: Iterable[Device], board: Board, keep: Keep, guard: Guard) -> None:
        self._fixed = {device.name: device for device in fixed}
        self._board, self._keep, self._guard = board, keep, guard
        self._hands: dict[str, _Hand] = {}
        self._lock = threading.Lock()
        self._closed = False

    def assign(self, bound: Iterable[Device]) -> None:
        """Listen to the fixed devices and to these; a device or a port the settings file names is the file's."""
        taken = {device.port for device in self._fixed.values()}
        wanted = {device.name: device for device in bound if device.port not in taken} | self._fixed
        with self._lock:
            if self._closed:
                return
            for name, hand in list(self._hands.items()):
                if wanted.get(name) != hand.device:
                    self._dismiss(name)
            for name, device in wanted.items():
                if name not in self._hands:
                    self._take_on(device)

    def listener(self, name: str) -> Listener | None:
        """Who listens to the device of this name."""
        with self._lock:
            hand = self._hands.get(name)
        return hand.listener if hand else None

    def has_acts(self) -> bool:
        """Whether a device here can be told to act on a person."""
        with self._lock:
            return any(hand.device.protocol.acts for hand in self._hands.values())

    def ports(self) -> set[str]:
        with self._lock:
            return {hand.device.port for hand in self._hands.values()}

    def close(self) -> None:
        """Stop every listener; none is started any more."""
        with self._lock:
            self._closed = True
            hands = list(self._hands.values())
            for hand in hands:
                hand.stop.set()
            for hand in hands:
                hand.thread.join(_STOPPING_SECONDS)

    def _take_on(self, device: Device) -> None:
        self._board.add(Entry(device.name, device.protocol.name, device.port))
        listener, stop = Listener(device, self._board, self._keep), threading.Event()
        thread = threading.Thread(
            target=self._guard, args=(f"port {device.name}", listener.run, stop), name=device.name, daemon=True
        )
        self._hands[device.name] = _Hand(device, listener, stop, thread)
        thread.start()

    def _dismiss(self, name: str) -> None:
        hand = self._hands.pop(name)
        hand.stop.set()
        hand.thread.join(_STOPPING_SECONDS)
        self._board.remove(name)
