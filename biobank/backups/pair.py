"""Both databases into a folder and back: a half backup is never seen, an unproven restore never goes live."""

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from biobank import clock, db, keys, migrations
from biobank.backups import files, server
from biobank.config import Settings
from biobank.errors import Conflict
from biobank.participants import erasure

MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Part:
    """One of the two databases: where it lives, and under which key its copies are; an empty one leaves them plain."""

    name: str
    url: str
    file: Path | None
    key: bytes

    @property
    def kind(self) -> str:
        return "embedded" if self.file else "postgresql"


def _parts(settings: Settings) -> Iterator[Part]:
    # The study first: the vault commits before the study, so that its later copy knows everybody the study knows.
    provider = keys.load(settings)
    for name, url in (("study", settings.database_url), ("vault", settings.vault_url)):
        file = db.file_of(settings, name)
        name_of_key = name if file else "backup"
        needs_key = settings.encrypt_files or not file
        yield Part(name, url, file, provider.secret(name_of_key) if needs_key else b"")


def backup(settings: Settings, folder: Path) -> dict[str, Any]:
    """Copy both databases, while they are used, into a new folder; answers its manifest.

    Keys are not in it, nor is departures.journal: they are kept apart from every backup.
    """
    if folder.exists():
        raise Conflict("%(folder)s is there already. Name a new folder for each backup.", folder=str(folder))
    making = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}.part")
    making.mkdir(parents=True, mode=0o700)
    try:
        made = {part.name: _copy(part, making) for part in _parts(settings)}
        manifest = {"format": FORMAT, "made_at": clock.now().isoformat(), "databases": made}
        (making / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return manifest


def _copy(part: Part, folder: Path) -> dict[str, Any]:
    target = folder / (f"{part.name}.sqlite3" if part.file else f"{part.name}.dump.sealed")
    if part.file:
        if not part.file.exists():
            raise Conflict("There is no %(name)s database yet: nothing can be copied.", name=part.name)
        files.copy(part.file, target, part.key)
        files.require_sound(target, part.key)
    else:
        server.dump(part.url, target, part.key)
    return {"kind": part.kind, "file": target.name, "bytes": target.stat().st_size, "sha256": _digest(target)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        names = {name: row["file"] for name, row in manifest["databases"].items()}
        if manifest["format"] != FORMAT or set(names) != {"study", "vault"}:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise Conflict("%(folder)s is not a whole backup: its manifest is missing or cannot be read.",
                       folder=str(folder)) from problem  # fmt: skip
    for name, row in manifest["databases"].items():
        path = folder / Path(row["file"]).name
        if not path.is_file() or _digest(path) != row["sha256"]:
            raise Conflict("%(name)s in this backup is not what was copied. Take another backup.",
                           code="backup-damaged", name=name)  # fmt: skip
    return manifest


def restore(settings: Settings, folder: Path) -> dict[str, Any]:
    """Restore a backup beside what is live, bring it to the newest schema, check it, withdraw and forget again whoever
    left since it was made, and only then put it in place. What was live is kept aside; answers where and how many.
    """
    manifest, parts = _manifest(folder), list(_parts(settings))
    for part in parts:
        if manifest["databases"][part.name]["kind"] != part.kind:
            raise Conflict("This backup is of another kind of database than the settings name.", code="other-kind")
        if part.file:
            files.require_unused(part.file, part.key)
        else:
            server.require_unused(part.url)
    mark = clock.now().strftime("%Y%m%d%H%M%S")
    with _staged(settings, parts, folder, manifest, mark) as staged:
        again = _prove(staged)
        aside = [_swap(part, mark) for part in parts]
    return {"made_at": manifest["made_at"], "again": again, "aside": aside}


@contextmanager
def _staged(
    settings: Settings, parts: list[Part], folder: Path, manifest: dict[str, Any], mark: str
) -> Iterator[Settings]:
    """Settings of the restored pair, which is thrown away unless it was put in place."""
    urls: dict[str, str] = {}
    try:
        for part in parts:
            urls[part.name] = _load(part, folder / manifest["databases"][part.name]["file"], mark)
        yield replace(settings, database_url=urls["study"], vault_url=urls["vault"])
    finally:
        for part in parts:
            _clear(part, mark)


def _staged_file(live: Path, name: str, mark: str) -> Path:
    return live.with_name(f"{name}-restoring-{mark}.sqlite3")


def _load(part: Part, source: Path, mark: str) -> str:
    if part.file:
        target = _staged_file(part.file, part.name, mark)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o600)
        files.require_sound(target, part.key)
        return f"sqlite:///{target}"
    made = server.create(part.url, f"{part.name}_restoring_{mark}")
    server.load(made, source, part.key)
    return made


def _prove(staged: Settings) -> dict[str, int]:
    databases = db.connect(staged)
    try:
        migrations.upgrade(databases)
        differences = migrations.check(databases)
        if differences:
            raise Conflict("The restored databases are not what this programme expects: %(first)s",
                           code="backup-differs", first=differences[0])  # fmt: skip
        return {str(kind): count for kind, count in erasure.replay(databases).items()}
    finally:
        databases.dispose()


def _swap(part: Part, mark: str) -> str:
    if not part.file:
        aside = f"{part.name}_before_{mark}"
        server.swap(part.url, f"{part.name}_restoring_{mark}", aside)
        return aside
    aside_file = part.file.with_name(f"{part.name}-before-{mark}.sqlite3")
    if part.file.exists():
        # A stopped service has folded its journal into the file; what a crash left goes along.
        for tail in ("", "-wal", "-shm"):
            live = part.file.with_name(part.file.name + tail)
            if live.exists():
                live.rename(aside_file.with_name(aside_file.name + tail))
    _staged_file(part.file, part.name, mark).rename(part.file)
    return aside_file.name


def _clear(part: Part, mark: str) -> None:
    if part.file:
        for left in part.file.parent.glob(f"{part.name}-restoring-{mark}.sqlite3*"):
            left.unlink()
    else:
        server.drop(part.url, f"{part.name}_restoring_{mark}")
