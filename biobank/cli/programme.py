"""`biobank serve`, `biobank worker`, `biobank demo`: the service's processes."""

import signal
import sys
import threading
from importlib import import_module

import click
import waitress
from sqlalchemy.exc import SQLAlchemyError

from biobank import clock, db
from biobank.access import resting
from biobank.actor import SYSTEM
from biobank.app import create_app
from biobank.audit import sealing, verifying
from biobank.config import Settings, refuse_unsafe
from biobank.db import Databases
from biobank.errors import Refused
from biobank.participants import actions as participants
from biobank.participants import erasure
from biobank.payments import worker as payment_worker
from biobank.specimens import actions as specimens
from biobank.web import logs

HOUR_SECONDS, SEAL_SECONDS = 3600, 10


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Run the web server.

    Example: biobank serve --port 8000
    """
    app = create_app(settings)

    def end(*_: object) -> None:
        app.extensions["biobank.news"].close()
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    # A thread that comes back from the database waits its turn for less: it may hold what the others wait for.
    sys.setswitchinterval(0.0005)
    # To look ahead at a connection is to learn that whoever waits at its other end is gone.
    waitress.serve(app, host=host or settings.host, port=port or settings.port, threads=settings.threads,
                   ident=None, clear_untrusted_proxy_headers=not settings.trusted_proxies,
                   channel_request_lookahead=1)  # fmt: skip


@click.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """Run the background worker: it sends what is due and asks again about what is unknown.

    Example: biobank worker
    """
    refuse_unsafe(settings)
    logs.configure(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    databases = db.connect(settings)
    threading.Thread(target=_keep_house, args=(databases, settings, stop), daemon=True).start()
    threading.Thread(target=_keep_seals, args=(databases, stop), daemon=True).start()
    payment_worker.run_worker(databases, settings, stop)


def _keep_seals(databases: Databases, stop: threading.Event) -> None:
    """Seal the logs every few seconds, and verify all of them at the start and at each change of day (UTC)."""
    verified = None
    while not stop.is_set():
        try:
            sealing.watch(databases)
            if verified != (today := clock.now().date()):
                report, verified = verifying.verify(databases), today
                logs.log.info("verified the logs", count=len(report.findings), state=str(report.is_whole))
        except (SQLAlchemyError, Refused) as problem:
            logs.failure(problem, "sealing")
        stop.wait(SEAL_SECONDS)


def _keep_house(databases: Databases, settings: Settings, stop: threading.Event) -> None:
    """Once an hour: forget whom a crash left in the vault alone, and who left so long ago that the policy says so."""
    while not stop.is_set():
        try:
            logs.log.info("swept the vault", count=db.run_tx(databases, participants.sweep_vault, SYSTEM))
            logs.log.info("opened cases of parcels", count=db.run_tx(databases, specimens.open_overdue, SYSTEM))
            stopped = db.run_tx(databases, lambda tx: resting.stop_unused(tx, settings.inactive_days), SYSTEM)
            logs.log.info("stopped accounts nobody uses", count=stopped)
            logs.log.info("forgot who left", count=erasure.erase_due(databases, settings.identity_days))
        except SQLAlchemyError as problem:
            # The database is away: the next hour does.
            logs.failure(problem, "house-keeping")
        stop.wait(HOUR_SECONDS)


@click.command()
@click.option("--walk", is_flag=True, help="Perform one whole visit, say what each step proved, and exit.")
@click.option("--postgresql", is_flag=True, help="On a PostgreSQL server of its own (pgserver) instead of files.")
@click.option("--makers", is_flag=True, help="The desk's devices from five makers, with a cuff started by a click.")
@click.option("--port", default=8000, show_default=True, help="Port of the web pages.")
def demo(walk: bool, postgresql: bool, makers: bool, port: int) -> None:
    """Bring up the whole programme on embedded parts: web, worker, station, simulated devices, printer and provider.

    Example: biobank demo --walk
    """
    # Loaded here, so that the service itself never loads its demonstration.
    if walk:
        sys.exit(import_module("biobank.demo.walk").main(postgresql=postgresql, makers=makers))
    sys.exit(import_module("biobank.demo.run").main(postgresql=postgresql, makers=makers, port=port))
