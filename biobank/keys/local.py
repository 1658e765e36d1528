"""Master keys that this process may read: AES-256-GCM wrapping (NIST SP 800-38D) with the key's place bound to it."""

import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biobank.keys.provider import KEY_BYTES, BadKey, KeysUnavailable, Wrapped

_NONCE_BYTES = 12
_MASTER = re.compile(r"master-(\d+)\.key")


class FolderKeys:
    """Keys as files of 64 hexadecimal digits in one folder: NAME.key, and master-1.key, master-2.key and so on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ciphers: dict[str, AESGCM] = {}

    def secret(self, name: str) -> bytes:
        path = self.folder / f"{name}.key"
        try:
            key = bytes.fromhex(path.read_text().strip())
        except FileNotFoundError:
            key = self._missing(path)
        except (OSError, ValueError) as problem:
            raise KeysUnavailable(
                "The key %(name)s cannot be read. Ask your administrator to look at the keys.", name=name
            ) from problem
        if len(key) != KEY_BYTES:
            raise KeysUnavailable("The key %(name)s has not 32 bytes. Ask your administrator.", name=name)
        return key

    def _missing(self, path: Path) -> bytes:
        raise KeysUnavailable("The key %(name)s is missing. Ask your administrator.", name=path.stem)

    def numbers(self) -> list[int]:
        """The numbers of the master keys, rising."""
        found = (_MASTER.fullmatch(path.name) for path in self.folder.glob("master-*.key"))
        return sorted(int(match[1]) for match in found if match)

    def current(self) -> str:
        numbers = self.numbers()
        if not numbers:
            self.secret("master-1")
            return "master-1"
        return f"master-{numbers[-1]}"

    def _cipher(self, master: str) -> AESGCM:
        if master not in self._ciphers:
            if not _MASTER.fullmatch(f"{master}.key") or not (self.folder / f"{master}.key").exists():
                raise BadKey(f"there is no master key {master}")
            self._ciphers[master] = AESGCM(self.secret(master))
        return self._ciphers[master]

    def wrap(self, items: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        master = self.current()
        cipher, name = self._cipher(master), master.encode()
        wrapped = []
        for key, place in items:
            nonce = secrets.token_bytes(_NONCE_BYTES)
            wrapped.append(Wrapped(master, nonce + cipher.encrypt(nonce, key, name + b"\x00" + place)))
        return wrapped

    def unwrap(self, items: Sequence[tuple[Wrapped, bytes]]) -> list[bytes]:
        try:
            return [
                self._cipher(wrapped.master).decrypt(
                    wrapped.body[:_NONCE_BYTES], wrapped.body[_NONCE_BYTES:], wrapped.master.encode() + b"\x00" + place
                )
                for wrapped, place in items
            ]
        except (InvalidTag, ValueError) as problem:
            raise BadKey("a wrapped key does not open") from problem
