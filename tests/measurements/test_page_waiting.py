"""The page's background request waits for news, holds nothing meanwhile, and answers nobody whose session ended."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from biobank import clock
from biobank.access.models import StaffSession
from biobank.web.news import Heard, News, Who
from tests.measurements.desk import Desk, cell
from tests.measurements.factories import take
from tests.measurements.test_page_live import HTMX, seen
from tests.pages import Browser

LONG = 15


class Meanwhile(News):
    """Waits no time: something happens, and then there is news or not."""

    def __init__(self, happens: Callable[[], object], heard: Heard = Heard.NEWS) -> None:
        super().__init__({Who.PAGE: 2, Who.DESK: 2})
        self.happens, self.heard = happens, heard

    def wait(self, *_: Any) -> Heard:
        self.happens()
        return self.heard


@pytest.fixture
def desk(desk: Desk, browser: Browser) -> Desk:
    """The clerk of the desk stands at the page."""
    browser.sign_in("carla")
    return desk


@pytest.fixture(autouse=True)
def places(app: Flask) -> Iterator[None]:
    """Two may wait, and whatever a test puts in their place is gone after it."""
    app.extensions["biobank.news"] = News({Who.PAGE: 2, Who.DESK: 2})
    yield
    app.extensions["biobank.news"] = News({Who.PAGE: 2, Who.DESK: 2})


def ask(browser: Browser, desk: Desk, seconds: int = LONG) -> TestResponse:
    """What the page asks by itself after it was drawn."""
    query = {"background": 1, "wait": seconds, "seen": seen(browser.get(desk.address).html)}
    return browser.client.get(desk.address, query_string=query, headers=HTMX)


def test_a_value_that_another_process_stores_ends_the_waiting(browser: Browser, desk: Desk) -> None:
    query = {"background": 1, "wait": LONG, "seen": seen(browser.get(desk.address).html)}
    answers: list[TestResponse] = []
    waiting = threading.Thread(
        target=lambda: answers.append(browser.client.get(desk.address, query_string=query, headers=HTMX))
    )
    waiting.start()
    desk.do(take, weight="72.8")
    waiting.join(LONG)
    assert "is-new" in cell(answers[0].text, "weight")


def test_nothing_is_held_while_a_page_waits(app: Flask, browser: Browser, desk: Desk) -> None:
    held: list[int] = []
    pools = [database.engine.pool for database in (desk.databases.study, desk.databases.vault)]
    app.extensions["biobank.news"] = Meanwhile(lambda: held.extend(pool.checkedout() for pool in pools))
    ask(browser, desk)
    assert held == [0, 0]


def test_after_waiting_in_vain_the_page_asks_again(browser: Browser, desk: Desk) -> None:
    answer = ask(browser, desk, seconds=0)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "again")


def test_where_no_place_is_free_the_page_keeps_to_its_own_second(app: Flask, browser: Browser, desk: Desk) -> None:
    app.extensions["biobank.news"] = News({Who.PAGE: 0, Who.DESK: 0})
    answer = ask(browser, desk)
    assert answer.status_code == 204
    assert "HX-Trigger" not in answer.headers


def test_a_session_that_ended_while_the_page_waited_is_shown_nothing(app: Flask, browser: Browser, desk: Desk) -> None:
    def sign_out() -> None:
        with desk.databases.transaction() as tx:
            tx.session.execute(sa.update(StaffSession).values(revoked_at=clock.now()))

    desk.do(take, weight="72.8")
    app.extensions["biobank.news"] = Meanwhile(sign_out)
    answer = ask(browser, desk)
    assert answer.status_code != 200
    assert "72.8" not in answer.text


def test_waiting_does_not_keep_a_session_alive(browser: Browser, desk: Desk) -> None:
    def used_at() -> list[Any]:
        with desk.databases.transaction(read_only=True) as tx:
            return list(tx.session.scalars(sa.select(StaffSession.last_seen_at).order_by(StaffSession.id)))

    browser.get(desk.address)
    before = used_at()
    with clock.at(clock.now() + timedelta(minutes=5)):
        ask_again = {"background": 1, "wait": 0, "seen": ""}
        assert browser.client.get(desk.address, query_string=ask_again, headers=HTMX).status_code == 200
    assert used_at() == before
