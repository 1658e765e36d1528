"""People at the door, and an application whose policy a test chooses."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from biobank.access import factors, totp
from biobank.actor import Actor, Role
from biobank.app import open_on
from biobank.config import Settings
from biobank.db import Databases
from tests.access.factories import staffed
from tests.conftest import NOON
from tests.pages import Browser

STEP = int(NOON.timestamp()) // totp.STEP_SECONDS


@pytest.fixture
def people(databases: Databases) -> dict[str, Actor]:
    """One of each kind, and a second administrator."""
    return staffed(databases, carla=Role.CLINIC, cleo=Role.CLINIC, fiona=Role.FINANCE, adam=Role.ADMINISTRATOR,
                   ada=Role.AUDITOR)  # fmt: skip


@pytest.fixture
def door(application: Flask, settings: Settings, databases: Databases) -> Callable[..., Browser]:
    """Somebody's browser at an application with these settings."""

    def open_one(**values: str | int) -> Browser:
        open_on(application, replace(settings, **values), databases)
        return Browser(application)

    return open_one


@pytest.fixture
def app_secret(databases: Databases, people: dict[str, Actor], noon: object) -> bytes:
    """Carla's authenticator app, confirmed with an earlier code."""
    carla = people["carla"]
    assert carla.id is not None
    with databases.transaction(carla) as tx:
        secret = factors.begin_totp(tx, carla.id)
        factors.confirm_totp(tx, carla.id, totp.code_at(secret, STEP - 1))
    return secret
