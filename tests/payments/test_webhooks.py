"""Webhooks: signed over the raw body or refused, kept once, and never believed: they only make us ask."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import sqlalchemy as sa
from flask import Flask

from biobank import clock
from biobank.config import Settings
from biobank.db import Databases
from biobank.payments import asking
from biobank.payments.models import Disbursement, ExceptionKind, Hint, ReconException, State
from biobank.payments.providers.hooks import HEADER, HookRefused, read_signed, signature
from tests.payments.conftest import Worker
from tests.payments.factories import make_payments, states_of
from tests.payments.providers.conftest import Simulator

PATH, KEY = "/api/v1/webhooks/tremendous", "a webhook's key"
WorkerOf = Callable[..., Worker]


def _body(reference: str = "REWARD1", event: str = "REWARDS.DELIVERY.FAILED", kind: str = "rewards") -> bytes:
    return json.dumps({"uuid": str(uuid4()), "event": event, "created_utc": "2026-11-20T18:00:00Z",
                       "payload": {"resource": {"id": reference, "type": kind}, "meta": {}}}).encode()  # fmt: skip


@pytest.fixture
def keyed(app: Flask, settings: Settings, tmp_path: Path) -> Flask:
    """The application with the key of the provider's webhooks."""
    key_file = tmp_path / "webhook.key"
    key_file.write_text(KEY + "\n")
    app.extensions["biobank.settings"] = replace(settings, payment_webhook_key_file=key_file)
    return app


def _send(app: Flask, raw: bytes, signed: str | None = None) -> int:
    headers = {HEADER: signature(raw, KEY) if signed is None else signed}
    return app.test_client().post(PATH, data=raw, headers=headers).status_code


def _hints(databases: Databases) -> list[Hint]:
    with databases.transaction(read_only=True) as tx:
        return list(tx.session.scalars(sa.select(Hint).order_by(Hint.id)))


def _questions(databases: Databases) -> list[ExceptionKind]:
    with databases.transaction(read_only=True) as tx:
        return list(tx.session.scalars(sa.select(ReconException.kind)))


def _payment(databases: Databases) -> Disbursement:
    with databases.transaction(read_only=True) as tx:
        return tx.session.scalars(sa.select(Disbursement)).one()


def _ask(worker: Worker, times: int = 3) -> None:
    for _ in range(times):
        asking.ask_next(worker.till)


def test_the_same_event_again_and_again_is_one_hint(keyed: Flask, databases: Databases) -> None:
    raw = _body()
    assert {_send(keyed, raw) for _ in range(100)} == {204}
    assert len(_hints(databases)) == 1


def test_what_is_not_signed_with_the_key_over_these_very_bytes_is_refused(keyed: Flask, databases: Databases) -> None:
    raw = _body()
    right = signature(raw, KEY)
    forged = ["", "sha256=", right[:-1] + "g", signature(raw, "another key"), signature(raw + b" ", KEY), right.upper()]
    assert {_send(keyed, raw, signed) for signed in forged} == {403}
    assert _hints(databases) == []


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"uuid": 1}', b"\xff", b'{"uuid":"a","event":"b","payload":[]}',
                                 _body("x" * 300), b" " * 70_000])  # fmt: skip
def test_a_signed_body_that_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(HookRefused):
        read_signed(raw, signature(raw, KEY), KEY)


def test_a_provider_without_a_key_or_a_name_takes_no_webhooks(app: Flask) -> None:
    raw = _body()
    assert _send(app, raw) == 404
    assert app.test_client().post("/api/v1/webhooks/nobody", data=raw).status_code == 404


def test_a_hint_of_failure_is_not_believed_but_asked_about(
    keyed: Flask, databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    worker = worker_of(provider)
    worker.work()
    assert _send(keyed, _body(str(_payment(databases).reward_ref))) == 204
    _ask(worker)
    assert (_questions(databases), states_of(databases)) == ([], {State.SENT: 1})
    assert [hint.came_of_it for hint in _hints(databases)] == [asking.ASKED]


def test_a_failed_delivery_becomes_a_question_to_finance_once(
    keyed: Flask, databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    provider.break_with({"kind": "undelivered"})
    worker = worker_of(provider)
    worker.work()
    for _ in range(2):
        _send(keyed, _body(str(_payment(databases).reward_ref), event="REWARDS.SOMETHING.NEW"))
        _ask(worker)
    assert (_questions(databases), states_of(databases)) == ([ExceptionKind.DELIVERY_FAILED], {State.SENT: 1})


def test_a_hint_that_comes_before_our_own_record_is_taken_up_again(
    keyed: Flask, databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    provider.break_with({"kind": "undelivered"})
    worker = worker_of(provider)
    _send(keyed, _body("A-REWARD-NOT-YET-KNOWN"))
    _ask(worker)
    worker.work()
    with databases.transaction() as tx:
        tx.session.execute(sa.update(Hint).values(resource_ref=_payment(databases).reward_ref))
    with clock.at(clock.now() + asking.SOON):
        _ask(worker)
    assert _questions(databases) == [ExceptionKind.DELIVERY_FAILED]


def test_a_hint_about_nothing_of_ours_is_given_up_after_an_hour(
    keyed: Flask, databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    _send(keyed, _body("SOMEBODY-ELSES"))
    with clock.at(clock.now() + timedelta(hours=2)):
        _ask(worker_of(provider))
    assert [(hint.came_of_it, hint.done_at is None) for hint in _hints(databases)] == [(asking.STRANGE, False)]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def door(keyed: Flask) -> Iterator[str]:
    """The application at a port, as the provider reaches it."""
    server = make_server("127.0.0.1", 0, keyed, handler_class=_Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{PATH}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_simulated_provider_s_double_and_forged_posts_leave_one_hint_each(
    door: str, databases: Databases, start_provider: Callable[..., Simulator], worker_of: WorkerOf
) -> None:
    provider = start_provider("--webhook", door, "--webhook-key", KEY)
    make_payments(databases, 4)
    with databases.transaction() as tx:
        doubled = tx.session.scalars(sa.select(Disbursement.external_id)).first()
    provider.break_with({"kind": "hook_twice", "external_id": doubled}, {"kind": "hook_forged"})
    worker_of(provider).work()
    provider.wait_for_posts()
    assert (len(_hints(databases)), provider.state()["posts_refused"]) == (4, 3)


def test_a_post_outlives_the_provider_s_process(
    door: str, databases: Databases, start_provider: Callable[..., Simulator], worker_of: WorkerOf
) -> None:
    provider = start_provider("--webhook", door, "--webhook-key", KEY)
    make_payments(databases, 1)
    provider.break_with({"kind": "hook_late", "seconds": 0.3})
    worker_of(provider).work()
    provider.kill()
    provider.start()
    provider.wait_for_posts()
    assert len(_hints(databases)) == 1


def test_a_reward_that_could_not_be_delivered_is_cancelled_and_its_money_is_on_the_statement(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    provider.break_with({"kind": "undelivered"})
    worker = worker_of(provider)
    worker.work()
    reward = str(_payment(databases).reward_ref)
    assert worker.till.provider.cancel(reward)
    assert worker.till.provider.cancel(reward)
    assert (provider.state()["spent_cents"], provider.statement().count(b"Refund of order")) == (0, 1)


def test_a_delivered_reward_is_not_cancelled(databases: Databases, provider: Simulator, worker_of: WorkerOf) -> None:
    make_payments(databases, 1)
    worker = worker_of(provider)
    worker.work()
    assert not worker.till.provider.cancel(str(_payment(databases).reward_ref))
    assert provider.state()["spent_cents"] == 2500
