"""The embedded database: an encrypted file whose engine owns BEGIN and lets writers in one after the other."""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher

from biobank.errors import UnsafeSettings

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
)

# All pages and programs together ask a few thousand different statements; each takes milliseconds to compile.
STATEMENTS_KEPT = 5000


class _Turn:
    """A first-come-first-served lock: SQLite's own waiting is a lottery under load."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def take(self) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        gate.acquire()

    def leave(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


def _own_begin(engine: sa.Engine) -> None:
    """Make SQLAlchemy emit BEGIN itself: the driver's implicit one loses updates (see its manual)."""
    turn = _Turn()

    def leave(info: Any) -> None:
        if taken := info.pop("turn", None):
            taken.leave()

    def begin(connection: sa.Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        if mode == "IMMEDIATE":
            turn.take()
            connection.info["turn"] = turn
        try:
            connection.exec_driver_sql(f"BEGIN {mode}")
        except BaseException:
            leave(connection.info)
            raise

    sa.event.listen(engine, "begin", begin)
    # The lock must outlive COMMIT itself, so it is released after the driver has answered.
    commit, rollback = engine.dialect.do_commit, engine.dialect.do_rollback

    def ended(work: Callable[[Any], None]) -> Callable[[Any], None]:
        def do(proxied: Any) -> None:
            try:
                work(proxied)
            finally:
                leave(getattr(getattr(proxied, "_connection_record", None), "info", {}))

        return do

    dialect: Any = engine.dialect
    dialect.do_commit = ended(commit)
    dialect.do_rollback = ended(rollback)


def open_file(path: Path, key: bytes | None, pool: int) -> sa.Engine:
    """An SQLite file, opened through SQLCipher with its key as the very first statement."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if key and path.exists() and path.read_bytes()[:16] == b"SQLite format 3\x00":
        raise UnsafeSettings(f"{path} is not encrypted. Move it away, or restore from an encrypted backup.")
    engine = sa.create_engine(
        f"sqlite:///{path}", module=sqlcipher, pool_size=pool, max_overflow=4, pool_use_lifo=True,
        query_cache_size=STATEMENTS_KEPT, connect_args={"timeout": 5},
    )  # fmt: skip

    @sa.event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        cursor = raw.cursor()
        if key:
            cursor.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    _own_begin(engine)
    return engine
