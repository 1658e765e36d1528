"""A label printer made of software: a ZPL printer's raw port that answers `~HS` and keeps each label as a picture."""

import argparse
import signal
import socketserver
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image

from labels.printers.base import PrinterStatus
from labels.printers.zplstream import LabelPrinted, ZplStream

_SILENT = {PrinterStatus.HEAD_OPEN, PrinterStatus.NO_MEDIA, PrinterStatus.NO_RIBBON, PrinterStatus.UNKNOWN}


class SimulatedPrinter:
    """A printer listening on a port (0 lets the system choose), its labels label-0001.png and on in a folder.

    `condition` may be set while it runs. As real ones do, it leaves `~HS` unanswered while its lid is open or it lacks
    paper or ribbon, and while it is paused it answers but prints nothing until it is ready again.
    """

    def __init__(self, folder: Path, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.folder = folder
        self.condition = PrinterStatus.READY
        self.count = 0
        self._changed = threading.Condition()
        self._held: list[Image.Image] = []
        folder.mkdir(parents=True, exist_ok=True)
        self._kept_earlier = len(list(folder.glob("label-*.png")))
        self._server = _Server((host, port), self._talk)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="printer", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def set_condition(self, condition: PrinterStatus) -> None:
        """Open the lid, take out the paper, pause, or make it ready, when it prints what it held back."""
        with self._changed:
            self.condition = condition
            if condition is PrinterStatus.READY:
                held, self._held = self._held, []
                for picture in held:
                    self._keep(picture)

    def wait_for(self, count: int, *, seconds: float = 5.0) -> list[Path]:
        """The pictures once there are so many, or those there are when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self.count >= count, timeout=seconds)
        return sorted(self.folder.glob("label-*.png"))

    def _talk(self, read: Callable[[], bytes], write: Callable[[bytes], object]) -> None:
        stream = ZplStream()
        while data := read():
            for event in stream.feed(data):
                if isinstance(event, LabelPrinted):
                    self._print(event.picture)
                elif self.condition not in _SILENT:
                    write(status_lines(self.condition, waiting=len(self._held)))

    def _print(self, picture: Image.Image) -> None:
        with self._changed:
            if self.condition is PrinterStatus.READY:
                self._keep(picture)
            else:
                self._held.append(picture)

    def _keep(self, picture: Image.Image) -> None:
        self.count += 1
        picture.save(self.folder / f"label-{self._kept_earlier + self.count:04d}.png")
        self._changed.notify_all()


def status_lines(condition: PrinterStatus, *, waiting: int) -> bytes:
    """The three lines of host status as the ZPL II Programming Guide shows them, for a printer with 203 dpi labels."""
    paused = int(condition is PrinterStatus.PAUSED)
    return (
        f"\x02030,0,{paused},0203,{waiting:03d},0,0,0,000,0,0,0\x03\r\n"
        f"\x02000,0,0,0,1,2,4,0,{waiting:08d},1,000\x03\r\n"
        "\x021234,0\x03\r\n"
    ).encode("ascii")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(
        self, address: tuple[str, int], talk: Callable[[Callable[[], bytes], Callable[[bytes], object]], None]
    ):
        super().__init__(address, _Connection)
        self.talk = talk


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        try:
            self.server.talk(lambda: self.request.recv(65_536), self.request.sendall)
        except OSError:
            return


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the printer until it is interrupted or terminated; the first line of output is the port."""
    parser = argparse.ArgumentParser(
        prog="python -m labels.printers.simulated",
        description="A simulated label printer: keeps each label it is sent as a PNG.",
        epilog="example: python -m labels.printers.simulated --port 9100 --out printed",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100, help="0 lets the system choose (default: 9100)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the labels are kept")
    options = parser.parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with SimulatedPrinter(options.out, host=options.host, port=options.port) as printer:
        sys.stdout.write(f"{printer.port}\n")
        sys.stdout.flush()
        stopped.wait()
    sys.stdout.write(f"Labels printed: {printer.count}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
