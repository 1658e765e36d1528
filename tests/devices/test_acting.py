"""A cuff is started by a click alone: once on the wire, never again, and the stop goes first."""

from pathlib import Path
from queue import Queue

from biobank.devices.acting import Acting
from biobank.devices.board import Board, State
from biobank.devices.crew import Crew
from biobank.devices.orders import read
from biobank.devices.protocols.suntech import READ_RESULT, START_CUFF, STOP_CUFF, ResultConversation
from biobank.devices.uplink import Uplink
from tests.devices.cables import Cable
from tests.devices.desk_server import DeskServer
from tests.devices.running import running

DONE = bytes.fromhex("3e044b73")
START = {"id": "c1", "device": "cuff", "act": "start-cuff", "expires_in_ms": 5000}


def told(
    server: DeskServer, uplink: Uplink, tmp_path: Path, *commands: dict[str, object], expect: int
) -> tuple[bytes, list[str]]:
    """What reached the wire, and the states the server was told, for commands given out once."""
    waiting: Queue[list[dict[str, object]]] = Queue()
    waiting.put(list(commands))
    server.answers["commands/claim"] = lambda _body: (200, {"commands": [] if waiting.empty() else waiting.get()})
    reports: Queue[str] = Queue()
    for command in commands:
        server.answers[f"commands/{command['id']}/state"] = lambda body: (200, reports.put(body["state"]) or {})
    cable, board = Cable(tmp_path / "port"), Board([])
    crew = Crew([], board, lambda _body: None, lambda _name, run, stop: run(stop))
    crew.assign(read([{"name": "cuff", "protocol": "suntech", "port": str(tmp_path / "port"), "settings": {}}]))
    while board.entries()[0].state is not State.CONNECTED:
        assert board.changed.wait(15)
        board.changed.clear()
    with running(Acting(crew, uplink).run):
        states = [reports.get(timeout=15) for _ in commands]
        sent = b""
        while len(sent) < expect:
            sent += cable.receive()
        cable.send_nothing_back()
    crew.close()
    cable.unplug()
    return sent, states


def test_a_start_goes_out_once_and_is_reported(server: DeskServer, uplink: Uplink, tmp_path: Path):
    assert told(server, uplink, tmp_path, START, expect=3) == (START_CUFF, ["sent"])


def test_a_stop_goes_out_before_a_start(server: DeskServer, uplink: Uplink, tmp_path: Path):
    stop = START | {"id": "c2", "act": "stop-cuff"}
    assert told(server, uplink, tmp_path, START, stop, expect=8)[0] == STOP_CUFF + START_CUFF


def test_what_is_unknown_or_too_late_never_reaches_the_wire(server: DeskServer, uplink: Uplink, tmp_path: Path):
    late, strange = START | {"id": "c3", "expires_in_ms": 0}, START | {"id": "c4", "act": "zero"}
    assert told(server, uplink, tmp_path, late, strange, expect=0) == (b"", ["expired", "failed"])


def test_the_end_of_a_stopped_cycle_is_not_asked_for_a_result():
    talk = ResultConversation()
    talk.acted("stop-cuff", 10.0)
    talk.hear(DONE)
    assert talk.due(10.5) is None
    talk.hear(DONE)
    assert talk.due(14.0) == READ_RESULT
