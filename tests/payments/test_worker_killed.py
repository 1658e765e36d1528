"""Workers, web and provider killed at random while the provider fails in every way: nothing doubled, nothing lost."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from biobank import clock
from biobank.config import Settings
from biobank.db import Databases
from biobank.payments import actions, book_facts
from biobank.payments.models import State
from biobank.payments.worker import work_once
from tests.payments.conftest import EAGER
from tests.payments.factories import make_payments, states_of
from tests.payments.providers.conftest import KEY, Simulator

# `make chaos` asks for more than the suite has time for.
KILLS = int(os.environ.get("BIOBANK_TEST_KILLS", "15"))
SEED = int(os.environ.get("BIOBANK_TEST_SEED", str(KILLS)))
ROOT = Path(__file__).parents[2]
FAULTS = (
    "throttle", "error_before_commit", "error_after_commit", "lost_reply", "slow", "late", "garbled", "wrong_amount"
)  # fmt: skip


def _yard(settings: Settings, provider: Simulator, **numbers: int) -> dict[str, int]:
    """Let workers, the web server and the provider live and die beside this process; how many died of each."""
    key_file = settings.home / "provider.key"
    key_file.write_text(KEY)
    given = {
        "home": str(settings.home), "database_url": settings.database_url, "vault_url": settings.vault_url,
        "payment_key_file": str(key_file), "payment_campaign": "CAMPAIGN", "provider_data": str(provider.data),
        "payment_webhook_key_file": str(key_file), **numbers,
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.payments.crashing_workers", json.dumps(given)]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(answer.stdout.splitlines()[-1])


def _break(provider: Simulator) -> None:
    faults = [{"kind": kind, "share": 0.3} for kind in ("hook_lost", "hook_twice", "hook_forged")]
    faults += [{"kind": kind, "share": 0.1, "seconds": 0.1 if kind in ("slow", "late") else 0} for kind in FAULTS]
    provider.break_with(*faults)


def _drain(databases: Databases, adapter: object) -> None:
    """One undisturbed worker ends what is open, as if the last leases had run out."""
    with clock.at(lambda: clock._system() + timedelta(minutes=10)):
        work_once(databases, adapter, pace=EAGER)


def _check(databases: Databases, provider: Simulator, number: int) -> None:
    state = provider.state()
    assert states_of(databases) == {State.SENT: number}
    assert (state["executed"], state["references_held"], state["spent_cents"]) == (number, number, 2500 * number)
    with databases.transaction() as tx:
        actions.import_statement(tx, provider.statement())
        assert actions.match_all(tx)["confirmed"] == number
        assert actions.books_difference(tx) == 0
        assert all(equation.difference == 0 for equation in book_facts.all_equations(tx))


@pytest.mark.parametrize(("kills", "number", "visits"), [(KILLS, max(60, KILLS * 9 // 10), max(6, KILLS // 20))])
def test_what_is_killed_at_random_pays_each_once(
    settings: Settings,
    databases: Databases,
    start_provider: Callable[..., Simulator],
    connect: Callable[..., object],
    kills: int,
    number: int,
    visits: int,
) -> None:
    make_payments(databases, number)
    provider = start_provider("--balance-cents", str(2500 * (number + visits + 1)))
    _break(provider)
    provider.kill()
    dead = _yard(settings, provider, kills=kills, seed=SEED, visits=visits)
    provider.start()
    # Shown by `make chaos`.
    print(f"killed {dead}; after the kills {states_of(databases)}")
    _drain(databases, connect(provider))
    _check(databases, provider, number + visits)
