"""The two databases keep what they acknowledged, lose no update, and refuse what is unsafe."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from biobank import config, db
from biobank.access import actions
from biobank.access.models import SignInFailure, Site, SiteKind
from biobank.config import Profile, Settings
from biobank.db import Databases, Tx, run_tx
from biobank.errors import UnsafeSettings


def _count_up(databases: Databases, times: int) -> None:
    def add_one(tx: Tx) -> None:
        row = tx.session.scalars(sa.select(SignInFailure).filter_by(bucket="b").with_for_update()).one()
        row.count += 1

    for _ in range(times):
        run_tx(databases, add_one)


def test_sixteen_writers_lose_no_update(databases: Databases) -> None:
    with databases.transaction() as tx:
        tx.session.add(SignInFailure(bucket="b", window=1, count=0))
    threads = [threading.Thread(target=_count_up, args=(databases, 10)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalar(sa.select(SignInFailure.count)) == 160


def test_what_raises_leaves_nothing_behind(databases: Databases) -> None:
    def fail(tx: Tx) -> None:
        actions.add_site(tx, code="X", name="X", kind=SiteKind.CLINIC, zone="UTC")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_tx(databases, fail)
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(Site)).all() == []


def test_a_reader_goes_on_while_a_writer_holds_the_lock(databases: Databases) -> None:
    with databases.transaction() as writing:
        actions.add_site(writing, code="X", name="X", kind=SiteKind.CLINIC, zone="UTC")
        with databases.transaction(read_only=True) as reading:
            assert reading.session.scalars(sa.select(Site)).all() == []


def test_a_read_only_transaction_cannot_write_on_postgresql(databases: Databases, backend: str) -> None:
    with databases.transaction(read_only=True) as tx:
        mode = tx.session.connection().get_execution_options()
    assert mode["sqlite_begin"] == "DEFERRED"
    assert mode["postgresql_readonly"] is True


def test_a_failed_writer_lets_the_next_one_in(databases: Databases) -> None:
    def break_a_rule(tx: Tx) -> None:
        tx.session.add(Site(code=None, name="X", kind=SiteKind.CLINIC, zone="UTC"))
        tx.session.flush()

    for _ in range(3):
        with pytest.raises(sa.exc.IntegrityError):
            run_tx(databases, break_a_rule)
    with databases.transaction() as tx:
        actions.add_site(tx, code="X", name="X", kind=SiteKind.CLINIC, zone="UTC")


def _demo(home: Path, **values: object) -> Settings:
    return Settings(profile=Profile.DEMO, home=home, **values)  # type: ignore[arg-type]


def test_an_embedded_file_shows_nothing_of_what_it_holds(tmp_path: Path) -> None:
    opened = db.connect(_demo(tmp_path))
    with opened.study.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (word TEXT)")
        connection.exec_driver_sql("INSERT INTO t VALUES ('canary-in-the-mine')")
    opened.dispose()
    assert all(b"canary" not in file.read_bytes() for file in tmp_path.glob("study.sqlite3*"))


def test_an_embedded_file_writes_through_to_the_disk(tmp_path: Path) -> None:
    opened = db.connect(_demo(tmp_path))
    with opened.study.engine.connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    opened.dispose()
    assert found == ["wal", 2]


def test_an_embedded_file_with_another_key_does_not_open(tmp_path: Path) -> None:
    opened = db.connect(_demo(tmp_path))
    with opened.study.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (word TEXT)")
    opened.dispose()
    key = _demo(tmp_path).home / "keys" / "study.key"
    key.chmod(0o600)
    key.write_text("00" * 32)
    again = db.connect(_demo(tmp_path))
    with pytest.raises(sa.exc.DatabaseError), again.study.engine.connect():
        pass
    again.dispose()


def test_a_plain_file_is_refused_by_name(tmp_path: Path) -> None:
    plain = db.connect(_demo(tmp_path, encrypt_files=False))
    with plain.study.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (word TEXT)")
    plain.dispose()
    with pytest.raises(UnsafeSettings, match=r"study\.sqlite3 is not encrypted"):
        db.connect(_demo(tmp_path))


@pytest.mark.parametrize(
    ("unsafe", "words"),
    [
        ({"encrypt_files": False}, "ENCRYPT_FILES"),
        ({"cookie_secure": False}, "COOKIE_SECURE"),
        ({"secret_key_file": None}, "SECRET_KEY_FILE"),
        ({"profile": Profile.PROGRAMME}, "must name PostgreSQL"),
        ({"database_url": "postgresql://x/a", "vault_url": "postgresql://x/a"}, "names must be kept apart"),
    ],
)
def test_unsafe_settings_are_refused_outside_a_demonstration(unsafe: dict[str, object], words: str) -> None:
    safe = {"profile": Profile.SITE, "secret_key_file": Path("secret")}
    with pytest.raises(UnsafeSettings, match=words):
        config.refuse_unsafe(Settings(**(safe | unsafe)))  # type: ignore[arg-type]


def test_safe_settings_start() -> None:
    config.refuse_unsafe(Settings(profile=Profile.SITE, secret_key_file=Path("secret")))


@pytest.mark.parametrize("given", [{"BIOBANK_PORTT": "1"}, {"BIOBANK_PORT": "eighty"}, {"BIOBANK_PROFILE": "prod"}])
def test_an_unknown_or_unusable_variable_is_refused_by_name(given: dict[str, str]) -> None:
    with pytest.raises(UnsafeSettings, match=next(iter(given))):
        config.from_environment(given)


def test_a_database_that_is_not_utf8_is_refused(postgres: str) -> None:
    engine = sa.create_engine(sa.make_url(postgres).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        as_latin = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        connection.exec_driver_sql(f"CREATE DATABASE latin {as_latin}")
    engine.dispose()
    address = str(sa.make_url(postgres).set(database="latin").render_as_string(hide_password=False))
    opened = db.connect(Settings(profile=Profile.DEMO, database_url=address, vault_url=address))
    with pytest.raises(UnsafeSettings, match="LATIN1"), opened.study.engine.connect():
        pass
    opened.dispose()
