"""What every test may ask for: both databases, a transaction, a clock that stands, the application, a page reader."""

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import settings as examples

from biobank import clock, db, events, migrations, wiring
from biobank.actor import Actor, Role
from biobank.app import create_app, open_on
from biobank.config import Profile, Settings
from biobank.db import Databases, Tx
from tests.pages import Browser

# How long an example takes says more of the machine than of the code.
examples.register_profile("steady", deadline=None)
examples.load_profile("steady")

NOON = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture(params=["embedded", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server, without its database name."""
    # The package complains at import where no desktop session has set this.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    pgserver = import_module("pgserver")
    # Apart from pytest's own folders, which another run on this machine makes private again.
    folder = Path(tempfile.mkdtemp(prefix="biobank-postgres-"))
    server = pgserver.get_server(folder, cleanup_mode="stop")
    # Tests lose nothing that matters when the machine stops, and their databases do not live to be vacuumed.
    off = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum", "jit")
    server.psql(" ".join(f"ALTER SYSTEM SET {name} = off;" for name in off) + " SELECT pg_reload_conf();")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _settings(home: Path, **values: str) -> Settings:
    return Settings(profile=Profile.DEMO, home=home, cookie_secure=False, threads=4, log_level="ERROR", **values)  # type: ignore[arg-type]


@cache
def _administration(address: str) -> sa.Connection:
    """Kept open: it is asked twice for each test."""
    made = sa.make_url(address).set(drivername="postgresql+psycopg")
    return sa.create_engine(made, isolation_level="AUTOCOMMIT").connect()


def _administer(address: str, *statements: str) -> None:
    for statement in statements:
        _administration(address).exec_driver_sql(statement)


def _migrate(settings: Settings) -> Settings:
    opened = db.connect(settings)
    migrations.upgrade(opened)
    opened.dispose()
    return settings


@pytest.fixture(scope="session")
def embedded_template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A migrated, empty pair of files that each test copies."""
    return _migrate(_settings(tmp_path_factory.mktemp("template")))


@pytest.fixture(scope="session")
def postgresql_template(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A migrated, empty pair of databases that each test copies."""
    as_utf8 = "ENCODING 'UTF8' TEMPLATE template0"
    _administer(postgres, *(f"CREATE DATABASE {name}_template {as_utf8}" for name in ("study", "vault")))
    return _migrate(_settings(tmp_path_factory.mktemp("template"), **_urls(postgres, "template")))


def _urls(address: str, tail: str) -> dict[str, str]:
    made = sa.make_url(address)
    return {
        f"{key}_url": made.set(database=f"{name}_{tail}").render_as_string(False)
        for key, name in (("database", "study"), ("vault", "vault"))
    }


@pytest.fixture
def settings(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings of a fresh pair of databases on the backend under test."""
    home = tmp_path / "home"
    template: Settings = request.getfixturevalue(f"{backend}_template")
    if backend == "embedded":
        shutil.copytree(template.home, home)
        yield _settings(home)
        return
    address, tail = request.getfixturevalue("postgres"), uuid.uuid4().hex[:10]
    names = ("study", "vault")
    # Copying files costs two thirds of writing each page through the log, which is PostgreSQL's default.
    _administer(
        address, *(f"CREATE DATABASE {name}_{tail} TEMPLATE {name}_template STRATEGY FILE_COPY" for name in names)
    )
    home.mkdir()
    yield _settings(home, **_urls(address, tail))
    _administer(address, *(f"DROP DATABASE {name}_{tail} WITH (FORCE)" for name in names))


_ENGINES: dict[str, sa.Engine] = {}


def _compile_once(opened: Databases) -> None:
    """What a statement compiles to is the same in every test's databases: it is kept for the whole process."""
    for name in ("study", "vault"):
        engine = getattr(opened, name).engine
        kind = f"{name} {engine.dialect.name}"
        if kind not in _ENGINES:
            engine.connect().close()  # a dialect asks its server's version at its first connection
            _ENGINES[kind] = engine
        engine.dialect, engine._compiled_cache = _ENGINES[kind].dialect, _ENGINES[kind]._compiled_cache
        setattr(opened, name, db.Database(engine))


@pytest.fixture
def databases(settings: Settings) -> Iterator[Databases]:
    opened = db.connect(settings)
    _compile_once(opened)
    events.connect(wiring.TABLE)
    yield opened
    opened.dispose()


@pytest.fixture
def noon() -> Iterator[datetime]:
    """The clock stands at noon of a Friday in Chicago."""
    with clock.at(NOON):
        yield NOON


@pytest.fixture
def clerk() -> Actor:
    return Actor(kind="staff", name="Carla Clerk", id=uuid.UUID(int=7), roles=frozenset({Role.CLINIC}))


@pytest.fixture
def tx(databases: Databases, clerk: Actor) -> Iterator[Tx]:
    """A transaction that is committed if the test goes well."""
    with databases.transaction(clerk) as opened:
        yield opened


@pytest.fixture(scope="session")
def application(embedded_template: Settings) -> Flask:
    """The application, put together once: its parts are the same for every test."""
    application = create_app(embedded_template)
    application.extensions["biobank.databases"].dispose()
    application.testing = True
    return application


@pytest.fixture
def app(application: Flask, settings: Settings, databases: Databases) -> Flask:
    """The application on this test's databases."""
    open_on(application, settings, databases)
    return application


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A person at a page, signed out."""
    return Browser(app)


def pytest_make_parametrize_id(config: pytest.Config, val: object) -> str | None:
    """A drawn code is another one in every process: it is known by its kind, so that all processes collect the same."""
    return f"{val[0]}-code" if isinstance(val, str) and re.fullmatch(r"[A-Z]\d{9,}", val) else None
