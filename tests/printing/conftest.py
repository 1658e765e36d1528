"""An administrator and a clerk at a site with a station."""

import pytest
from flask import Flask

from biobank.actor import Role
from biobank.db import Databases
from tests.pages import Browser
from tests.stations.factories import Desk, make_desk, make_printer, make_staff


@pytest.fixture
def desk(databases: Databases) -> Desk:
    with databases.transaction() as tx:
        desk = make_desk(tx)
        make_printer(tx, desk)
    return desk


@pytest.fixture
def ada(app: Flask, databases: Databases, desk: Desk) -> Browser:
    make_staff(databases, desk.site_id, Role.ADMINISTRATOR, username="ada")
    browser = Browser(app)
    browser.sign_in("ada")
    return browser


@pytest.fixture
def carla(app: Flask, databases: Databases, desk: Desk) -> Browser:
    make_staff(databases, desk.site_id, Role.CLINIC)
    browser = Browser(app)
    browser.sign_in("carla")
    return browser
