"""How soon a label that was asked for is in its printer: through the service, the station's poll and the network."""

import random
import statistics
import tempfile
import threading
import time
from pathlib import Path

from bench.rows import ROUNDS, Row
from biobank import db, events, migrations, wiring
from biobank.app import create_app
from biobank.config import Profile, Settings
from biobank.devices.printing import Printing
from biobank.devices.uplink import Uplink
from biobank.stations import actions
from labels.printers.simulated import SimulatedPrinter
from labels.printers.tcp import TcpPrinter
from tests.stations.factories import Desk, any_visit, make_desk, make_label, make_printer
from tests.stations.printing_desk import served

LABELS = 20
LIMIT_MS = 100.0
MOMENTS = random.Random(9100)


def rows() -> list[Row]:
    """The queue's row: from the commit of a request to the whole label in the printer, one visit open at the desk."""
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        folder = Path(name)
        settings = Settings(profile=Profile.DEMO, home=folder, log_level="ERROR")
        databases = db.connect(settings)
        migrations.upgrade(databases)
        app = create_app(settings, databases)
        events.connect(wiring.TABLE)
        with SimulatedPrinter(folder / "printed") as printer, served(app) as address:
            runs = _runs(databases, printer, address)
        databases.dispose()
    median = statistics.median(run["ours"] for run in runs)
    name = "a label asked for at any moment is in its printer, a visit open (median of 20)"
    return [Row(name, median, LIMIT_MS, median / LIMIT_MS, "ms", "<= 1.00", runs=runs)]


def _runs(databases: db.Databases, printer: SimulatedPrinter, address: str) -> list[dict[str, float]]:
    with databases.transaction() as tx:
        desk = make_desk(tx)
        make_printer(tx, desk)
        actions.open_window(tx, desk.id, any_visit())
    stop = threading.Event()
    line = Uplink(address, str(desk.id), desk.key)
    printing = Printing({"zebra": TcpPrinter("127.0.0.1", printer.port)}, line)
    threads = [threading.Thread(target=work, args=(stop,)) for work in (printing.run, printing.watch.run)]
    for thread in threads:
        thread.start()
    try:
        _wait(databases, desk, printer)
        return [{"ours": _median(databases, desk, printer), "limit": LIMIT_MS} for _ in range(ROUNDS)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        line.close()


def _median(databases: db.Databases, desk: Desk, printer: SimulatedPrinter) -> float:
    return statistics.median(_wait(databases, desk, printer, pause=MOMENTS.random() / 5) for _ in range(LABELS))


def _wait(databases: db.Databases, desk: Desk, printer: SimulatedPrinter, pause: float = 0.0) -> float:
    """Ask for one label at some moment of the station's own round; milliseconds until it came out."""
    time.sleep(pause)
    wanted = printer.count + 1
    with databases.transaction() as tx:
        make_label(tx, desk)
    asked = time.perf_counter()
    printer.wait_for(wanted, seconds=30)
    return (time.perf_counter() - asked) * 1000


def main() -> None:
    for row in rows():
        print(row.line())


if __name__ == "__main__":
    main()
