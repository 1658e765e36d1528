"""The database goes away while the provider is asked: the answer is lost, the payment is not, and it is made once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.db import Databases
from biobank.payments import worker
from biobank.payments.models import State
from biobank.payments.providers.base import Outcome, PaymentRequest
from biobank.payments.providers.tremendous import Tremendous
from tests.payments.conftest import Worker
from tests.payments.factories import books, make_payments, states_of
from tests.payments.providers.conftest import Simulator

CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "


def _lose(databases: Databases) -> None:
    """The file takes no more writes, as on a disk that failed; the server ends every connection, as it restarts."""
    engine = databases.study.engine
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = on")
        return
    with sa.create_engine(engine.url, poolclass=sa.NullPool).connect() as other:
        other.exec_driver_sql(CUT_OFF + "pg_backend_pid()")


class Losing:
    """The real adapter; the database is lost while it waits for the second answer."""

    def __init__(self, adapter: Tremendous, databases: Databases) -> None:
        self.adapter, self.databases, self.capabilities, self.asked = adapter, databases, adapter.capabilities, 0

    def submit(self, request: PaymentRequest) -> Outcome:
        self.asked += 1
        if self.asked == 2:
            _lose(self.databases)
        return self.adapter.submit(request)


def test_answers_that_the_database_could_not_take_are_asked_for_again(
    databases: Databases, provider: Simulator, worker_of: Callable[..., Worker]
) -> None:
    make_payments(databases, 3)
    whole = worker_of(provider)
    losing = replace(whole.till, provider=Losing(whole.till.provider, databases))
    with pytest.raises(sa.exc.DBAPIError):
        worker.pay_next(losing, most=3)
    databases.dispose()
    assert (states_of(databases), provider.state()["executed"]) == ({State.SENDING: 3}, 3)
    with clock.at(lambda: clock._system() + timedelta(minutes=10)):
        whole.work()
    assert (states_of(databases), provider.state()["executed"]) == ({State.SENT: 3}, 3)
    assert books(databases) == 0
