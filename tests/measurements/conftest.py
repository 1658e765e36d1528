"""A clinic at work, for tests of what goes over the wire."""

import pytest
from flask import Flask

from biobank.config import Settings
from biobank.db import Databases
from tests.measurements.desk import Desk, Program, open_desk


@pytest.fixture
def desk(databases: Databases, settings: Settings) -> Desk:
    return open_desk(databases, settings)


@pytest.fixture
def program(app: Flask, desk: Desk) -> Program:
    return Program(app.test_client(), desk)
