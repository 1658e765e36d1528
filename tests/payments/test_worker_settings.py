"""The worker refuses to start without a provider, pays what is due while it runs, and ends when told."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from biobank.config import Settings
from biobank.db import Databases
from biobank.errors import UnsafeSettings
from biobank.payments.models import DisbursementEvent, State
from biobank.payments.worker import open_provider, run_worker
from tests.payments.factories import make_payments, states_of
from tests.payments.providers.conftest import KEY, Simulator


def _ready(settings: Settings, provider: Simulator) -> Settings:
    file = settings.home / "provider.key"
    file.write_text(f"{KEY}\n")
    return replace(settings, payment_base_url=provider.url, payment_key_file=file, payment_campaign="CAMPAIGN")


def test_a_worker_without_a_provider_says_what_to_set(settings: Settings) -> None:
    with pytest.raises(UnsafeSettings, match="BIOBANK_PAYMENT_BASE_URL and BIOBANK_PAYMENT_KEY_FILE must be set"):
        open_provider(settings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"payment_campaign": ""}, "campaign"),
        ({"payment_provider": "nobody"}, "No payment provider is called"),
        ({"payment_base_url": "http://example.org"}, "https"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    settings: Settings, provider: Simulator, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(UnsafeSettings, match=words):
        open_provider(replace(_ready(settings, provider), **changes))


def test_a_key_file_that_is_not_there_is_refused_by_name(settings: Settings, provider: Simulator) -> None:
    missing = replace(_ready(settings, provider), payment_key_file=settings.home / "nowhere")
    with pytest.raises(UnsafeSettings, match="BIOBANK_PAYMENT_KEY_FILE"):
        open_provider(missing)


class _UntilPaid(threading.Event):
    """Tells the worker to stop as soon as nothing is open any more."""

    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self.databases = databases

    def is_set(self) -> bool:
        return set(states_of(self.databases)) == {State.SENT}


def test_a_running_worker_pays_what_is_due_and_ends_when_told(
    settings: Settings, databases: Databases, provider: Simulator
) -> None:
    make_payments(databases, 3)
    run_worker(databases, _ready(settings, provider), _UntilPaid(databases))
    assert provider.state()["executed"] == 3


def test_what_the_worker_did_is_said_to_be_the_services_doing(
    settings: Settings, databases: Databases, provider: Simulator
) -> None:
    make_payments(databases, 1)
    run_worker(databases, _ready(settings, provider), _UntilPaid(databases))
    with databases.transaction(read_only=True) as tx:
        names = tx.session.scalars(sa.select(DisbursementEvent.actor_name).filter_by(state=State.SENT)).all()
    assert names == ["Biobank service"]
