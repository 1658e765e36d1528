"""What odd answers prove: statuses, shapes and headers that a real provider may send one day."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank import clock
from biobank.payments.providers.base import OutcomeKind, PaymentRequest, ProviderError
from biobank.payments.providers.judgement import retry_after
from biobank.payments.providers.tremendous import Tremendous

REQUEST = PaymentRequest(external_id="BB-000001-1", amount_cents=2500)


def order(**changes):
    """An executed order equal to REQUEST, but for the changes given."""
    reward = {
        "id": "REWARD",
        "value": {"denomination": changes.pop("denomination", 25.0), "currency_code": changes.pop("currency", "USD")},
        "delivery": {"method": changes.pop("method", "LINK"), "status": "SUCCEEDED", "link": changes.pop("link", None)},
    }
    return {"id": "ORDER", "external_id": "BB-000001-1", "status": "EXECUTED", "rewards": [reward], **changes}


def answering(status, content, headers=None):
    """An adapter whose provider gives this one answer."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body, headers=headers))
    client = httpx.Client(transport=transport)
    return Tremendous(base_url="https://provider.example", api_key="TEST_a", campaign_id="C", client=client)


def submit(status, content, headers=None):
    return answering(status, content, headers).submit(REQUEST)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_the_order_itself_confirms_whatever_the_success_code(status):
    assert submit(status, {"order": order()}).kind is OutcomeKind.CONFIRMED


def test_an_amount_without_decimals_is_the_same_amount():
    assert submit(200, {"order": order(denomination=25)}).kind is OutcomeKind.CONFIRMED


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "rejected"), (401, "rejected"), (422, "rejected"), (402, "no_funds"), (429, "throttled")]
    + [(code, "unknown") for code in (204, 302, 403, 404, 409, 500, 502, 503, 504)],
)
def test_every_refusal_has_its_class(status, kind):
    assert submit(status, {"errors": {"message": "no"}}).kind == kind


@pytest.mark.parametrize(
    "change",
    [
        {"denomination": 25.01},
        {"denomination": 2500},
        {"denomination": -25},
        {"currency": "CAD"},
        {"external_id": "BB-000001-2"},
        {"external_id": None},
        {"method": "EMAIL"},
        {"status": "CANCELED"},
        {"status": "PENDING SETTLEMENT"},
        {"status": "A STATUS OF TOMORROW"},
    ],
)
def test_an_order_that_differs_from_ours_is_unknown(change):
    assert submit(201, {"order": order(**change)}).kind is OutcomeKind.UNKNOWN


def test_a_failed_order_of_another_reference_is_unknown_not_rejected():
    assert submit(201, {"order": order(status="FAILED", external_id="X-1")}).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"order": null}',
        b'{"order": {"id": 1}}',
        b'{"order": ' + b"[" * 100_000,
        b"\xff\xfe",
        b'{"order": NaN}',
        json.dumps({"order": order(rewards=[])}).encode(),
        json.dumps({"order": order(denomination="25.00")}).encode(),
        json.dumps({"order": order(denomination=True)}).encode(),
        json.dumps({"order": order()}).replace("25.0", "25.000000000000000000000000000001").encode(),
        json.dumps({"order": order()}).replace("25.0", "1e999999999").encode(),
        json.dumps({"order": order()}).replace("25.0", "9" * 5000).encode(),
        b" " * 2_000_000,
    ],
)
def test_a_body_that_cannot_be_read_is_unknown(body):
    assert submit(200, body).kind is OutcomeKind.UNKNOWN


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda item: (
            st.lists(item)
            | st.dictionaries(
                st.sampled_from(["order", "orders", "rewards", "id", "value", "delivery", "status"]), item
            )
        ),
    )
)
def test_no_json_at_all_makes_the_adapter_raise_or_confirm(document):
    assert submit(200, document).kind is OutcomeKind.UNKNOWN
    assert answering(200, document).lookup("BB-000001-1").kind in {OutcomeKind.UNKNOWN, OutcomeKind.ABSENT}


@pytest.mark.parametrize(("status", "body"), [(404, {}), (200, {}), (200, {"orders": None}), (400, {}), (402, {})])
def test_only_an_empty_list_proves_an_order_absent(status, body):
    assert answering(status, body).lookup("BB-000001-1").kind is OutcomeKind.UNKNOWN
    assert answering(200, {"orders": []}).lookup("BB-000001-1").kind is OutcomeKind.ABSENT


def test_two_orders_under_one_reference_are_unknown():
    assert answering(200, {"orders": [order(), order()]}).lookup("BB-000001-1").kind is OutcomeKind.UNKNOWN


