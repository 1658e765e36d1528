"""`make run`: the whole programme up, its addresses and sign-ins printed, everything ended by Ctrl-C."""

import json
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

import httpx

from biobank.demo import rig, seed
from biobank.demo.desk import Desk
from biobank.demo.processes import Child, wait_until
from biobank.demo.rig import Rig

FOLDER = Path("var/demo")


class _Stop(Exception):
    """Somebody pressed Ctrl-C, or the machine goes down."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stop


def _tell(child: Child, *, flat: bool = True) -> Callable[[Mapping[str, str]], None]:
    """A person at this device: the scale's reading repeats for some seconds, as the maker says it does."""
    return lambda values: child.say(
        json.dumps({key: value for key, value in values.items() if value} if flat else values)
    )


def _desk(up: Rig) -> Desk:
    return Desk(
        {
            "scale": ("Step on the scale", {"weight": "72.8", "height": "172.7"}, _tell(up.devices["scale"])),
            "kiosk": ("Measure blood pressure", {"systolic": "118", "diastolic": "76", "heart_rate": "66"},
                      _tell(up.devices["kiosk"])),
            "scanner": ("Scan", {"code": ""}, _tell(up.devices["scanner"])),
        }
    )  # fmt: skip


def settle_first_payments(up: Rig) -> int:
    """Let the worker send what the fortnight earned, then read the bank's statement of it. Answers the lines matched."""
    with httpx.Client(base_url=f"{up.address}/api/v1", timeout=20) as client:
        token = sign_in(client, "fiona")
        client.headers["Authorization"] = f"Bearer {token}"
        wait_until("The worker did not send the first payments.", lambda: waiting(client) == 0)
        content = httpx.get(f"{up.provider}/simulator/statement.csv", timeout=10).text
        kept = post(client, "/statements", {"format": "csv", "content": content})
        return int(post(client, f"/statements/{kept['id']}/match", {})["confirmed"])


def waiting(client: httpx.Client) -> int:
    figures = client.get("/payments/summary").raise_for_status().json()
    return int(figures["queued"]) + int(figures["sending"]) + int(figures["unknown"])


def sign_in(client: httpx.Client, username: str) -> str:
    answer = post(client, "/sessions", {"username": username, "password": seed.PASSWORD})
    return str(answer["token"])


def post(client: httpx.Client, path: str, body: object) -> dict[str, object]:
    key = f"demo-{time.monotonic_ns()}"
    answer = client.post(path, json=body, headers={"Idempotency-Key": key})
    answer.raise_for_status()
    return dict(answer.json())


def _print_guide(up: Rig, desk: Desk, seconds: float) -> None:
    lines = [
        "",
        f"  Biobank is up ({seconds:.0f} s):  {up.address}/",
        f"  Simulated desk (scale, kiosk, scanner):  {desk.address}",
        f"  Labels as printed:  {up.printed}",
        "",
        f"  Sign in with the password  {seed.PASSWORD}",
    ]
    lines += [f"    {name:8} {role:14} {site}" for name, role, site in seed.sign_ins()]
    lines += ["", "  Ctrl-C ends all of it.", ""]
    print("\n".join(lines), flush=True)  # noqa: T201 - this is the command's answer


def main(*, postgresql: bool, port: int) -> int:
    """Run until stopped. Exit 0 when ended by Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    started = time.monotonic()
    print("Making a fortnight of visits ...", flush=True)  # noqa: T201
    try:
        with rig.running(FOLDER.absolute(), postgresql=postgresql, port=port) as up:
            settle_first_payments(up)
            desk = _desk(up)
            desk.start()
            _print_guide(up, desk, time.monotonic() - started)
            while True:
                time.sleep(1)
                up.processes.require_all()
    except _Stop:
        print("Ended.")  # noqa: T201
        return 0
