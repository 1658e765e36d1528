"""Keys in home/keys, each drawn on first use and readable by its owner only (mode 0400)."""

import secrets
from contextlib import suppress
from pathlib import Path

from biobank.config import Settings
from biobank.errors import Invalid
from biobank.keys.local import FolderKeys
from biobank.keys.provider import KEY_BYTES


class FileKeys(FolderKeys):
    """The default: keys beside the embedded databases. Back the folder up apart from them."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.home / "keys")

    def _missing(self, path: Path) -> bytes:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Linked into place whole: of two processes that start together, both read the key that came first.
        drawn = path.with_suffix(f".{secrets.token_hex(8)}")
        drawn.touch(mode=0o600)
        drawn.write_text(secrets.token_hex(KEY_BYTES))
        drawn.chmod(0o400)
        with suppress(FileExistsError):
            path.hardlink_to(drawn)
        drawn.unlink()
        return bytes.fromhex(path.read_text().strip())

    def rotate(self) -> str:
        self.current()
        master = f"master-{self.numbers()[-1] + 1}"
        self.secret(master)
        return master

    def retire(self, master: str) -> None:
        if master == self.current():
            raise Invalid("%(master)s is the master key in use. Rotate first.", master=master)
        (self.folder / f"{master}.key").unlink(missing_ok=True)
        self._ciphers.pop(master, None)
