"""The adapter against a simulated provider in another process: every answer and every way to fail."""

import logging

import httpx
import pytest

from biobank.payments.providers import available, load
from biobank.payments.providers.base import Balance, OutcomeKind, ProviderError, UnknownProvider
from biobank.payments.providers.tremendous import Tremendous

MADE_NOTHING = [
    ("throttle", OutcomeKind.THROTTLED),
    ("error_before_commit", OutcomeKind.UNKNOWN),
    ("no_funds", OutcomeKind.NO_FUNDS),
    ("rejected", OutcomeKind.REJECTED),
]
MADE_ALL_THE_SAME = ["error_after_commit", "lost_reply", "garbled", "wrong_amount"]


def test_a_payment_is_confirmed_with_its_link(adapter, new_request):
    outcome = adapter.submit(new_request())
    assert (outcome.kind, outcome.amount_cents, outcome.currency) == (OutcomeKind.CONFIRMED, 2500, "USD")
    assert outcome.link.startswith("http://127.0.0.1:")
    assert len(outcome.raw_hash) == 64


def test_the_link_opens_the_gift(adapter, new_request):
    page = httpx.get(adapter.submit(new_request()).link, trust_env=False)
    assert "Your $25.00 gift" in page.text


def test_the_same_reference_twice_pays_once(simulator, adapter, new_request):
    request, before = new_request(), simulator.state()
    first, second = adapter.submit(request), adapter.submit(request)
    assert (second.kind, second.provider_ref) == (OutcomeKind.CONFIRMED, first.provider_ref)
    assert simulator.state()["spent_cents"] == before["spent_cents"] + 2500


def test_a_reference_that_belongs_to_another_amount_is_unknown_and_gives_no_link(adapter, new_request):
    request = new_request(amount_cents=2600)
    adapter.submit(request)
    outcome = adapter.submit(new_request(external_id=request.external_id))
    assert (outcome.kind, outcome.link) == (OutcomeKind.UNKNOWN, None)
    assert "2600 cents instead of 2500" in outcome.detail


def test_a_reference_that_belongs_to_another_address_is_unknown(adapter, new_request):
    request = new_request(delivery="email", recipient_email="one@example.org")
    adapter.submit(request)
    other = new_request(external_id=request.external_id, delivery="email", recipient_email="two@example.org")
    outcome = adapter.submit(other)
    assert (outcome.kind, "another recipient" in outcome.detail) == (OutcomeKind.UNKNOWN, True)
    assert "example.org" not in outcome.detail


@pytest.mark.parametrize(("fault", "kind"), MADE_NOTHING)
def test_a_refusal_makes_nothing_and_is_told_as_it_is(simulator, adapter, new_request, fault, kind):
    request = new_request()
    simulator.break_with({"kind": fault, "external_id": request.external_id})
    assert adapter.submit(request).kind is kind
    assert adapter.lookup(request.external_id).kind is OutcomeKind.ABSENT


@pytest.mark.parametrize("fault", MADE_ALL_THE_SAME)
def test_an_order_made_without_a_good_answer_is_unknown_until_looked_up(simulator, adapter, new_request, fault):
    request = new_request()
    simulator.break_with({"kind": fault, "external_id": request.external_id})
    assert adapter.submit(request).kind is OutcomeKind.UNKNOWN
    assert adapter.lookup(request.external_id, expected=request).kind is OutcomeKind.CONFIRMED


@pytest.mark.parametrize("fault", ["throttle", "error_before_commit", "no_funds", *MADE_ALL_THE_SAME])
def test_trying_again_with_the_same_reference_ends_in_one_payment(simulator, adapter, new_request, fault):
    request, before = new_request(), simulator.state()["spent_cents"]
    simulator.break_with({"kind": fault, "external_id": request.external_id, "times": 2})
    tries = [adapter.submit(request).kind for _ in range(3)]
    assert tries[-1] is OutcomeKind.CONFIRMED
    assert simulator.state()["spent_cents"] == before + 2500


@pytest.mark.parametrize("fault", ["slow", "late"])
def test_an_answer_that_takes_too_long_is_unknown_and_the_money_may_be_gone(simulator, connect, new_request, fault):
    hurried, request = connect(simulator, timeout=httpx.Timeout(0.2)), new_request()
    simulator.break_with({"kind": fault, "external_id": request.external_id, "seconds": 0.6})
    assert hurried.submit(request).kind is OutcomeKind.UNKNOWN
    assert connect(simulator).submit(request).kind is OutcomeKind.CONFIRMED


