"""A served application, a simulated printer, and a station's printing in a process of its own that may be killed."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from tests.stations.factories import Desk

POINTS = ("claim before", "claim after", "sending before", "sending after", "send before", "send after",
          "sent before", "sent after")  # fmt: skip
"""Where the process may be killed: before and after each word to the server, and the bytes to the printer."""
_CHILD = """
import os, signal, sys, threading, time
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from biobank.devices.printing import Printing
from biobank.devices.uplink import Uplink
from labels.printers.tcp import TcpPrinter

server, station, key, port, point = sys.argv[1:]

def die(here):
    if here == point:
        os.kill(os.getpid(), signal.SIGKILL)

class Line(Uplink):
    def post(self, action, body, key=None):
        word = "claim" if action.endswith("claim") else str(body["state"])
        die(f"{word} before")
        answer = super().post(action, body, key)
        if word != "claim" or answer["jobs"]:
            die(f"{word} after")
        if word in ("sent", "unknown", "failed"):
            stop.set()
        return answer

class Wire:
    def __init__(self, printer):
        self.status, self._printer = printer.status, printer

    def send(self, label):
        die("send before")
        result = self._printer.send(label)
        die("send after")
        return result

stop = threading.Event()
threading.Timer(float(os.environ["PRINT_SECONDS"]), stop.set).start()
line = Line(server, station, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key)))
Printing({"zebra": Wire(TcpPrinter("127.0.0.1", int(port)))}, line).run(stop)
os._exit(0)
"""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application's address while the block runs."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run_printing(address: str, desk: Desk, port: int, point: str = "", seconds: float = 20.0) -> int:
    """Run a station's printing until it has told of one label, was killed at the point, or the time is over."""
    arguments = [sys.executable, "-c", _CHILD, address, str(desk.id), desk.key.private_bytes_raw().hex(), str(port)]
    environment = os.environ | {"PRINT_SECONDS": str(seconds), "PYTHONPATH": str(Path.cwd())}
    return subprocess.run([*arguments, point], env=environment, check=False, timeout=60).returncode
