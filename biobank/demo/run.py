"""`make run`: the whole programme up, its addresses and sign-ins printed, everything ended by Ctrl-C."""

import json
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

import httpx

from biobank.demo import devices, rig, seed
from biobank.demo.client import Person
from biobank.demo.desk import Desk
from biobank.demo.processes import Child, wait_until
from biobank.demo.rig import Rig

FOLDER = Path("var/demo")


class _Stop(Exception):
    """Somebody pressed Ctrl-C, or the machine goes down."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    # An impatient second Ctrl-C must not interrupt the ending of the others.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise _Stop


def _tell(child: Child, *, flat: bool = True) -> Callable[[Mapping[str, str]], None]:
    """A person at this device: the scale's reading repeats for some seconds, as the maker says it does."""
    return lambda values: child.say(
        json.dumps({key: value for key, value in values.items() if value} if flat else values)
    )


_ACTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "healthometer": ("Step on the scale", {"weight": "72.8", "height": "172.7"}),
    "and": ("Step on the scale", {"weight": "72.8"}),
    "omron-hbp9030": ("Measure blood pressure", {"systolic": "118", "diastolic": "76", "heart_rate": "66"}),
    "suntech": ("Measure blood pressure", {"systolic": "118", "diastolic": "76", "pulse": "66"}),
    "barcode": ("Scan", {"code": ""}),
}


def _desk(up: Rig, protocols: Mapping[str, str]) -> Desk:
    return Desk({name: (*_ACTS[protocol], _tell(up.devices[name])) for name, protocol in protocols.items()})


def settle_first_payments(up: Rig) -> int:
    """Let the worker send what the fortnight earned, then read the bank's statement; answers how many lines matched."""
    finance = Person(up.address, "fiona", seed.PASSWORD)
    wait_until("The worker did not send the first payments.", lambda: not _waiting(finance), seconds=90)
    content = httpx.get(f"{up.provider}/simulator/statement.csv", timeout=10).text
    kept = finance.post("/statements", {"format": "csv", "content": content})
    counts = finance.post(f"/statements/{kept['id']}/match")
    finance.close()
    return int(counts["confirmed"])


def _waiting(finance: Person) -> int:
    figures = finance.get("/payments/summary")
    return sum(int(figures.get(state, 0)) for state in ("queued", "sending", "unknown"))


def _print_guide(up: Rig, desk: Desk, seconds: float) -> None:
    lines = [
        "",
        f"  Biobank is up ({seconds:.0f} s):  {up.address}/",
        f"  Simulated desk (scale, kiosk, scanner):  {desk.address}",
        f"  The station's own screen:  {up.screens[0]}",
        f"  Labels as printed:  {up.printed}",
        "",
        f"  Sign in with the password  {seed.PASSWORD}",
    ]
    lines += [f"    {name:8} {role:14} {site}" for name, role, site in seed.sign_ins()]
    lines += ["", "  Ctrl-C ends all of it.", ""]
    print("\n".join(lines), flush=True)  # noqa: T201 - this is the command's answer


def main(*, postgresql: bool, port: int, makers: bool = False) -> int:
    """Run until stopped. Exit 0 when ended by Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    started = time.monotonic()
    print("Making a fortnight of visits ...", flush=True)  # noqa: T201
    try:
        with rig.running(FOLDER.absolute(), postgresql=postgresql, port=port,
                         devices=devices.MAKERS if makers else devices.USUAL) as up:  # fmt: skip
            settle_first_payments(up)
            desk = _desk(up, devices.MAKERS if makers else devices.USUAL)
            desk.start()
            _print_guide(up, desk, time.monotonic() - started)
            while True:
                time.sleep(1)
                up.processes.require_all()
    except _Stop:
        print("Ended.")  # noqa: T201
        return 0
