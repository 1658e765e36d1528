"""Web servers of ours, forked one after another from this process; each dies by SIGKILL in the middle of one scan."""

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import waitress
from flask import Flask

from biobank import db
from biobank.app import create_app, open_on
from biobank.config import Profile, Settings
from biobank.db import Tx
from biobank.specimens import receiving


class Point(StrEnum):
    """Where the server dies: before the scan is written, before it is committed, before its answer leaves."""

    UNSAVED = "unsaved"
    UNCOMMITTED = "uncommitted"
    UNANSWERED = "unanswered"
    ANYWHERE = "anywhere"


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(work: Callable[..., Any]) -> Callable[..., Any]:
    def done(*given: Any) -> None:
        work(*given)
        _die()

    return done


def _arm(application: Flask, point: Point, seconds: float) -> None:
    """Set the trap; `seconds` is how long after the request has come the server lives, where it may die anywhere."""
    if point is Point.UNSAVED:
        receiving._keep = _die  # type: ignore[assignment]
    elif point is Point.UNCOMMITTED:
        receiving._keep = _after(receiving._keep)
    elif point is Point.UNANSWERED:
        commit = Tx.commit
        # What only reads is committed too, before the scan.
        Tx.commit = lambda tx: _after(commit)(tx) if not tx.read_only else commit(tx)  # type: ignore[method-assign]
    else:
        application.before_request(lambda: threading.Timer(seconds, _die).start())


def main() -> None:
    """Settings as JSON in the first argument; a line of [point, seconds] for each server that is wanted."""
    given = json.loads(sys.argv[1])
    settings = Settings(profile=Profile.DEMO, cookie_secure=False, threads=4, log_level="ERROR",
                        **given | {"home": Path(given["home"])})  # fmt: skip
    application = create_app(settings)
    application.extensions["biobank.databases"].dispose()
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    for line in sys.stdin:
        point, seconds = json.loads(line)
        child = os.fork()
        if child == 0:
            open_on(application, settings, db.connect(settings))
            _arm(application, Point(point), seconds)
            waitress.serve(application, sockets=[listening], threads=4)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
