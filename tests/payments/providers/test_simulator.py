"""The simulated provider: durable books, true statement, faults that repeat from a seed."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank import clock
from biobank.payments.matching import Transfer, match
from biobank.payments.providers.base import OutcomeKind
from biobank.payments.simulator.faults import Fault, FaultKind, Plan, PlanRefused, read_plan
from biobank.payments.statements import read_csv


def shown(request):
    """The movement that a paid request makes on the statement."""
    return Transfer(request.external_id, request.external_id, -request.amount_cents, clock.now().date())


def test_a_killed_provider_still_knows_every_order_it_answered(start_simulator, connect, new_request):
    simulator = start_simulator()
    requests = [new_request() for _ in range(5)]
    paid = [connect(simulator).submit(request).provider_ref for request in requests]
    simulator.kill()
    simulator.start()
    again = connect(simulator)
    assert [again.submit(request).provider_ref for request in requests] == paid
    assert simulator.state()["spent_cents"] == 5 * 2500


def test_a_killed_provider_still_follows_its_plan(start_simulator, connect, new_request):
    simulator, request = start_simulator(), new_request()
    simulator.break_with({"kind": "throttle", "external_id": request.external_id, "times": 2})
    connect(simulator).submit(request)
    simulator.kill()
    simulator.start()
    adapter = connect(simulator)
    assert [adapter.submit(request).kind for _ in range(2)] == [OutcomeKind.THROTTLED, OutcomeKind.CONFIRMED]


def test_one_reference_sent_by_many_at_once_pays_once(simulator, adapter, new_request):
    request, before = new_request(), simulator.state()["spent_cents"]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(adapter.submit, [request] * 32))
    assert len({outcome.provider_ref for outcome in outcomes}) == 1
    assert simulator.state()["spent_cents"] == before + 2500


def test_a_provider_without_money_makes_nothing(start_simulator, connect, new_request):
    simulator = start_simulator("--balance-cents", "4999")
    adapter = connect(simulator)
    kinds = [adapter.submit(new_request()).kind for _ in range(2)]
    assert kinds == [OutcomeKind.CONFIRMED, OutcomeKind.NO_FUNDS]
    assert simulator.state()["balance_cents"] == 2499


def test_more_requests_than_allowed_in_a_second_are_throttled(start_simulator, connect, new_request):
    adapter = connect(start_simulator("--rate", "1"))
    request = new_request()
    with ThreadPoolExecutor(4) as pool:
        kinds = set(pool.map(lambda _: adapter.submit(request).kind, range(8)))
    assert OutcomeKind.THROTTLED in kinds


def test_the_statement_shows_each_paid_order_and_its_fee_once(start_simulator, connect, new_request):
    simulator, requests = start_simulator("--fee-cents", "35"), [new_request() for _ in range(3)]
    adapter = connect(simulator)
    assert [adapter.submit(request).fee_cents for request in requests] == [35, 35, 35]
    statement = read_csv(simulator.statement())
    assert [line.amount_cents for line in statement.lines] == [-2500, -35] * 3
    assert [line.text.split()[2] for line in statement.lines[::2]] == [request.external_id for request in requests]


def test_after_faults_of_every_kind_the_statement_matches_every_payment_once(start_simulator, connect, new_request):
    simulator, requests = start_simulator(), [new_request() for _ in range(40)]
    kinds = ("throttle", "error_before_commit", "error_after_commit", "lost_reply", "no_funds", "garbled")
    simulator.break_with(*({"kind": kind, "share": 0.3} for kind in kinds))
    for adapter in [connect(simulator)] * (len(kinds) + 1):
        last = {adapter.submit(request).kind for request in requests}
    found = match(read_csv(simulator.statement()).lines, [shown(request) for request in requests])
    assert last == {OutcomeKind.CONFIRMED}
    assert len(found.confirmed) == len(requests)
    assert (found.ambiguous, found.exceptions, found.unmatched_lines) == ((), (), ())


def test_an_order_is_found_by_its_id_and_by_our_reference(simulator, adapter, new_request):
    request = new_request()
    paid = adapter.submit(request)
    found = [simulator.call("GET", f"/api/v2/orders/{key}").json() for key in (paid.provider_ref, request.external_id)]
    assert found[0] == found[1]
    assert "link" not in found[0]["order"]["rewards"][0]["delivery"]


def test_balance_transactions_run_down_from_the_newest(start_simulator, connect, new_request):
    simulator = start_simulator()
    adapter = connect(simulator)
    newest = [adapter.submit(new_request()) for _ in range(2)][1]
    listed = simulator.call("GET", "/api/v2/balance_transactions?limit=1").json()
    assert listed["total_count"] == 2
    assert (listed["transactions"][0]["balance"], listed["transactions"][0]["order"]["id"]) == (
        99_950.0,
        newest.provider_ref,
    )


def test_an_order_list_comes_in_pages(simulator, adapter, new_request):
    for _ in range(2):
        adapter.submit(new_request())
    first, second = (
        simulator.call("GET", f"/api/v2/orders?limit=1&offset={offset}").json()["orders"] for offset in (0, 1)
    )
    assert (len(first), len(second), first != second) == (1, 1, True)


SOUND = {
    "external_id": "BB-1",
    "payment": {"funding_source_id": "BALANCE"},
    "reward": {
        "campaign_id": "C",
        "value": {"denomination": 25, "currency_code": "USD"},
        "delivery": {"method": "LINK"},
    },
}


@pytest.mark.parametrize(
    "change",
    [
        {"value": {"denomination": 0, "currency_code": "USD"}},
        {"value": {"denomination": 25.001, "currency_code": "USD"}},
        {"value": {"denomination": "25", "currency_code": "USD"}},
        {"value": {"denomination": 25, "currency_code": "XXX"}},
        {"delivery": {"method": "PIGEON"}},
        {"delivery": {"method": ["LINK"]}},
        {"delivery": {"method": "EMAIL"}},
        {"recipient": {"email": ["a"]}},
        {"campaign_id": None},
    ],
)
def test_an_order_that_makes_no_sense_is_a_400(simulator, change):
    body = {**SOUND, "external_id": "BB-SENSELESS", "reward": {**SOUND["reward"], **change}}
    answer = simulator.call("POST", "/api/v2/orders", json=body)
    assert (answer.status_code, bool(answer.json()["errors"]["message"])) == (400, True)
    assert simulator.call("GET", "/api/v2/orders/BB-SENSELESS").status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b'{"reward": 1}', b"\xff"])
def test_a_body_that_is_no_order_is_a_400(simulator, body):
    assert simulator.call("POST", "/api/v2/orders", content=body).status_code == 400


def test_a_page_that_does_not_exist_is_a_404(simulator):
    assert simulator.call("GET", "/api/v2/nothing").status_code == 404
    assert simulator.call("GET", "/gift/nothing").status_code == 404


def test_a_plan_that_cannot_be_read_leaves_the_old_one(start_simulator, connect, new_request):
    simulator = start_simulator()
    simulator.break_with({"kind": "throttle"})
    assert simulator.call("POST", "/simulator/faults", json=[{"kind": "flood"}]).status_code == 400
    assert connect(simulator).submit(new_request()).kind is OutcomeKind.THROTTLED


def test_a_plan_in_a_file_holds_from_the_first_order(start_simulator, connect, new_request, tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text('[{"kind": "no_funds"}]')
    adapter = connect(start_simulator("--faults", str(plan)))
    assert adapter.submit(new_request()).kind is OutcomeKind.NO_FUNDS


def test_a_plan_that_is_no_plan_stops_the_start_with_a_reason(tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text("nonsense")
    module = ["-m", "biobank.payments.simulator", "--data", str(tmp_path), "--faults", str(plan)]
    ended = subprocess.run([sys.executable, *module], capture_output=True, text=True, check=False)
    assert (ended.returncode, "not JSON" in ended.stderr) == (2, True)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "7",
        '{"faults": 1}',
        '[{"kind": "flood"}]',
        "[1]",
        '[{"kind": "slow", "seconds": -1}]',
        '[{"kind": "slow", "share": 2}]',
        '[{"kind": "slow", "times": 0}]',
        '[{"kind": "slow", "times": "two"}]',
        '[{"kind": "slow", "other": 1}]',
        '{"seed": "a"}',
    ],
)
def test_a_fault_plan_with_a_mistake_is_refused(source):
    with pytest.raises(PlanRefused):
        read_plan(source)


def test_faults_of_one_order_follow_one_another_and_then_end():
    plan = Plan(faults=(Fault(FaultKind.THROTTLE, "BB-1", times=2), Fault(FaultKind.LOST_REPLY, "BB-1")))
    met = [plan.fault_for("BB-1", attempt) for attempt in range(1, 5)]
    assert [fault and fault.kind for fault in met] == ["throttle", "throttle", "lost_reply", None]
    assert plan.fault_for("BB-2", 1) is None


def test_a_share_of_the_orders_is_drawn_from_the_seed():
    met = [
        [Plan(seed, (Fault(FaultKind.SLOW, share=0.3),)).fault_for(f"BB-{n}", 1) for n in range(1000)]
        for seed in (1, 1, 2)
    ]
    assert met[0] == met[1] != met[2]
    assert 250 < sum(fault is not None for fault in met[0]) < 350


@given(
    st.builds(
        Plan,
        st.integers(),
        st.lists(
            st.builds(
                Fault,
                st.sampled_from(FaultKind),
                st.none() | st.text(),
                st.floats(0, 1),
                st.integers(1, 9),
                st.floats(0, 9),
            )
        ).map(tuple),
    )
)
def test_a_plan_survives_being_written_down(plan):
    assert read_plan(plan.as_json()) == plan
