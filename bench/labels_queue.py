"""How soon a label that was asked for over HTTP is in its printer: service, station and network on the way."""

import random
import statistics
import tempfile
import threading
import time
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from bench.rows import ROUNDS, Row
from biobank import db, events, migrations, wiring
from biobank.access import actions as access
from biobank.actor import Role
from biobank.app import create_app
from biobank.config import Profile, Settings
from biobank.devices.printing import Printing
from biobank.devices.uplink import Uplink
from biobank.stations import actions
from biobank.stations.models import PrintState
from labels.printers.simulated import SimulatedPrinter
from labels.printers.tcp import TcpPrinter
from tests.stations.factories import any_visit, make_desk, make_label, make_printer, make_staff
from tests.stations.printing_desk import served

LABELS = 20
LIMIT_MS = 100.0
MOMENTS = random.Random(9100)


def rows() -> list[Row]:
    """The queue's row: from the first byte of a request to the whole label in the printer, a visit open at the desk."""
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        folder = Path(name)
        settings = Settings(profile=Profile.DEMO, home=folder, log_level="ERROR")
        databases = db.connect(settings)
        migrations.upgrade(databases)
        app = create_app(settings, databases)
        events.connect(wiring.TABLE)
        with SimulatedPrinter(folder / "printed") as printer, served(app) as address:
            runs = _runs(databases, printer, Desktop(settings, databases, address))
        databases.dispose()
    median = statistics.median(run["ours"] for run in runs)
    name = "a label asked for at any moment is in its printer, a visit open (median of 20)"
    return [Row(name, median, LIMIT_MS, median / LIMIT_MS, "ms", "<= 1.00", runs=runs)]


class Desktop:
    """A desk with a visit open and a clerk who asks for labels over HTTP, as pages and other programs do."""

    def __init__(self, settings: Settings, databases: db.Databases, address: str) -> None:
        self._databases, self.address = databases, address
        with databases.transaction() as tx:
            self.desk = make_desk(tx)
            make_printer(tx, self.desk)
            actions.open_window(tx, self.desk.id, any_visit())
        make_staff(databases, self.desk.site_id, Role.CLINIC)
        token = access.sign_in(databases, settings, username="carla", password="correct horse battery", address="bench")
        self._line = httpx.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"})

    def printed_before(self) -> UUID:
        """A label that came out once and can be asked for again."""
        with self._databases.transaction() as tx:
            job = make_label(tx, self.desk)
            job.state = PrintState.PRINTED
            return job.id

    def ask(self, job_id: UUID) -> None:
        """One more copy."""
        sent = {"Idempotency-Key": uuid4().hex}
        self._line.post(f"/print-jobs/{job_id}/again", json={"reason": "smudged"}, headers=sent).raise_for_status()

    def close(self) -> None:
        self._line.close()


def _runs(databases: db.Databases, printer: SimulatedPrinter, desktop: Desktop) -> list[dict[str, float]]:
    desk = desktop.desk
    stop = threading.Event()
    line = Uplink(desktop.address, str(desk.id), desk.key)
    printing = Printing({"zebra": TcpPrinter("127.0.0.1", printer.port)}, line)
    threads = [threading.Thread(target=work, args=(stop,)) for work in (printing.run, printing.watch.run)]
    for thread in threads:
        thread.start()
    try:
        _wait(desktop, printer)
        return [{"ours": _median(desktop, printer), "limit": LIMIT_MS} for _ in range(ROUNDS)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        line.close()
        desktop.close()


def _median(desktop: Desktop, printer: SimulatedPrinter) -> float:
    return statistics.median(_wait(desktop, printer, pause=MOMENTS.random() / 5) for _ in range(LABELS))


def _wait(desktop: Desktop, printer: SimulatedPrinter, pause: float = 0.0) -> float:
    """Ask for one label at some moment of the station's own round; milliseconds until it came out."""
    job, wanted = desktop.printed_before(), printer.count + 1
    time.sleep(pause)
    asked = time.perf_counter()
    desktop.ask(job)
    printer.wait_for(wanted, seconds=30)
    return (time.perf_counter() - asked) * 1000


def main() -> None:
    for row in rows():
        print(row.line())


if __name__ == "__main__":
    main()
