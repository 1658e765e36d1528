"""Readings reach the server once each, whatever happens on the way."""

import threading
from typing import Any

import pytest

from biobank.devices.delivery import BATCH, Delivery, refused_seqs
from biobank.devices.spool import Spool
from biobank.devices.uplink import Refusal, Unreachable, Uplink
from tests.devices.desk_server import Answer, DeskServer
from tests.devices.running import running


@pytest.fixture
def delivery(spool: Spool, uplink: Uplink) -> Delivery:
    return Delivery(spool, uplink)


def test_what_waits_is_delivered_and_leaves_the_store(server: DeskServer, spool: Spool, delivery: Delivery):
    seqs = [spool.append({"kind": "scan", "text": text}) for text in "abc"]
    with running(delivery.run, delivery.wake):
        body = server.await_action("readings")
    assert [reading["seq"] for reading in body["readings"]] == seqs
    assert (spool.count(), server.forged) == (0, [])


def test_a_reading_kept_while_idle_is_delivered_at_once(server: DeskServer, spool: Spool, delivery: Delivery):
    with running(delivery.run, delivery.wake):
        for text in "ab":
            seq = spool.append({"text": text})
            delivery.wake()
            assert server.await_action("readings", seconds=2)["readings"][0]["seq"] == seq


def test_every_reading_arrives_and_is_acknowledged_once_when_answers_are_lost(
    server: DeskServer, spool: Spool, delivery: Delivery
):
    server.drops = 2
    seqs = [spool.append({"text": str(number)}) for number in range(5)]
    with running(delivery.run, delivery.wake):
        server.await_action("readings")
    assert server.acknowledged == seqs
    assert spool.count() == 0


def test_a_batch_sent_again_has_the_same_idempotency_key(server: DeskServer, spool: Spool, delivery: Delivery):
    server.drops = 1
    spool.append({"text": "a"})
    with running(delivery.run, delivery.wake):
        server.await_action("readings")
    assert len(server.keys) == 2
    assert len(set(server.keys)) == 1


def test_a_backlog_goes_in_batches_of_at_most_200_in_order(server: DeskServer, spool: Spool, delivery: Delivery):
    seqs = [spool.append({}) for _ in range(BATCH + 50)]
    with running(delivery.run, delivery.wake):
        sizes = [len(server.await_action("readings")["readings"]) for _ in range(2)]
    assert (sizes, server.acknowledged) == ([200, 50], seqs)


def test_a_reading_the_server_names_is_parked_and_the_others_delivered(
    server: DeskServer, spool: Spool, delivery: Delivery
):
    seqs = [spool.append({"text": text}) for text in "abc"]

    def refuse(body: dict[str, Any]) -> Answer:
        server.answers.clear()
        return 422, {"title": "Refused", "refused": [{"seq": seqs[1], "reason": "The unit is unknown."}]}

    server.answers["readings"] = refuse
    with running(delivery.run, delivery.wake):
        server.await_action("readings")
        server.await_action("readings")
    assert server.acknowledged == [seqs[0], seqs[2]]
    assert [(parked.seq, parked.reason) for parked in spool.refused()] == [(seqs[1], "The unit is unknown.")]


def test_a_reading_the_server_refuses_without_a_name_is_found_and_parked(
    server: DeskServer, spool: Spool, delivery: Delivery
):
    seqs = [spool.append({"text": str(number)}) for number in range(7)]

    def refuse_the_fifth(body: dict[str, Any]) -> Answer:
        if any(reading["seq"] == seqs[4] for reading in body["readings"]):
            return 422, {"detail": "Something is wrong."}
        return 200, {"acknowledged": [reading["seq"] for reading in body["readings"]], "duplicates": []}

    server.answers["readings"] = refuse_the_fifth
    with running(delivery.run, delivery.wake):
        while server.await_action("readings")["readings"][0]["seq"] != seqs[5]:
            assert len(spool.refused()) <= 1
    assert [parked.seq for parked in spool.refused()] == [seqs[4]]
    assert spool.count() == 0


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_nothing_is_parked_when_the_server_is_not_itself(
    server: DeskServer, spool: Spool, delivery: Delivery, status: int
):
    spool.append({})

    def refuse(body: dict[str, Any]) -> Answer:
        server.answers.clear()
        return status, {"title": "Not now"}

    server.answers["readings"] = refuse
    with running(delivery.run, delivery.wake):
        server.await_action("readings")
        server.await_action("readings")
    assert (spool.count(), spool.refused()) == (0, [])


def test_an_answer_that_acknowledges_nothing_loses_nothing(server: DeskServer, spool: Spool, delivery: Delivery):
    server.answers["readings"] = lambda body: (200, {"acknowledged": [], "duplicates": []})
    spool.append({})
    with running(delivery.run, delivery.wake):
        server.await_action("readings")
    assert spool.count() == 1


def test_a_store_that_cannot_be_read_does_not_end_the_delivery(spool: Spool, delivery: Delivery):
    spool.close()
    assert delivery._deliver(threading.Event())
    assert "check the disk" in delivery.trouble


def test_a_problem_may_name_one_reading_or_several():
    batch = [{"seq": 1}, {"seq": 2}, {"seq": 3}]
    assert refused_seqs({"seq": 2, "title": "Too old"}, batch) == {2: "Too old"}
    assert refused_seqs({"refused": [{"seq": 1, "detail": "a"}, {"seq": 3, "reason": "b"}, 7]}, batch) == {
        1: "a",
        3: "b",
    }
    assert refused_seqs({"seq": 9, "refused": "all"}, batch) == {}


def test_a_page_of_a_sign_in_portal_is_not_the_server(server: DeskServer, uplink: Uplink):
    server.answers["heartbeat"] = lambda body: (302, {})
    with pytest.raises(Unreachable, match="Something other"):
        uplink.post("heartbeat", {})


def test_a_refusal_carries_the_servers_words(server: DeskServer, uplink: Uplink):
    server.answers["heartbeat"] = lambda body: (403, {"detail": "This station was withdrawn."})
    with pytest.raises(Refusal, match="This station was withdrawn"):
        uplink.post("heartbeat", {})
