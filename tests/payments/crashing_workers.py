"""A yard of payment workers, each a process of its own that is killed with signal 9 at a random moment."""

import json
import os
import random
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from biobank import db
from biobank.config import Profile, Settings
from biobank.payments.till import Pace
from biobank.payments.worker import run_worker

PACE = Pace(lease=timedelta(seconds=0.3), idle=timedelta(seconds=0.005), first_pause=timedelta(seconds=0.005),
            longest_pause=timedelta(seconds=0.05), stopped=timedelta(seconds=0.01))  # fmt: skip
LONGEST_LIFE = 0.25


def _work(settings: Settings) -> None:
    # Quiet: a killed worker's half line would only confuse who reads the test's output.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    run_worker(db.connect(settings), settings, threading.Event(), pace=PACE)


def _start(settings: Settings) -> int:
    child = os.fork()
    if child:
        return child
    try:
        _work(settings)
    finally:
        os._exit(1)


def _end(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    if os.WTERMSIG(os.waitpid(child, 0)[1]) != signal.SIGKILL:
        sys.exit("a worker ended by itself")


def main(settings: Settings, kills: int, seed: int, at_once: int) -> None:
    """Keep so many workers running, and kill one after another."""
    drawn = random.Random(seed)
    children = [_start(settings) for _ in range(at_once)]
    for _ in range(kills):
        time.sleep(drawn.uniform(0, LONGEST_LIFE / at_once))
        _end(children.pop(0))
        children.append(_start(settings))
    for child in children:
        _end(child)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    paths = {name: Path(given.pop(name)) for name in ("home", "payment_key_file")}
    numbers = {name: given.pop(name) for name in ("kills", "seed", "at_once")}
    main(Settings(profile=Profile.DEMO, cookie_secure=False, **paths, **given), **numbers)
