"""Row-level security by site: PostgreSQL itself keeps a clinic's reading to its own visits and measurements."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

_OF_A_RECORD = ("measurement_version", "measurement_event", "measurement_import", "measurement_entry",
                "measurement_reading", "measurement_alert")  # fmt: skip
# Each table, and how a row of it belongs to a site: by its own column, or by the row of a table that does.
SCOPED: Mapping[str, str] = {
    "visit": "site_id::text = current_setting('app.site', true)",
    "visit_step": "EXISTS (SELECT 1 FROM visit v WHERE v.id = visit_id)",
    "visit_event": "EXISTS (SELECT 1 FROM visit v WHERE v.id = visit_id)",
    "measurement_record": "EXISTS (SELECT 1 FROM visit v WHERE v.id = visit_id)",
    **dict.fromkeys(_OF_A_RECORD, "EXISTS (SELECT 1 FROM measurement_record r WHERE r.id = record_id)"),
}


def statements(table: str) -> Iterator[str]:
    """The SQL that puts the wall up, for its owner too (FORCE). Where `app.site` is not set, nothing is seen."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY own_site ON {table} USING (current_setting('app.site', true) = 'all' OR {SCOPED[table]})"


def missing(connection: sa.Connection) -> list[str]:
    """The tables whose wall does not stand as it should."""
    query = sa.text(
        "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
        "WHERE p.polname = 'own_site' AND c.relrowsecurity AND c.relforcerowsecurity"
    )
    standing = set(connection.execute(query).scalars())
    return sorted(set(SCOPED) - standing)