def test_a_list_that_ignores_the_question_is_unknown():
    assert answering(200, {"orders": [order(external_id="OTHER")]}).lookup("BB-000001-1").kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://provider.example/x", "data:text/html,x", "https://[", 7]
)
def test_a_link_that_is_not_safe_to_open_is_dropped(link):
    outcome = submit(200, {"order": order(link=link)})
    assert (outcome.kind, outcome.link) == (OutcomeKind.CONFIRMED, None)


def test_a_safe_link_is_kept():
    assert submit(200, {"order": order(link="https://provider.example/x")}).link == "https://provider.example/x"


@pytest.mark.parametrize("name", ["error", "errors"])
def test_the_providers_words_are_kept_without_people_links_and_keys(name):
    said = "one@example.org +1 617 555 0199 https://x.example/y TEST_abc may not"
    outcome = submit(422, {name: {"message": said, "payload": {"recipient": {"name": "Somebody"}}}})
    assert outcome.detail == "The provider answered 422. [removed] [removed] [removed] [removed] may not"


def test_a_name_echoed_by_the_provider_is_removed():
    request = PaymentRequest("BB-000001-1", 2500, recipient_name="Ana Example")
    outcome = answering(422, {"errors": {"message": "Ana Example is too short"}}).submit(request)
    assert outcome.detail == "The provider answered 422. [removed] is too short"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        *[(None, 1), ("5", 5), ("0", 0), ("99999999999999", 900), ("-1", 1), ("soon", 1), ("١", 1)],
        ("Sat, 21 Nov 2026 10:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 09:00:00 GMT", 1),
        ("Sun, 21 Nov 2027 10:00:00 GMT", 900),
    ],
)
def test_a_pause_is_read_from_seconds_or_a_date(header, seconds):
    with clock.at(datetime(2026, 11, 21, 10, tzinfo=UTC)):
        assert retry_after(header) == seconds


def source(**meta):
    return {"funding_sources": [{"id": "S", "method": "balance", "meta": meta}]}


def test_a_balance_is_read_in_cents():
    balance = answering(200, source(available_cents=123, pending_cents=4, currency_code="USD")).balance()
    assert (balance.available_cents, balance.pending_cents) == (123, 4)


@pytest.mark.parametrize(
    "document",
    [
        {},
        source(),
        source(available_cents="1"),
        source(available_cents=1.5),
        source(available_cents=None),
        [],
        {"funding_sources": [7]},
    ],
)
def test_a_balance_that_cannot_be_read_is_an_error_never_zero(document):
    with pytest.raises(ProviderError):
        answering(200, document).balance()


@pytest.mark.parametrize(("told", "kind"), [("+1 617 555 0142", "confirmed"), ("+1 617 555 0143", "unknown")])
def test_a_phone_number_is_compared_by_its_digits(told, kind):
    request = PaymentRequest("BB-000001-1", 2500, delivery="phone", recipient_phone="(617) 555-0142")
    answer = order(method="PHONE")
    answer["rewards"][0]["recipient"] = {"phone": told}
    assert answering(200, {"order": answer}).submit(request).kind == kind


def test_a_lookup_without_an_answer_is_unknown():
    def hang_up(request):
        raise httpx.ReadTimeout("too slow", request=request)

    client = httpx.Client(transport=httpx.MockTransport(hang_up))
    provider = Tremendous(base_url="https://provider.example", api_key="TEST_a", campaign_id="C", client=client)
    assert provider.lookup("BB-000001-1").kind is OutcomeKind.UNKNOWN


def test_the_amount_is_sent_with_its_cents():
    sent = []
    transport = httpx.MockTransport(lambda request: sent.append(request.content) or httpx.Response(500))
    client = httpx.Client(transport=transport)
    provider = Tremendous(base_url="https://provider.example", api_key="TEST_a", products=["GIFT"], client=client)
    provider.submit(REQUEST)
    assert b'"denomination": 25.00,' in sent[0]
    assert json.loads(sent[0])["reward"]["recipient"] == {"name": None}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"external_id": "a b c"}, "reference"),
        ({"external_id": "../orders"}, "reference"),
        ({"amount_cents": 0}, "more than zero"),
        ({"currency": "usd"}, "currency"),
        ({"delivery": "email"}, "e-mail"),
        ({"delivery": "phone"}, "phone"),
    ],
)
def test_a_payment_that_cannot_be_asked_for_is_refused_before_any_call(fields, reason):
    with pytest.raises(ValueError, match=reason):
        PaymentRequest(**{"external_id": "BB-000001-1", "amount_cents": 2500, **fields})
