"""The two databases: engines that own BEGIN, one transaction over both, and retry of what is safe to retry."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from biobank import embedded, keys
from biobank.actor import NOBODY, Actor, Role
from biobank.config import Settings
from biobank.errors import UnsafeSettings
from biobank.keys.provider import KeyProvider

Result = TypeVar("Result")

RESTED_SECONDS = 2
_READ_ONLY = {"sqlite_begin": "DEFERRED", "postgresql_readonly": True}
# SQLite's own words, and PostgreSQL's serialization failure and deadlock (Appendix A of its manual).
_RETRY_STATES = {"40001", "40P01"}
_RETRY_WORDS = ("database is locked", "database table is locked")


def _is_alive(engine: sa.Engine, raw: Any) -> bool:
    try:
        return engine.dialect.do_ping(raw)
    except engine.dialect.loaded_dbapi.Error:
        return False


def _server(url: str, pool: int) -> sa.Engine:
    """A PostgreSQL database; refused unless it is UTF-8."""
    options = "-c timezone=UTC -c statement_timeout=10000 -c lock_timeout=5000"
    options += " -c idle_in_transaction_session_timeout=30000"
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool,
        # The connection used last has its statements prepared and its pages at hand.
        pool_use_lifo=True,
        max_overflow=4,
        query_cache_size=embedded.STATEMENTS_KEPT,
        connect_args={"options": options, "connect_timeout": 5, "client_encoding": "utf8"},
    )

    @sa.event.listens_for(engine, "checkout")
    def ask_whether_alive(raw: Any, record: Any, _proxy: Any) -> None:
        # A connection that was just in use is alive; one that rested may have lost its server.
        if time.monotonic() - record.info.get("rested_since", 0) > RESTED_SECONDS and not _is_alive(engine, raw):
            raise sa.exc.DisconnectionError

    @sa.event.listens_for(engine, "checkin")
    def note_rest(_raw: Any, record: Any) -> None:
        record.info["rested_since"] = time.monotonic()

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
        alone = {"isolation_level": "AUTOCOMMIT"} if engine.dialect.name == "postgresql" else _READ_ONLY
        self._alone = engine.execution_options(**alone)

    def asking(self) -> sa.Connection:
        """A connection for one question outside a transaction, which saves a server three round trips.

        Of what is guarded by site it sees nothing.
        """
        return self._alone.connect()


# What a transaction may see of the tables that PostgreSQL guards by site (`migrations.walls`).
EVERY_SITE, NO_SITE = "all", "none"


def scope_of(actor: Actor, *, read_only: bool) -> str:
    """The site whose rows this actor's transaction may see.

    Clinic staff read their own site's rows. A change sees every site's, because it decides over a whole person (leaving
    cancels visits wherever they are); so do stations, the service's own work, and every other role. Who is nobody sees
    nothing.
    """
    if actor.kind == "nobody":
        return NO_SITE
    is_clinic = actor.kind == "staff" and actor.roles == {Role.CLINIC}
    return str(actor.site_id or NO_SITE) if is_clinic and read_only else EVERY_SITE


def _tell_site(session: Session, site: str) -> None:
    """Say the site to PostgreSQL as each transaction begins, and for that transaction alone: connections are shared."""

    @sa.event.listens_for(session, "after_begin")
    def tell(_session: Session, transaction: Any, connection: sa.Connection) -> None:
        # A savepoint has it from the transaction that it is in.
        if not transaction.nested:
            connection.exec_driver_sql("SELECT set_config('app.site', %s, true)", (site,))


class Tx:
    """One unit of work: a session on the study, the vault's when it is asked for, and who acts."""

    def __init__(self, databases: "Databases", actor: Actor, *, read_only: bool = False, site: str = "") -> None:
        self.databases = databases
        self.actor = actor
        self.read_only = read_only
        self._site = site or scope_of(actor, read_only=read_only)
        self._study: Session | None = None
        self._connection: sa.Connection | None = None
        self._vault: Session | None = None

    def _open(self, database: Database) -> Session:
        return database.reading() if self.read_only else database.writing()

    @property
    def session(self) -> Session:
        """The study database."""
        if self._study is None:
            self._study = self._open(self.databases.study)
            if self.databases.study.engine.dialect.name == "postgresql":
                _tell_site(self._study, self._site)
        return self._study

    @property
    def connection(self) -> sa.Connection:
        """The study database without the session's own work, which costs as much again: for statements of tables."""
        if self._connection is None:
            self._connection = self.session.connection()
        return self._connection

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
        self._vault = self._study = self._connection = None


class Databases:
    """The study and the vault, apart from each other, and the keys of what is sealed inside them."""

    def __init__(self, study: Database, vault: Database, provider: KeyProvider, home: Path) -> None:
        self.study = study
        self.vault = vault
        self.provider = provider
        self.keys = cache(provider.secret)
        self.home = home

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


def file_of(settings: Settings, name: str) -> Path | None:
    """The file of an embedded database, `study` or `vault`; None where a PostgreSQL server keeps it."""
    url = settings.database_url if name == "study" else settings.vault_url
    if url and not url.startswith("sqlite"):
        return None
    return Path(sa.make_url(url).database or "") if url else settings.home / f"{name}.sqlite3"


def connect(settings: Settings) -> Databases:
    """Open both databases as the settings say. Raises `UnsafeSettings` for one that must not be used."""
    provider = keys.load(settings)

    def open_one(name: str, url: str) -> Database:
        pool = settings.threads + 2
        path = file_of(settings, name)
        if path is None:
            return Database(_server(url, pool))
        key = provider.secret(name) if settings.encrypt_files else None
        return Database(embedded.open_file(path, key, pool))

    return Databases(
        open_one("study", settings.database_url),
        open_one("vault", settings.vault_url),
        provider,
        settings.home,
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
