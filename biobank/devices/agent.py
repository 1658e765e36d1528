"""The agent: one thread a port, one each for delivery, heartbeat and printing, stopped together."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from biobank.devices import signing
from biobank.devices.board import Board, Entry
from biobank.devices.delivery import Delivery
from biobank.devices.heartbeat import Heartbeat
from biobank.devices.listener import Listener
from biobank.devices.ownership import Ownership
from biobank.devices.printing import Printing, load_printers
from biobank.devices.spool import Spool
from biobank.devices.station import Station
from biobank.devices.uplink import Uplink

log = logging.getLogger(__name__)

_STOPPING_SECONDS = 12.0


class Agent:
    """Everything a desk runs; `run` returns when `stop` was called, True unless a thread failed."""

    def __init__(self, station: Station) -> None:
        """Raises ConfigError, KeyFileError, AlreadyRunning or SpoolError, each with what to do."""
        printers = load_printers(station.printers)
        self._uplink = Uplink(station.server, station.station_id, signing.load_key(station.key_file), station.ca_file)
        self._ownership = Ownership(station.spool)
        self.spool = Spool(station.spool)
        self.board = Board([Entry(device.name, device.protocol.name, device.port) for device in station.devices])
        self._delivery = Delivery(self.spool, self._uplink)
        self._heartbeat = Heartbeat(self.board, self.spool, self._uplink)
        self._listeners = {device.name: Listener(device, self.board, self.keep) for device in station.devices}
        self._printing = Printing(printers, self._uplink) if printers else None
        self._stop = threading.Event()
        self._sound = True

    def keep(self, body: Mapping[str, Any]) -> None:
        """Store a reading durably and send it on its way; raises SpoolError when the disk will not take it."""
        self.spool.append(body)
        self._delivery.wake()

    def run(self) -> bool:
        threads = [self._thread(name, run) for name, run in self._work().items()]
        for thread in threads:
            thread.start()
        self._stop.wait()
        self._delivery.wake()
        self.board.changed.set()
        for thread in threads:
            thread.join(_STOPPING_SECONDS)
        self._close()
        return self._sound

    def stop(self) -> None:
        """Ask every thread to end; safe from a signal handler."""
        self._stop.set()

    def _work(self) -> dict[str, Callable[[threading.Event], None]]:
        work: dict[str, Callable[[threading.Event], None]] = {
            "delivery": self._delivery.run,
            "heartbeat": self._heartbeat.run,
        }
        work |= {f"port {name}": listener.run for name, listener in self._listeners.items()}
        return work | ({"printing": self._printing.run} if self._printing else {})

    def _thread(self, name: str, run: Callable[[threading.Event], None]) -> threading.Thread:
        return threading.Thread(target=self._guarded, args=(name, run), name=name, daemon=True)

    def _guarded(self, name: str, run: Callable[[threading.Event], None]) -> None:
        """A thread that fails takes the agent down, so that whoever supervises it starts a whole one."""
        try:
            run(self._stop)
        except Exception:
            log.exception("%s failed", name)
            self._sound = False
            self._stop.set()

    def _close(self) -> None:
        self._uplink.close()
        self.spool.close()
        self._ownership.release()
