"""A desk at a clinic, known to the service."""

import pytest

from biobank.db import Databases
from tests.stations.factories import Desk, make_desk


@pytest.fixture
def desk(databases: Databases) -> Desk:
    with databases.transaction() as tx:
        return make_desk(tx)
