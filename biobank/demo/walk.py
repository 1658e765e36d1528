"""`biobank demo --walk`: one whole visit by itself, through the real HTTP interface and the real serial path."""

import sys
import tempfile
import time
import traceback
from pathlib import Path

from biobank.demo import clinic_walk, devices, makers_walk, money_walk, rig, tube_walk
from biobank.demo.client import StepFailed
from biobank.demo.processes import DidNotStart
from biobank.demo.walker import Step, Walker

STEPS: tuple[tuple[str, Step], ...] = (
    ("Everybody signs in", clinic_walk.sign_everybody_in),
    ("A stranger's requests are refused", clinic_walk.refuse_strangers),
    ("Somebody under 18 is refused", clinic_walk.refuse_a_minor),
    ("A participant is enrolled", clinic_walk.enrol),
    ("A code with one wrong character is refused", clinic_walk.refuse_a_bad_code),
    ("The participant checks in at the desk", clinic_walk.check_in),
    ("Weight and height arrive from the scale", clinic_walk.weigh),
    ("Noise on the line is no reading", clinic_walk.refuse_noise),
    ("Blood pressure arrives three times", clinic_walk.measure_pressure),
    ("Waist and hip are typed", clinic_walk.type_circumferences),
    ("The measurements are final", clinic_walk.finalise),
    ("The tubes are ordered, their labels printed", tube_walk.order_and_print),
    ("A printed label is read by a decoder", tube_walk.decode_a_label),
    ("Each label is scanned on its tube", tube_walk.apply_labels),
    ("Tubes are filled, spun and signed off", tube_walk.collect_and_spin),
    ("The visit is complete", tube_walk.complete),
    ("One payment was started, and only one", money_walk.one_payment),
    ("Tubes are packed and handed to the courier", tube_walk.ship),
    ("The biobank receives every tube", tube_walk.receive),
    ("A tube's story is whole", tube_walk.tell_the_story),
    ("The provider paid $25, through a lost answer", money_walk.is_paid),
    ("A statement that does not add up is refused", money_walk.refuse_a_bad_statement),
    ("The bank's statement settles the payment", money_walk.settle),
    ("A second visit pays nothing", money_walk.second_visit),
    ("Withdrawal stops everything, and takes nothing back", money_walk.withdraw),
)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is the command's answer


BY_MAKERS: dict[Step, tuple[str, Step]] = {
    clinic_walk.weigh: ("Weight and height arrive from two makers' scales", makers_walk.weigh_on_two_makers),
    clinic_walk.measure_pressure: ("A cuff starts by a click beside a third maker's kiosk", makers_walk.start_a_cuff),
}


def steps(*, makers: bool) -> tuple[tuple[str, Step], ...]:
    """The walk, or the walk on the devices of as many makers as possible."""
    return tuple(BY_MAKERS.get(step, (name, step)) if makers else (name, step) for name, step in STEPS)


def perform(walker: Walker, *, makers: bool = False, until: str = "") -> int:
    """Every step in order, to the one called `until`; 0, or 1 with the step that failed named."""
    for number, (name, step) in enumerate(steps(makers=makers), start=1):
        started = time.monotonic()
        try:
            proved = step(walker)
            walker.up.processes.require_all()
        except (StepFailed, DidNotStart) as problem:
            _say(f"✗ {number:2} {name}\n     {problem}")
            return 1
        except Exception:  # noqa: BLE001 - a step that breaks is a step that failed, and must be named
            _say(f"✗ {number:2} {name}\n{traceback.format_exc()}")
            return 1
        _say(f"✓ {number:2} {name}  ({time.monotonic() - started:.1f} s)\n     {proved}")
        if name == until:
            break
    return 0


def main(*, postgresql: bool, makers: bool = False) -> int:
    """Bring everything up in a folder of its own, walk, and end it all."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="biobank-walk-") as name:
        try:
            with rig.running(Path(name) / "walk", postgresql=postgresql, full=False,
                             devices=devices.MAKERS if makers else devices.USUAL) as up:  # fmt: skip
                _say(f"Everything is up on {'PostgreSQL' if postgresql else 'encrypted files'}: {up.address}")
                walker = Walker(up)
                status = perform(walker, makers=makers)
                walker.close()
        except DidNotStart as problem:
            print(f"biobank: {problem}", file=sys.stderr)  # noqa: T201
            return 1
    _say(f"{'The visit walked.' if status == 0 else 'The walk stopped.'} ({time.monotonic() - started:.0f} s)")
    return status
