"""The station's store: durable, encrypted, numbered once."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biobank import clock
from biobank.devices.private_files import KeyFileError
from biobank.devices.spool import Spool, SpoolError

KEEP_FOR_EVER = """
import sys
from pathlib import Path
from biobank.devices.spool import Spool
spool = Spool(Path(sys.argv[1]))
while True:
    print(spool.append({"text": "reading"}), flush=True)
"""


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path)
    yield opened
    opened.close()


def test_what_is_kept_waits_in_order_with_its_number(spool: Spool):
    seqs = [spool.append({"text": text}) for text in "abc"]
    assert [(body["seq"], body["text"]) for body in spool.waiting(9)] == list(zip(seqs, "abc", strict=True))


def test_what_is_acknowledged_leaves_and_the_rest_stays(spool: Spool):
    first, second = spool.append({}), spool.append({})
    spool.acknowledge([first])
    assert [body["seq"] for body in spool.waiting(9)] == [second]


def test_a_number_is_never_given_twice(tmp_path: Path):
    seqs = []
    for _ in range(3):
        spool = Spool(tmp_path)
        seqs.append(spool.append({}))
        spool.acknowledge(seqs)
        spool.close()
    assert seqs == sorted(set(seqs))


def test_a_store_made_anew_begins_above_the_old_one(tmp_path: Path):
    seqs = []
    for day in (1, 2):
        with clock.at(datetime(2026, 11, day, tzinfo=UTC)):
            spool = Spool(tmp_path / str(day))
        seqs += [spool.append({}) for _ in range(200)]
        spool.close()
    assert seqs == sorted(set(seqs))


def test_a_refused_reading_is_kept_with_its_reason_out_of_the_way(spool: Spool):
    seq = spool.append({"text": "S1"})
    spool.park(seq, "No such tube.")
    assert spool.count() == 0
    assert [(parked.seq, parked.reason, parked.body["text"]) for parked in spool.refused()] == [
        (seq, "No such tube.", "S1")
    ]


def test_a_full_disk_is_told_and_what_was_kept_stays(spool: Spool):
    seq = spool.append({"text": "kept"})
    [[pages]] = spool._read("PRAGMA page_count")
    spool._read(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(SpoolError, match="free disk space"):
        spool.append({"text": "x" * 100_000})
    assert [body["seq"] for body in spool.waiting(9)] == [seq]


def test_what_cannot_be_written_as_json_leaves_the_store_usable(spool: Spool):
    with pytest.raises(TypeError):
        spool.append({"text": object()})
    assert spool.append({}) == spool.waiting(1)[0]["seq"]


def test_a_store_that_cannot_be_read_says_so(spool: Spool):
    spool.close()
    with pytest.raises(SpoolError, match="check the disk"):
        spool.count()


def test_nothing_kept_can_be_read_from_the_disk(spool: Spool, tmp_path: Path):
    spool.append({"text": "S123456789012"})
    assert not any(b"S123456789012" in file.read_bytes() for file in tmp_path.iterdir())


def test_the_key_is_readable_by_its_owner_alone(spool: Spool, tmp_path: Path):
    assert (tmp_path / "spool.key").stat().st_mode & 0o777 == 0o400


def test_a_store_whose_key_is_gone_is_refused_and_untouched(tmp_path: Path):
    Spool(tmp_path).close()
    before = (tmp_path / "spool.sqlite").read_bytes()
    (tmp_path / "spool.key").unlink()
    with pytest.raises(KeyFileError, match="put the key file back"):
        Spool(tmp_path)
    assert (tmp_path / "spool.sqlite").read_bytes() == before


def test_a_store_with_another_key_is_refused(tmp_path: Path):
    Spool(tmp_path).close()
    key = tmp_path / "spool.key"
    key.chmod(0o600)
    key.write_text("0" * 64)
    key.chmod(0o400)
    with pytest.raises(SpoolError, match="keep both files"):
        Spool(tmp_path)


@pytest.mark.parametrize("kept", [1, 25, 60])
def test_nothing_acknowledged_to_a_port_is_lost_when_the_process_is_killed(tmp_path: Path, kept: int):
    process = subprocess.Popen([sys.executable, "-c", KEEP_FOR_EVER, tmp_path], stdout=subprocess.PIPE, text=True)
    told = [int(process.stdout.readline()) for _ in range(kept)]
    process.kill()
    told += [int(line) for line in process.stdout.read().split("\n")[:-1]]
    process.wait()
    process.stdout.close()
    spool = Spool(tmp_path)
    survived = [body["seq"] for body in spool.waiting(10**6)]
    spool.close()
    assert set(told) <= set(survived)
    assert survived == sorted(set(survived))
