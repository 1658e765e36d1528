"""A whole visit on the devices of five makers: real processes, real serial lines, a cuff started by a click."""

from pathlib import Path

from biobank.demo import devices, rig, walk
from biobank.demo.walker import Walker


def test_a_whole_visit_is_walked_on_the_devices_of_five_makers(tmp_path: Path, capsys):
    with rig.running(tmp_path / "walk", full=False, devices=devices.MAKERS) as up:
        walker = Walker(up)
        status = walk.perform(walker, makers=True, until="The visit is complete")
        walker.close()
    assert status == 0, capsys.readouterr().out
