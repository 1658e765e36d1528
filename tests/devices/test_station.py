"""station.toml: what it may say, and what is answered to what it may not."""

from pathlib import Path

import pytest

from biobank.devices import station
from biobank.devices.station import ConfigError

GOOD = """
server = "https://study.example"
station_id = "6f1d1c1e-0000-4000-8000-000000000001"
key_file = "station.key"
spool = "spool"

[[device]]
name = "scale"
protocol = "healthometer"
port = "/dev/serial/by-path/one"
baud = 19200

[[printer]]
name = "tubes"
kind = "tcp"
address = "192.168.1.20:9100"
"""


def load(folder: Path, content: str) -> station.Station:
    file = folder / "station.toml"
    file.write_text(content)
    return station.load(file)


def test_devices_printers_and_files_are_read(tmp_path: Path):
    found = load(tmp_path, GOOD)
    assert (found.devices[0].name, found.devices[0].settings.baud) == ("scale", 19200)
    assert found.printers[0].address == "192.168.1.20:9100"
    assert found.key_file == tmp_path / "station.key"


@pytest.mark.parametrize("server", ["http://127.0.0.1:8000", "http://localhost:8000/", "https://study.example/app"])
def test_a_server_is_https_or_this_machine(tmp_path: Path, server: str):
    assert load(tmp_path, GOOD.replace("https://study.example", server)).server == server.rstrip("/")


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        ("https://study", "http://study", "https://"),
        ('"healthometer"', '"toaster"', "is no device protocol"),
        ('"healthometer"', '"seca 460"', "is not read"),
        ('"healthometer"', '"manual"', "has no port"),
        ("baud = 19200", "boud = 19200", "no setting 'boud'"),
        ("baud = 19200", 'baud = "fast"', "not possible"),
        ("baud = 19200", "baud = true", "not possible"),
        ("baud = 19200", "bits = 9", "not possible"),
        ("baud = 19200", "settle_seconds = -1", "below zero"),
        ('name = "scale"\n', "", "name is missing"),
        ("6f1d1c1e", "desk", "not the identifier"),
        ("[[device]]", "[device]", r"\[\[device\]\]"),
        ("spool =", "spool", "not TOML"),
        ("[[printer]]", '[[device]]\nname = "scale"\nprotocol = "tanita"\nport = "/dev/x"\n[[printer]]', "scale"),
    ],
)
def test_a_mistake_is_answered_with_the_entry_and_the_remedy(tmp_path: Path, old: str, new: str, answer: str):
    with pytest.raises(ConfigError, match=answer):
        load(tmp_path, GOOD.replace(old, new))
