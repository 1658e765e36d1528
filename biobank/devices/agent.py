"""The agent: one thread a port, one each for delivery, heartbeat, commands and printing, stopped together."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from biobank.devices import orders, plugged, signing
from biobank.devices.acting import Acting
from biobank.devices.board import Board
from biobank.devices.crew import Crew
from biobank.devices.delivery import Delivery
from biobank.devices.ear import Ear
from biobank.devices.heartbeat import Heartbeat
from biobank.devices.ownership import Ownership
from biobank.devices.printing import Printing, load_printers
from biobank.devices.screen import Screen
from biobank.devices.spool import Spool, SpoolError
from biobank.devices.station import Station
from biobank.devices.uplink import Uplink

log = logging.getLogger(__name__)

_STOPPING_SECONDS = 12.0


class Agent:
    """Everything a desk runs; `run` returns when `stop` was called, True unless a thread failed."""

    def __init__(self, station: Station) -> None:
        """Raises ConfigError, KeyFileError, AlreadyRunning or SpoolError, each with what to do."""
        printers = load_printers(station.printers)
        self._station = station
        self._uplink = Uplink(station.server, station.station_id, signing.load_key(station.key_file), station.ca_file)
        self._ownership = Ownership(station.spool)
        self.spool = Spool(station.spool)
        self.board = Board([])
        self._delivery = Delivery(self.spool, self._uplink)
        self._ear = Ear(self.board)
        self._heartbeat = Heartbeat(self.board, self.spool, self._uplink, self._plugged, self._obey)
        self.crew = Crew(station.devices, self.board, self.keep, self._guarded)
        self._acting = Acting(self.crew, self._uplink)
        self._printing = Printing(printers, self._uplink) if printers else None
        self._screen = Screen(station.screen_port, self._shown) if station.screen_port else None
        self._bound: object = None
        self._stop = threading.Event()
        self._sound = True

    def keep(self, body: Mapping[str, Any]) -> None:
        """Store a reading durably and send it on its way; raises SpoolError when the disk will not take it."""
        self.spool.append(body)
        self._delivery.wake()

    def run(self) -> bool:
        self.crew.assign(orders.load(self._station.spool))
        threads = [self._thread(name, run) for name, run in self._work().items()]
        for thread in threads:
            thread.start()
        self._stop.wait()
        self._delivery.wake()
        self._ear.listen(None)
        self.board.changed.set()
        self.crew.close()
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
            "commands": self._acting.run,
            "ear": self._ear.run,
        }
        work |= {"screen": self._screen.run} if self._screen else {}
        if self._printing:
            work |= {"printing": self._printing.run, "printers": self._printing.watch.run}
        return work

    def _thread(self, name: str, run: Callable[[threading.Event], None]) -> threading.Thread:
        return threading.Thread(target=self._guarded, args=(name, run, self._stop), name=name, daemon=True)

    def _guarded(self, name: str, run: Callable[[threading.Event], None], stop: threading.Event) -> None:
        """A thread that fails takes the agent down, so that whoever supervises it starts a whole one."""
        try:
            run(stop)
        except Exception:
            log.exception("%s failed", name)
            self._sound = False
            self._stop.set()

    def _plugged(self) -> dict[str, Any]:
        """What else the server is told: the ports there are, and what the ear heard."""
        ports = [port.as_json() for port in plugged.ports(self._station.ports)]
        return {"ports": ports[: plugged.MOST], "heard": self._ear.heard}

    def _obey(self, answer: Mapping[str, Any]) -> None:
        """Bind what the server binds, keep it for a start without the server, and listen where it points."""
        bound = answer.get("devices")
        if isinstance(bound, list) and bound != self._bound:
            self.crew.assign(orders.read(bound))
            orders.save(self._station.spool, bound)
            self._bound = bound
        self._ear.listen(answer.get("listen"))

    def _shown(self) -> dict[str, Any]:
        """What the desk's own screen shows."""
        return {
            "server": self._station.server,
            "heard_at": self._heartbeat.heard_at,
            "skew_seconds": self._heartbeat.skew_seconds,
            "skewed": self._heartbeat.skewed,
            "trouble": self._delivery.trouble,
            "devices": self.board.entries(),
        } | self._store()

    def _store(self) -> dict[str, Any]:
        try:
            return {"waiting": self.spool.count(), "refused": len(self.spool.refused()), "store": ""}
        except SpoolError as error:
            return {"waiting": None, "refused": None, "store": str(error)}

    def _close(self) -> None:
        self._uplink.close()
        self.spool.close()
        self._ownership.release()
