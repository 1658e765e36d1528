import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.specimens.custody import (
    SHIPMENT_FOLLOWS,
    SHIPMENT_LAW,
    Custodian,
    NotAllowed,
    ShipmentEvent,
    ShipmentState,
    advance_shipment,
    custodian_of,
)


def after(events: str) -> ShipmentState:
    state = ShipmentState.DRAFT
    for name in events.split():
        state = advance_shipment(state, ShipmentEvent(name))
    return state


@pytest.mark.parametrize(
    ("events", "state", "custodian"),
    [
        ("", "draft", "clinic"),
        ("packed", "packed", "clinic"),
        ("packed reopened", "draft", "clinic"),
        ("packed voided", "void", "clinic"),
        ("packed handed_over", "handed_over", "carrier"),
        ("packed handed_over carrier_scanned carrier_scanned", "in_transit", "carrier"),
        ("packed handed_over declared_lost", "lost", "carrier"),
        ("packed handed_over declared_lost arrived", "arrived", "biobank"),
        ("packed handed_over arrived receiving_begun", "receiving", "biobank"),
        ("packed handed_over arrived receiving_begun closed", "closed", "biobank"),
        ("packed handed_over arrived receiving_begun closed_with_discrepancy", "closed_with_discrepancy", "biobank"),
        (
            "packed handed_over arrived receiving_begun closed_with_discrepancy discrepancy_resolved",
            "closed",
            "biobank",
        ),
    ],
)
def test_a_shipment_goes_from_draft_to_closed(events: str, state: str, custodian: str) -> None:
    assert (after(events), custodian_of(after(events))) == (ShipmentState(state), Custodian(custodian))


@pytest.mark.parametrize(
    ("events", "event", "words"),
    [
        ("", "handed_over", "still being packed"),
        ("packed handed_over", "voided", "with the carrier"),
        ("packed handed_over arrived", "closed", "temperature"),
        ("packed voided", "packed", "new shipment"),
    ],
)
def test_a_step_out_of_turn_is_refused_with_the_next_one(events: str, event: str, words: str) -> None:
    with pytest.raises(NotAllowed, match=words):
        advance_shipment(after(events), ShipmentEvent(event))


@given(st.sampled_from(ShipmentState), st.sampled_from(ShipmentEvent))
def test_the_table_is_the_whole_law_of_a_shipment(state: ShipmentState, event: ShipmentEvent) -> None:
    if event in SHIPMENT_FOLLOWS[state]:
        assert advance_shipment(state, event) is SHIPMENT_LAW[state][event]
    else:
        with pytest.raises(NotAllowed, match="cannot take that step"):
            advance_shipment(state, event)


@given(st.lists(st.sampled_from(ShipmentEvent), max_size=30))
def test_nothing_comes_back_from_the_carrier_but_by_arriving(events: list[ShipmentEvent]) -> None:
    state = ShipmentState.DRAFT
    for event in events:
        before = custodian_of(state)
        state = SHIPMENT_LAW[state].get(event, state)
        assert before is not Custodian.CARRIER or custodian_of(state) is before or event is ShipmentEvent.ARRIVED


@pytest.mark.parametrize(("event", "code"), [("handed_over", "S41"), ("arrived", "S42"), ("closed", None)])
def test_a_step_carries_its_code_of_the_tracking_standard(event: str, code: str | None) -> None:
    assert ShipmentEvent(event).set_code == code
