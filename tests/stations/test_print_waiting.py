"""A station's question for labels is answered the moment there is one, and never crowds out a clerk's page."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from biobank import clock
from biobank.db import Databases
from biobank.stations.printing import LEASE
from biobank.web.news import LONGEST_SECONDS, News, Who
from tests.stations.factories import Desk, make_desk, make_label, make_printer

NO_PAPER = [{"name": "zebra", "status": "no-media", "takes_labels": False}]


@pytest.fixture
def desk(databases: Databases) -> Desk:
    """A desk with a printer and nothing to print."""
    with databases.transaction() as tx:
        made = make_desk(tx)
        make_printer(tx, made)
    return made


def _ask(app: Flask, desk: Desk, **body: object) -> dict[str, object]:
    answer: dict[str, object] = desk.post(app, "print-jobs/claim", {"wait_seconds": 1, **body}).json
    return answer


def test_a_label_asked_for_meanwhile_is_the_answer(app: Flask, databases: Databases, desk: Desk) -> None:
    with ThreadPoolExecutor(1) as station:
        asked = station.submit(_ask, app, desk, wait_seconds=int(LONGEST_SECONDS))
        with databases.transaction() as tx:
            make_label(tx, desk)
        assert len(asked.result(timeout=LONGEST_SECONDS / 2)["jobs"]) == 1  # type: ignore[arg-type]


def test_a_label_whose_station_fell_silent_is_given_out_again(app: Flask, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        make_label(tx, desk)
    _ask(app, desk)
    with clock.at(clock.now() + LEASE + timedelta(seconds=1)):
        assert len(_ask(app, desk)["jobs"]) == 1  # type: ignore[arg-type]


def test_a_label_for_a_printer_without_paper_is_not_news(app: Flask, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        make_label(tx, desk)
    assert _ask(app, desk, printers=NO_PAPER) == {"jobs": [], "waited": True}


def test_where_no_place_is_free_the_station_is_told_at_once(app: Flask, desk: Desk) -> None:
    app.extensions["biobank.news"] = News({Who.PAGE: 1, Who.DESK: 0})
    assert _ask(app, desk) == {"jobs": [], "waited": False}
