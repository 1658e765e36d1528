"""Payments and statement lines by the million, made inside the database: what finance's rows are measured on."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from biobank import clock, config, db, migrations
from biobank.access.actions import add_site
from biobank.access.models import SiteKind
from biobank.db import Databases
from biobank.payments import actions, ledger
from biobank.payments.models import State

DAY, NOON = date(2026, 11, 20), datetime(2026, 11, 20, 18, tzinfo=UTC)
FILE = "f" * 32


def opened(folder: Path, **urls: str) -> Databases:
    """A fresh pair of databases at the newest schema; `urls` as the environment names them."""
    settings = {"BIOBANK_PROFILE": "demo", "BIOBANK_HOME": str(folder / "home"), **urls}
    databases = db.connect(config.from_environment(settings))
    migrations.upgrade(databases)
    return databases


def reference(number: int) -> str:
    return f"BB-{number:016}-1"


class _Words:
    """How each database writes a row's number: as a key, with leading noughts, as a moment before noon."""

    def __init__(self, dialect: str, number: int) -> None:
        self.is_server = dialect == "postgresql"
        step = f"VALUES(0) UNION ALL SELECT i + 1 FROM s WHERE i + 1 < {number}"
        self.numbers = f"(WITH RECURSIVE s(i) AS ({step}) SELECT i FROM s) AS n"
        if self.is_server:
            self.numbers = f"generate_series(0, {number - 1}) AS n(i)"
        self.now = f"'{NOON.isoformat(timespec='microseconds')}'"

    def key(self, kind: str) -> str:
        return f"('{kind}' || lpad(to_hex(i), 31, '0'))::uuid" if self.is_server else f"printf('{kind}%031x', i)"

    def padded(self, width: int) -> str:
        return f"lpad(i::text, {width}, '0')" if self.is_server else f"printf('%0{width}d', i)"

    def moment(self) -> str:
        if self.is_server:
            return f"{self.now}::timestamptz - (i % 500000) * interval '1 minute'"
        return f"strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', {self.now}, '-' || (i % 500000) || ' minutes')"

    def day(self) -> str:
        return f"({self.moment()})::date" if self.is_server else f"substr({self.moment()}, 1, 10)"


def fill(databases: Databases, number: int, state: State) -> None:
    """Payments in one state: payee, entitlement, disbursement, and the entries of debt and payment."""
    with clock.at(NOON), databases.transaction() as tx:
        scheme = actions.ensure_scheme(tx).id
        site = add_site(tx, code="B", name="Bench", kind=SiteKind.CLINIC, zone="UTC").id
        ledger.ensure_accounts(tx)
    with databases.study.engine.begin() as connection:
        say = _Words(connection.dialect.name, number)
        keys = (str(scheme), str(site)) if say.is_server else (scheme.hex, site.hex)
        _unhurried(connection)
        for statement in _payments(say, *keys, state):
            connection.exec_driver_sql(statement.replace("%", "%%") if say.is_server else statement)
    _analyse(databases)


def _payments(say: _Words, scheme: str, site: str, state: State) -> list[str]:
    payee, owed, made = say.key("1"), say.key("2"), say.key("3")
    found = [
        f"INSERT INTO payee (id, code) SELECT {payee}, 'F' || {say.padded(12)} FROM {say.numbers}",
        "INSERT INTO entitlement (id, payee_id, scheme_id, scheme_code, decision, earned_at, decided_at, decided_by,"
        f" site_id, reasons) SELECT {owed}, {payee}, '{scheme}', 'visit-1', 'eligible', {say.moment()}, {say.moment()},"
        f" 'bench', '{site}', '[]' FROM {say.numbers}",
        "INSERT INTO disbursement (id, entitlement_id, scheme_id, seq, amount_cents, external_id, state, provider,"
        f" provider_ref, sent_at, created_at, attempts, version) SELECT {made}, {owed}, '{scheme}', 1, 2500,"
        f" 'BB-' || {say.padded(16)} || '-1', '{state}', 'p', 'O' || i, {say.moment()}, {say.moment()}, 1, 1"
        f" FROM {say.numbers}",
    ]
    for letter, kind, debit, credit, words in (
        ("4", "accrual", "5000", "2000", "NULL"), ("5", "payment", "2000", "1100", f"'BB-' || {say.padded(16)} || '-1'")
    ):  # fmt: skip
        found.append(
            "INSERT INTO transfer (id, uid, kind, debit, credit, amount_cents, posted_on, posted_at, disbursement_id,"
            f" reference) SELECT {say.key(letter)}, '{kind}:' || i, '{kind}', '{debit}', '{credit}', 2500, {say.day()},"
            f" {say.moment()}, {made}, {words} FROM {say.numbers}"
        )
    return found


def fill_lines(databases: Databases, number: int) -> None:
    """A line for each payment: 1 of 100 is missing, 1 of 100 has another amount, all others are $25 each."""
    with databases.study.engine.begin() as connection:
        say = _Words(connection.dialect.name, number)
        _unhurried(connection)
        file = f"'{FILE}'::uuid" if say.is_server else f"'{FILE}'"
        named = f"'BB-' || {say.padded(16)} || '-1'"
        statements = [
            "INSERT INTO statement_file (id, sha256, account, form, opened_on, closed_on, opening_cents, closing_cents,"
            f" line_count, new_count, imported_at, imported_by) VALUES ({file}, 'bench', '1100', 'csv', '{DAY}',"
            f" '{DAY}', 0, 0, {number}, {number}, {say.now}, 'bench')",
            "INSERT INTO statement_line (id, file_id, account, line_key, number, booked_on, text, reference,"
            f" amount_cents, occurrence, mentions, named) SELECT {say.key('6')}, {file}, '1100', 'k' || i, i, '{DAY}',"
            f" 'Reward order ' || {named} || ' USD', 'O' || i, CASE WHEN i % 100 = 1 THEN -2600 ELSE -2500 END, 1, 1,"
            f" {named} FROM {say.numbers} WHERE i % 100 <> 0",
        ]
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%") if say.is_server else statement)
    _analyse(databases)


def _unhurried(connection: Any) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _analyse(databases: Databases) -> None:
    """What a server's own housekeeping does after so much is written."""
    if databases.study.engine.dialect.name == "postgresql":
        with databases.study.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
