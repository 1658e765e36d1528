"""A station killed at each step of printing: no label twice without a person's word, none lost silently."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from biobank import clock
from biobank.db import Databases
from biobank.stations import actions
from biobank.stations.models import PrintState
from labels.printers.simulated import SimulatedPrinter
from tests.stations.factories import Desk, make_label, make_printer
from tests.stations.printing_desk import POINTS, run_printing, served

ROUNDS = int(os.environ.get("BIOBANK_TEST_PRINT_KILLS", "1"))
BEFORE_A_BYTE = {"claim before", "claim after", "sending before"}
PRINTED = {"send after", "sent before", "sent after"}


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_station_prints_no_label_twice_and_loses_none(
    app: Flask, databases: Databases, desk: Desk, point: str, tmp_path: Path
) -> None:
    with databases.transaction() as tx:
        make_printer(tx, desk)
    with SimulatedPrinter(tmp_path) as printer, served(app) as address:
        for number in range(1, ROUNDS + 1):
            with databases.transaction() as tx:
                job = make_label(tx, desk)
            assert run_printing(address, desk, printer.port, point) == -signal.SIGKILL
            printed = len(printer.wait_for(number)) if point in PRINTED else printer.count
            later = datetime.now(UTC) + timedelta(seconds=31)
            with clock.at(later), databases.transaction() as tx:
                given_again = [work.job.id for work in actions.claim_print_jobs(tx, desk.id)]
                state = actions.jobs_of(tx, [job.object_code])[job.object_code].state
                tx.session.delete(tx.session.get_one(type(job), job.id))
            assert given_again == ([job.id] if point in BEFORE_A_BYTE else [])
            assert printed == (number if point in PRINTED else 0)
            assert state is (_left(point))


def _left(point: str) -> PrintState:
    """Where a label stands that nobody told of: handed out again, in a person's hands, or told to the end."""
    if point in BEFORE_A_BYTE:
        return PrintState.CLAIMED
    return PrintState.SENT if point == "sent after" else PrintState.UNKNOWN
