"""The command as a person types it: help, exit codes, and the whole desk from a scan to the server."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from biobank.devices.cli import main
from biobank.devices.port import Port
from biobank.devices.protocol import Settings
from biobank.devices.signing import load_key, public_text
from tests.devices.cables import COMMAND, Cable, simulated
from tests.devices.desk_server import STATION, DeskServer
from tests.devices.frames import ONE_OF_EACH, TANITA, decoded

COMMANDS = ["run", "decode", "ports", "simulate", "keygen", "record", "spool"]


def typed(*words: str, data: bytes = b"") -> Result:
    return CliRunner().invoke(main, words, input=data)


@pytest.fixture
def config(tmp_path: Path, server: DeskServer) -> Path:
    file = tmp_path / "station.toml"
    file.write_text(
        f'server = "{server.address}"\nstation_id = "{STATION}"\nkey_file = "station.key"\nspool = "desk"\n'
        f'[[device]]\nname = "scanner"\nprotocol = "barcode"\nport = "{tmp_path / "scanner"}"\n'
    )
    return file


@contextmanager
def desk(config: Path) -> Iterator[subprocess.Popen[str]]:
    """A running station, killed at the end if it still runs."""
    with subprocess.Popen([*COMMAND, "run", "--config", config], stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str):
    result = typed(command, "--help")
    assert result.exit_code == 0
    assert "Example: " in result.output


@pytest.mark.parametrize(("name", "frame"), ONE_OF_EACH.items(), ids=ONE_OF_EACH)
def test_decode_prints_one_object_a_frame(name: str, frame: bytes):
    result = typed("decode", "--protocol", name, data=frame + frame)
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == decoded(name, frame) * 2


def test_decode_reads_a_file(tmp_path: Path):
    file = tmp_path / "capture.bin"
    file.write_bytes(TANITA)
    assert json.loads(typed("decode", "--protocol", "tanita", str(file)).stdout)["event"] == "reading"


def test_decode_of_nothing_prints_nothing():
    assert typed("decode", "--protocol", "tanita").stdout == ""


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["decode", "--protocol", "toaster"], "no device protocol. Available: and, barcode"),
        (["decode", "--protocol", "tanita", "/nowhere"], "No such file"),
        (["decode"], "--protocol"),
        (["simulate", "seca"], "no simulator. Available: and, barcode"),
        (["run", "--config", "/nowhere"], "does not exist"),
        (["dance"], "No such command"),
    ],
)
def test_a_wrong_command_exits_2_and_says_what_is_there(words: list[str], answer: str):
    result = typed(*words)
    assert result.exit_code == 2
    assert answer in result.output


def test_a_slip_in_a_line_leaves_the_simulated_device_plugged_in(tmp_path: Path):
    link = tmp_path / "scanner"
    with simulated("barcode", "--link", str(link)) as scanner:
        port = Port(str(link), Settings())
        scanner.say(colour="blue")
        scanner.say(code="S123456789012")
        assert scanner.sent() == {"code": "S123456789012"}
        port.close()


def test_a_script_that_cannot_be_played_exits_2(tmp_path: Path):
    script, link = tmp_path / "script.jsonl", tmp_path / "scanner"
    script.write_text('{"code": "S123456789012"}\n{"colour": "blue"}\n')
    with subprocess.Popen(
        [*COMMAND, "simulate", "barcode", "--script", script, "--link", link],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        process.stdout.readline()
        port = Port(str(link), Settings())
        assert process.wait() == 2
        assert "'code'" in process.stderr.read()
    port.close()


def test_keygen_makes_a_key_and_prints_its_public_half(tmp_path: Path):
    file = tmp_path / "desk.key"
    result = typed("keygen", str(file))
    assert result.stdout.strip() == public_text(load_key(file))


def test_keygen_does_not_replace_a_key(tmp_path: Path):
    file = tmp_path / "desk.key"
    typed("keygen", str(file))
    result = typed("keygen", str(file))
    assert (result.exit_code, "already exists" in result.output) == (1, True)


def test_ports_lists_objects():
    result = typed("ports", "--json")
    assert all("path" in json.loads(line) for line in result.stdout.splitlines())


def test_record_keeps_times_and_bytes_without_the_identifier():
    cable = Cable()
    words = ["record", cable.path, "-", "--protocol", "omron-hbp9030"]
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stderr.readline()
        cable.send(ONE_OF_EACH["omron-hbp9030"])
        data = bytes.fromhex(json.loads(process.stdout.readline())["hex"])
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    cable.unplug()
    assert data == ONE_OF_EACH["omron-hbp9030"].replace(b"12345678901234567890", b"0" * 20)


def test_a_scan_reaches_the_server_and_the_station_stops_cleanly(tmp_path: Path, config: Path, server: DeskServer):
    with simulated("barcode", "--link", str(tmp_path / "scanner")) as scanner, desk(config) as station:
        scanner.say(code="S123456789012")
        [reading] = server.await_action("readings")["readings"]
        station.send_signal(signal.SIGTERM)
        assert station.wait() == 0
    assert (reading["device"], reading["text"], server.forged) == ("scanner", "S123456789012", [])


def test_a_second_station_on_the_same_store_names_the_first(config: Path, server: DeskServer):
    with desk(config) as station:
        server.await_action("heartbeat")
        second = subprocess.run([*COMMAND, "run", "--config", config], capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"Process {station.pid} already runs this station" in second.stderr


def test_readings_kept_before_a_kill_are_delivered_by_the_next_start(tmp_path: Path, config: Path, server: DeskServer):
    server.answers["readings"] = lambda body: (503, {})
    with simulated("barcode", "--link", str(tmp_path / "scanner")) as scanner:
        with desk(config):
            scanner.say(code="S123456789012")
            server.await_action("readings")
        server.answers.clear()
        with desk(config):
            [reading] = server.await_action("readings")["readings"]
    assert reading["text"] == "S123456789012"


def test_the_store_shows_what_waits(config: Path):
    result = typed("spool", "--config", str(config), "--json")
    assert json.loads(result.stdout) == {"waiting": 0, "refused": []}


def test_a_mistake_in_the_settings_exits_2(config: Path):
    config.write_text(config.read_text().replace("barcode", "toaster"))
    result = typed("run", "--config", str(config))
    assert (result.exit_code, "no device protocol" in result.output) == (2, True)
