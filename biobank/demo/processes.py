"""The demonstration's processes: started in order, watched, and ended in reverse."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

import httpx

from biobank.errors import UnsafeSettings

PATIENCE_SECONDS = 30


class DidNotStart(UnsafeSettings):
    """A process of the demonstration ended, or never answered; the text names it and its log."""


@dataclass
class Child:
    """One process: its name, the process, where its words go, what it reads."""

    name: str
    process: "subprocess.Popen[str]"
    log: Path

    @property
    def words_in(self) -> IO[str]:
        return cast(IO[str], self.process.stdin)

    def say(self, line: str) -> None:
        """Give the process one line to read."""
        self.words_in.write(line + "\n")
        self.words_in.flush()

    def require_alive(self) -> None:
        if self.process.poll() is not None:
            tail = self.log.read_text(errors="replace")[-800:] if self.log.exists() else ""
            raise DidNotStart(f"{self.name} ended by itself ({self.process.returncode}); {self.log} says:\n{tail}")


class Processes:
    """Every process of one demonstration; leaving the block ends them all, the last started first."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(os.environ) | dict(environment)
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        for child in reversed(self.children):
            end(child.process)

    def start(self, name: str, *arguments: str, first_line: bool = False) -> Child:
        """Start `python -m ...`; with `first_line`, standard output is a pipe whose first line the caller reads."""
        log = self.folder / "logs" / f"{name}.log"
        with log.open("w") as words_out:
            process = subprocess.Popen(
                [sys.executable, *arguments], env=self.environment, text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if first_line else words_out, stderr=words_out,
                # Ctrl-C is for the demonstration, which ends its processes in order.
                start_new_session=True,
            )  # fmt: skip
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def start_on_port(self, name: str, *arguments: str) -> int:
        """Start a server that prints its port as its first line, and answer the port."""
        child = self.start(name, *arguments, first_line=True)
        line = cast(IO[str], child.process.stdout).readline().strip()
        if not line.isdigit():
            child.process.wait(PATIENCE_SECONDS)
            child.require_alive()
        return int(line)

    def require_all(self) -> None:
        for child in self.children:
            child.require_alive()

    def wait_until_up(self, url: str) -> None:
        """Wait for a server to say that it is ready; a process that ended meanwhile is named with its last words."""

        def ready() -> bool:
            self.require_all()
            return answers(url)

        wait_until(f"Nothing answers at {url}; see {self.folder / 'logs'}.", ready)


def end(process: "subprocess.Popen[str]") -> None:
    """Ask a process to stop; make it stop after five seconds."""
    with contextlib.suppress(OSError):
        if process.stdin:
            process.stdin.close()
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def wait_until(words: str, ready: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Ask again and again until it is so; raise `DidNotStart` with these words if it never is."""
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            raise DidNotStart(words)
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether a server says that it is ready."""
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
