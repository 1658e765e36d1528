"""Commands that act on a person: only by a click, only once, only in time, and kept with who asked."""

from datetime import timedelta

import pytest

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, Refused
from biobank.stations import actions
from biobank.stations.device_models import CommandState
from tests.stations.factories import Desk, any_visit, make_desk, make_device

CUFF = {"name": "cuff", "protocol": "suntech", "port": "/dev/by-path/cuff", "state": "connected", "detail": ""}


def desk_with_cuff(tx: Tx, *, window: bool = True, **told: str) -> Desk:
    desk = make_desk(tx)
    make_device(tx, desk.id, "cuff", "suntech")
    actions.note_heartbeat(tx, desk.id, devices=[CUFF | told], spooled=0, skew=timedelta())
    if window:
        actions.open_window(tx, desk.id, any_visit())
    return desk


def start(tx: Tx, desk: Desk, act: str = "start-cuff", device: str = "cuff"):
    return actions.ask_command(tx, desk.id, device=device, act=act)


def test_a_click_is_handed_out_once_with_who_asked_and_for_whom(tx: Tx) -> None:
    desk = desk_with_cuff(tx)
    command = start(tx, desk)
    assert [item.id for item in actions.claim_commands(tx, desk.id)] == [command.id]
    assert actions.claim_commands(tx, desk.id) == []
    assert (command.asked_by, command.visit_id) == (tx.actor.name, actions.window_of(tx, desk.id).visit_id)


def test_a_start_that_nobody_fetched_in_five_seconds_is_never_sent(tx: Tx, noon: object) -> None:
    desk = desk_with_cuff(tx)
    command = start(tx, desk)
    with clock.at(clock.now() + timedelta(seconds=5)):
        assert actions.claim_commands(tx, desk.id) == []
    tx.session.refresh(command)
    assert command.state is CommandState.EXPIRED


def test_a_second_click_while_the_first_is_on_its_way_is_refused(tx: Tx) -> None:
    desk = desk_with_cuff(tx)
    start(tx, desk)
    with pytest.raises(Conflict, match="on its way"):
        start(tx, desk)


def test_a_stop_takes_back_a_start_that_was_not_sent(tx: Tx) -> None:
    desk = desk_with_cuff(tx)
    start(tx, desk)
    start(tx, desk, "stop-cuff")
    assert [item.act for item in actions.claim_commands(tx, desk.id)] == ["stop-cuff"]


@pytest.mark.parametrize(("device", "act"), [("scale", "start-cuff"), ("cuff", "zero"), ("nothing", "start-cuff")])
def test_only_what_a_device_in_use_knows_can_be_asked(tx: Tx, device: str, act: str) -> None:
    with pytest.raises(Invalid, match="cannot be told"):
        start(tx, desk_with_cuff(tx), act, device)


def test_no_cuff_starts_without_an_open_visit(tx: Tx) -> None:
    with pytest.raises(Conflict, match="Check the participant in first"):
        start(tx, desk_with_cuff(tx, window=False))


def test_a_device_that_does_not_answer_is_not_told(tx: Tx) -> None:
    with pytest.raises(Conflict, match="does not answer"):
        start(tx, desk_with_cuff(tx, state="missing"))


def test_the_first_word_about_a_command_stands(tx: Tx) -> None:
    desk = desk_with_cuff(tx)
    start(tx, desk)
    [command] = actions.claim_commands(tx, desk.id)
    actions.report_command(tx, desk.id, command.id, CommandState.SENT, "")
    actions.report_command(tx, desk.id, command.id, CommandState.SENT, "again")
    with pytest.raises(Refused, match="sent already"):
        actions.report_command(tx, desk.id, command.id, CommandState.FAILED, "")
    assert (command.state, command.detail) == (CommandState.SENT, "")
