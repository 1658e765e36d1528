"""The station's word about its devices."""

import logging

import pytest

from biobank import clock
from biobank.devices.board import Board, Entry, State
from biobank.devices.heartbeat import Heartbeat
from biobank.devices.spool import Spool
from biobank.devices.uplink import Uplink
from tests.conftest import NOON
from tests.devices.desk_server import DeskServer
from tests.devices.running import running


@pytest.fixture
def board() -> Board:
    return Board([Entry("scale", "healthometer", "/dev/scale")])


def test_a_heartbeat_names_every_device_and_what_waits(server: DeskServer, board: Board, spool: Spool, uplink: Uplink):
    spool.append({})
    with running(Heartbeat(board, spool, uplink).run, board.changed.set):
        body = server.await_action("heartbeat")
    assert body["spooled"] == 1
    assert body["devices"][0]["name"] == "scale"


def test_a_change_is_told_at_once(server: DeskServer, board: Board, spool: Spool, uplink: Uplink):
    with running(Heartbeat(board, spool, uplink).run, board.changed.set):
        server.await_action("heartbeat")
        board.state("scale", State.BUSY, "in use")
        body = server.await_action("heartbeat", seconds=2)
    assert (body["devices"][0]["state"], body["devices"][0]["detail"]) == ("busy", "in use")


def test_a_good_frame_shows_its_time_and_clears_the_trouble(board: Board):
    board.state("scale", State.ERROR, "overload")
    board.frame("scale", NOON)
    shown = board.entries()[0].as_json()
    assert (shown["state"], shown["last_frame_at"], shown["detail"]) == ("connected", "2026-11-20T18:00:00.000Z", "")


def test_a_clock_more_than_five_minutes_off_is_noticed(
    server: DeskServer, board: Board, spool: Spool, uplink: Uplink, caplog: pytest.LogCaptureFixture
):
    heartbeat = Heartbeat(board, spool, uplink)
    server.answers["heartbeat"] = lambda body: (200, {"server_time": "2026-11-20T17:54:59Z"})
    with clock.at(NOON), caplog.at_level(logging.WARNING), running(heartbeat.run, board.changed.set):
        server.await_action("heartbeat")
    assert heartbeat.skewed
    assert "301 seconds off" in caplog.text


def test_a_heartbeat_the_server_cannot_answer_is_tried_again(
    server: DeskServer, board: Board, spool: Spool, uplink: Uplink
):
    server.drops = 1
    with running(Heartbeat(board, spool, uplink).run, board.changed.set):
        assert server.await_action("heartbeat")
