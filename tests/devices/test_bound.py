"""What the server binds: listened to at once, kept for a start without it, and never twice on one port."""

import threading
import time
from pathlib import Path

import pytest

from biobank.devices import orders
from biobank.devices.board import Board, State
from biobank.devices.crew import Crew
from biobank.devices.ear import Ear
from biobank.devices.telling import Telling
from tests.devices.cables import Cable
from tests.devices.frames import TANITA
from tests.devices.running import running

ENTRY = {"name": "scale", "protocol": "tanita", "port": "/dev/one", "settings": {"baud": 9600, "bits": 8, "parity": "N",
                                                                              "stop_bits": 1}}  # fmt: skip


def crew(fixed=(), keep=lambda _body: None) -> tuple[Crew, Board]:
    board = Board([])
    return Crew(fixed, board, keep, lambda _name, run, stop: run(stop)), board


def test_a_bound_device_is_heard_and_an_unbound_one_is_let_go(tmp_path: Path):
    cable, kept, heard = Cable(tmp_path / "port"), [], threading.Event()
    hands, board = crew(keep=lambda body: (kept.append(body), heard.set()))
    hands.assign(orders.read([ENTRY | {"port": str(tmp_path / "port")}]))
    while board.entries()[0].state is not State.CONNECTED:
        assert board.changed.wait(15)
        board.changed.clear()
    cable.send(TANITA)
    assert heard.wait(15)
    hands.assign([])
    assert (kept[0]["device"], board.entries()) == ("scale", [])
    hands.close()
    cable.unplug()


def test_a_device_whose_settings_change_is_opened_anew():
    hands, board = crew()
    hands.assign(orders.read([ENTRY]))
    before = hands.listener("scale")
    hands.assign(orders.read([ENTRY]))
    same = hands.listener("scale")
    hands.assign(orders.read([ENTRY | {"settings": {"bits": 7, "parity": "E"}}]))
    assert (same is before, hands.listener("scale") is before, len(board.entries())) == (True, False, 1)
    hands.close()


def test_a_port_of_the_settings_file_stays_the_files():
    hands, board = crew(fixed=orders.read([ENTRY]))
    hands.assign(orders.read([ENTRY | {"name": "other"}]))
    assert [entry.name for entry in board.entries()] == ["scale"]
    hands.close()


def test_what_was_bound_is_known_again_without_the_server(tmp_path: Path):
    orders.save(tmp_path, [ENTRY])
    assert [device.name for device in orders.load(tmp_path)] == ["scale"]


@pytest.mark.parametrize("spoilt", ["", "{", "[1]", '[{"name": "x"}]', "{}"])
def test_a_spoilt_file_of_bindings_binds_nothing(tmp_path: Path, spoilt: str):
    orders.save(tmp_path, [ENTRY])
    (tmp_path / "bound-devices.json").write_text(spoilt)
    assert orders.load(tmp_path) == []


def test_the_ear_recognises_what_stands_on_a_port_and_writes_nothing_to_it(tmp_path: Path):
    cable, board = Cable(tmp_path / "port"), Board([])
    ear = Ear(board)
    with running(ear.run, lambda: ear.listen(None)):
        ear.listen({"port": str(tmp_path / "port"), "settings": {"baud": 9600}})
        assert board.changed.wait(15)
        board.changed.clear()
        cable.send(TANITA * 2)
        while not (ear.heard or {}).get("guesses"):
            assert board.changed.wait(15)
            board.changed.clear()
        assert ear.heard["guesses"][0]["protocol"] == "tanita"
    cable.send_nothing_back()
    cable.unplug()


def test_the_ear_says_why_a_port_cannot_be_heard():
    board = Board([])
    ear = Ear(board)
    with running(ear.run, lambda: ear.listen(None)):
        ear.listen({"port": "/dev/nowhere", "settings": {}})
        assert board.changed.wait(15)
        assert "plug the device in" in ear.heard["trouble"]


def test_a_command_is_taken_once():
    telling = Telling("start-cuff", time.monotonic() + 60)
    assert [telling.take(), telling.take()] == [True, False]


def test_a_command_that_came_too_late_is_not_sent():
    telling = Telling("start-cuff", time.monotonic() - 1)
    assert (telling.take(), telling.outcome(0)[0]) == (False, "expired")


def test_a_command_nobody_took_is_withdrawn_for_good():
    telling = Telling("start-cuff", time.monotonic())
    assert (telling.outcome(0)[0], telling.take()) == ("expired", False)
