"""The two databases: engines that own BEGIN, one transaction over both, and retry of what is safe to retry."""

import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from biobank.actor import NOBODY, Actor
from biobank.config import Settings
from biobank.errors import UnsafeSettings

Result = TypeVar("Result")
# Answers the 32-byte key of a name. A deployment with a key service gives its own.
KeyProvider = Callable[[str], bytes]

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
_READ_ONLY = {"sqlite_begin": "DEFERRED", "postgresql_readonly": True}
# SQLite's own words, and PostgreSQL's serialization failure and deadlock (Appendix A of its manual).
_RETRY_STATES = {"40001", "40P01"}
_RETRY_WORDS = ("database is locked", "database table is locked")


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
        if info.pop("turn", False):
            turn.leave()

    def begin(connection: sa.Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        if mode == "IMMEDIATE":
            turn.take()
            connection.info["turn"] = True
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


def _embedded(path: Path, key: bytes | None, pool: int) -> sa.Engine:
    """An SQLite file, opened through SQLCipher with its key as the very first statement."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if key and path.exists() and path.read_bytes()[:16] == b"SQLite format 3\x00":
        raise UnsafeSettings(f"{path} is not encrypted. Move it away, or restore from an encrypted backup.")
    engine = sa.create_engine(
        f"sqlite:///{path}", module=sqlcipher, pool_size=pool, max_overflow=4, connect_args={"timeout": 5}
    )

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


def _server(url: str, pool: int) -> sa.Engine:
    """A PostgreSQL database; refused unless it is UTF-8."""
    options = "-c timezone=UTC -c statement_timeout=10000 -c lock_timeout=5000"
    options += " -c idle_in_transaction_session_timeout=30000"
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=4,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 5, "client_encoding": "utf8"},
    )

    @sa.event.listens_for(engine, "connect")
    def check(raw: Any, _record: Any) -> None:
        encoding = raw.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise UnsafeSettings(f"The database is {encoding}; create it with ENCODING 'UTF8'.")

    return engine


class Database:
    """One database: its engine, a session that may write, a session that only reads."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.writing = sessionmaker(engine, expire_on_commit=False)
        self.reading = sessionmaker(engine.execution_options(**_READ_ONLY), expire_on_commit=False)


class Tx:
    """One unit of work: a session on the study, the vault's when it is asked for, and who acts."""

    def __init__(self, databases: "Databases", actor: Actor, *, read_only: bool = False) -> None:
        self.databases = databases
        self.actor = actor
        self.read_only = read_only
        self._study: Session | None = None
        self._vault: Session | None = None

    def _open(self, database: Database) -> Session:
        return database.reading() if self.read_only else database.writing()

    @property
    def session(self) -> Session:
        """The study database."""
        if self._study is None:
            self._study = self._open(self.databases.study)
        return self._study

    @property
    def vault(self) -> Session:
        """The vault. Only `participants.vault` may ask for it; a test of the house sees to that."""
        if self._vault is None:
            self._vault = self._open(self.databases.vault)
        return self._vault

    def commit(self) -> None:
        """Commit the vault, then the study: a person known only to the vault harms nobody and is found by a sweep."""
        for session in (self._vault, self._study):
            if session is not None:
                session.commit()

    def close(self) -> None:
        """Roll back whatever was not committed and give the connections back."""
        for session in (self._vault, self._study):
            if session is not None:
                session.close()
        self._vault = self._study = None


class Databases:
    """The study and the vault, apart from each other, and the keys of what is sealed inside them."""

    def __init__(self, study: Database, vault: Database, keys: KeyProvider) -> None:
        self.study = study
        self.vault = vault
        self.keys = cache(keys)

    @contextmanager
    def transaction(self, actor: Actor = NOBODY, *, read_only: bool = False) -> Iterator[Tx]:
        """Return commits, raise rolls back."""
        tx = Tx(self, actor, read_only=read_only)
        try:
            yield tx
            tx.commit()
        finally:
            tx.close()

    def dispose(self) -> None:
        self.study.engine.dispose()
        self.vault.engine.dispose()


def key_file(settings: Settings, name: str) -> Path:
    return settings.home / "keys" / f"{name}.key"


def load_key(settings: Settings, name: str) -> bytes:
    """The 32-byte key of this name, made on first use, readable by its owner only."""
    path = key_file(settings, name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Linked into place whole: of two processes that start together, both read the key that came first.
        drawn = path.with_suffix(f".{secrets.token_hex(8)}")
        drawn.touch(mode=0o600)
        drawn.write_text(secrets.token_hex(32))
        drawn.chmod(0o400)
        with suppress(FileExistsError):
            path.hardlink_to(drawn)
        drawn.unlink()
    return bytes.fromhex(path.read_text().strip())


def connect(settings: Settings) -> Databases:
    """Open both databases as the settings say. Raises `UnsafeSettings` for one that must not be used."""

    def open_one(name: str, url: str) -> Database:
        pool = settings.threads + 2
        if url and not url.startswith("sqlite"):
            return Database(_server(url, pool))
        path = Path(sa.make_url(url).database or "") if url else settings.home / f"{name}.sqlite3"
        key = load_key(settings, name) if settings.encrypt_files else None
        return Database(_embedded(path, key, pool))

    return Databases(
        open_one("study", settings.database_url),
        open_one("vault", settings.vault_url),
        lambda name: load_key(settings, name),
    )


def is_worth_retrying(problem: BaseException) -> bool:
    """Whether the database only asks to try the whole unit of work again."""
    if not isinstance(problem, sa.exc.DBAPIError):
        return False
    state = getattr(problem.orig, "sqlstate", None)
    return state in _RETRY_STATES or any(words in str(problem.orig) for words in _RETRY_WORDS)


def run_tx(databases: Databases, work: Callable[[Tx], Result], actor: Actor = NOBODY, attempts: int = 5) -> Result:
    """Run a unit of work, again from its start when the database asks for that; `work` has no other effects."""
    for attempt in range(1, attempts + 1):
        try:
            with databases.transaction(actor) as tx:
                return work(tx)
        except sa.exc.DBAPIError as problem:
            if attempt == attempts or not is_worth_retrying(problem):
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable")


def insert_ignore(session: Session, model: Any, **values: Any) -> bool:
    """Insert a row unless one with its unique key stands already. True if it was inserted."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(model).values(**values).on_conflict_do_nothing()
    # Without the option PostgreSQL's count is -1 here, which would read as inserted.
    result = session.execute(statement, execution_options={"preserve_rowcount": True})
    return bool(result.rowcount)  # type: ignore[attr-defined]
