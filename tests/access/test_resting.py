"""Accounts that nobody uses are stopped; temporary ones end by themselves, in the same moment."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from biobank import clock
from biobank.access import resting, sessions
from biobank.access.models import Staff
from biobank.access.security_models import Security, SecurityEvent
from biobank.access.staff import set_active
from biobank.actor import SYSTEM, Actor
from biobank.config import Settings
from biobank.db import Databases, Tx
from tests.conftest import NOON
from tests.pages import Browser

Act = Callable[[Tx], object]


def _later(databases: Databases, days: float, act: Act) -> object:
    with clock.at(NOON + timedelta(days=days)), databases.transaction(SYSTEM) as tx:
        return act(tx)


def _active(databases: Databases) -> set[str]:
    with databases.transaction(SYSTEM, read_only=True) as tx:
        return {row.username for row in tx.session.query(Staff).filter_by(active=True)}


@pytest.fixture
def here(noon: object, people: dict[str, Actor]) -> dict[str, Actor]:
    return people


def test_after_35_days_without_use_an_account_is_stopped(databases: Databases, here: dict[str, Actor]) -> None:
    assert _later(databases, 34.9, lambda tx: resting.stop_unused(tx, 35)) == 0
    assert _later(databases, 35, lambda tx: resting.stop_unused(tx, 35)) == 4
    assert _active(databases) == {"adam"}
    with databases.transaction(SYSTEM, read_only=True) as tx:
        assert tx.session.query(SecurityEvent).filter_by(kind=Security.RESTED).count() == 4


def test_who_was_here_is_not(databases: Databases, settings: Settings, here: dict[str, Actor]) -> None:
    _later(databases, 20, lambda tx: sessions.open_session(tx, settings, here["carla"].id))  # type: ignore[arg-type]
    _later(databases, 40, lambda tx: resting.stop_unused(tx, 35))
    assert _active(databases) == {"adam", "carla"}


def test_who_was_let_in_again_has_its_time_anew(databases: Databases, here: dict[str, Actor]) -> None:
    _later(databases, 40, lambda tx: resting.stop_unused(tx, 35))
    _later(databases, 41, lambda tx: set_active(tx, here["carla"].id, active=True))  # type: ignore[arg-type]
    assert _later(databases, 42, lambda tx: resting.stop_unused(tx, 35)) == 0
    assert "carla" in _active(databases)


def test_a_temporary_account_ends_with_its_hours(
    databases: Databases, here: dict[str, Actor], browser: Browser
) -> None:
    with databases.transaction(here["adam"]) as tx:
        resting.make_temporary(tx, here["carla"].id, 1)  # type: ignore[arg-type]
    browser.sign_in("carla")
    with clock.at(NOON + timedelta(minutes=5)):
        assert browser.get("/today").headings == ["Today"]
    with clock.at(NOON + timedelta(hours=1)):
        assert browser.get("/today").headings == ["Sign in"]
    _later(databases, 1, lambda tx: resting.stop_unused(tx, 35))
    assert "carla" not in _active(databases)