def test_a_throttled_call_says_how_long_to_wait(simulator, adapter, new_request):
    request = new_request()
    simulator.break_with({"kind": "throttle", "external_id": request.external_id, "seconds": 7})
    assert adapter.submit(request).retry_after == 7


def test_an_order_waiting_for_approval_is_not_yet_paid(simulator, adapter, new_request):
    request = new_request()
    simulator.break_with({"kind": "pending_approval", "external_id": request.external_id})
    outcome = adapter.submit(request)
    assert (outcome.kind, outcome.status) == (OutcomeKind.UNKNOWN, "PENDING APPROVAL")


def test_an_order_that_failed_at_the_provider_is_rejected(simulator, adapter, new_request):
    request = new_request()
    simulator.break_with({"kind": "failed", "external_id": request.external_id})
    outcome = adapter.submit(request)
    assert (outcome.kind, outcome.status) == (OutcomeKind.REJECTED, "FAILED")


def test_a_provider_that_is_not_there_leaves_the_payment_unknown(start_simulator, connect, new_request):
    simulator = start_simulator()
    adapter = connect(simulator)
    simulator.kill()
    assert adapter.submit(new_request()).kind is OutcomeKind.UNKNOWN
    with pytest.raises(ProviderError, match="Try again"):
        adapter.balance()


def test_a_wrong_key_is_rejected_and_stops_the_provider(simulator, connect, new_request):
    outcome = connect(simulator, api_key="TEST_other").submit(new_request())
    assert (outcome.kind, outcome.stops_provider) == (OutcomeKind.REJECTED, True)


def test_a_wrong_key_says_nothing_about_a_payment_looked_up(simulator, connect, adapter, new_request):
    request = new_request()
    adapter.submit(request)
    outcome = connect(simulator, api_key="TEST_other").lookup(request.external_id)
    assert (outcome.kind, outcome.stops_provider) == (OutcomeKind.UNKNOWN, True)


def test_a_link_lost_with_the_answer_is_had_again(simulator, adapter, new_request):
    request = new_request()
    simulator.break_with({"kind": "lost_reply", "external_id": request.external_id})
    adapter.submit(request)
    found = adapter.lookup(request.external_id, expected=request)
    assert found.link is None
    assert adapter.renew_link(found.reward_ref).startswith(simulator.url)


def test_a_reward_sent_by_email_has_no_link(adapter, new_request):
    outcome = adapter.submit(new_request(delivery="email", recipient_email="one@example.org"))
    with pytest.raises(ProviderError, match="403"):
        adapter.renew_link(outcome.reward_ref)


def test_the_balance_falls_by_what_is_paid(start_simulator, connect, new_request):
    adapter = connect(start_simulator())
    adapter.submit(new_request())
    assert adapter.balance() == Balance(available_cents=9_997_500, pending_cents=0, currency="USD")


def test_an_unknown_funding_source_has_no_balance(simulator, connect):
    with pytest.raises(ProviderError, match="Check the funding source"):
        connect(simulator, funding_source_id="OTHER").balance()


def test_neither_key_nor_link_nor_address_is_ever_logged_or_shown(adapter, new_request, caplog):
    caplog.set_level(logging.DEBUG)
    outcome = adapter.submit(new_request())
    secrets = ("TEST_simulator", outcome.link, outcome.link.rpartition("/")[2])
    shown = caplog.text + repr(outcome) + repr(adapter)
    assert [secret for secret in secrets if secret in shown] == []
    assert "one@example.org" not in repr(new_request(delivery="email", recipient_email="one@example.org"))


def test_the_provider_is_loaded_by_its_name(simulator):
    provider = load("tremendous", base_url=simulator.url, api_key="TEST_simulator", campaign_id="CAMPAIGN")
    assert provider.balance().currency == "USD"
    provider.close()


def test_an_unknown_provider_is_named_with_those_there_are():
    with pytest.raises(UnknownProvider, match="tremendous"):
        load("piggy-bank")
    assert "tremendous" in available()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"campaign_id": None}, "campaign"),
        ({"products": ["GIFT"]}, "not both"),
        ({"base_url": "http://api.tremendous.com"}, "https"),
        ({"base_url": "https://"}, "https"),
        ({"api_key": ""}, "key"),
        ({"api_key": "TEST_\n"}, "key"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, reason):
    sound = {"base_url": "https://testflight.tremendous.com/api/v2", "api_key": "TEST_a", "campaign_id": "CAMPAIGN"}
    with pytest.raises(ValueError, match=reason):
        Tremendous(**{**sound, **settings})
