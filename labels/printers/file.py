"""A printer that keeps its labels as files in a folder, for development and for offices that print them later."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from labels.printers.base import PrinterStatus, SendResult, SendState

MANIFEST = "manifest.jsonl"
_SUFFIXES = {b"^XA": ".zpl", b"%PDF": ".pdf", b"\x89PNG": ".png", b"<svg": ".svg"}


@dataclass(frozen=True, slots=True)
class FilePrinter:
    """A folder that takes labels as label-000001.zpl and so on; its manifest names each with its size and SHA-256."""

    folder: Path

    @classmethod
    def from_address(cls, address: str) -> Self:
        """The printer that writes into the folder of that name; ValueError if there is no name."""
        if not address:
            raise ValueError("A file printer needs the name of a folder.")
        return cls(folder=Path(address))

    def status(self) -> PrinterStatus:
        """READY if the folder is there or can be made."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return PrinterStatus.UNREACHABLE
        return PrinterStatus.READY

    def send(self, label: bytes) -> SendResult:
        """Write the label under the next free number."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self._claim(_suffix(label))
        except OSError as error:
            return SendResult(SendState.REFUSED, f"The folder for labels cannot be written: {error.strerror}.")
        try:
            path.write_bytes(label)
            self._note(path, label)
        except OSError as error:
            return SendResult(SendState.UNKNOWN, f"The label may be incomplete in its folder: {error.strerror}.")
        return SendResult(SendState.SENT, f"The label is in {path.name}.")

    def _claim(self, suffix: str) -> Path:
        number = sum(1 for _ in self.folder.glob("label-*")) + 1
        while True:
            path = self.folder / f"label-{number:06d}{suffix}"
            try:
                path.touch(exist_ok=False)
            except FileExistsError:
                number += 1
            else:
                return path

    def _note(self, path: Path, label: bytes) -> None:
        entry = {"file": path.name, "bytes": len(label), "sha256": hashlib.sha256(label).hexdigest()}
        with (self.folder / MANIFEST).open("a", encoding="utf-8") as manifest:
            manifest.write(json.dumps(entry) + "\n")


def _suffix(label: bytes) -> str:
    return next((suffix for start, suffix in _SUFFIXES.items() if label.startswith(start)), ".bin")
