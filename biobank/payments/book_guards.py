"""What the database itself refuses in a month that is locked or closed: entries, statement lines, and matches."""

from collections.abc import Callable


def in_open_period(table: str, day: str, *verbs: str) -> Callable[[str], list[str]]:
    """The SQL, for a dialect, by which a row of `table` cannot come into a month that is not open.

    `day` is the SQL of the row's day, said of `NEW`. The check runs after the row's foreign keys have been looked at:
    whoever locks a month holds the accounts' rows, so an entry that waited for them sees the month as it is then.
    """

    def statements(dialect: str) -> list[str]:
        refusal = f"{table}: this month is locked"
        shut = f"SELECT 1 FROM period WHERE state <> 'open' AND {day} BETWEEN opens_on AND closes_on"  # noqa: S608 - names of ours
        if dialect == "sqlite":
            return [
                f"CREATE TRIGGER {table}_open_{verb.lower()} AFTER {verb} ON {table} "
                f"WHEN EXISTS ({shut}) BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
                for verb in verbs
            ]
        return [
            f"CREATE OR REPLACE FUNCTION {table}_in_open() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF EXISTS ({shut}) THEN RAISE EXCEPTION '{refusal}'; END IF; RETURN NULL; END $$",
            *(
                f"CREATE TRIGGER {table}_open_{verb.lower()} AFTER {verb} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_in_open()"
                for verb in verbs
            ),
        ]

    return statements


def refused(table: str, name: str, verb: str, condition: str, refusal: str) -> Callable[[str], list[str]]:
    """The SQL, for a dialect, by which `verb` on a row of which `condition` holds (said of OLD and NEW) is refused."""

    def statements(dialect: str) -> list[str]:
        if dialect == "sqlite":
            return [
                f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: {refusal}'); END"
            ]
        return [
            f"CREATE OR REPLACE FUNCTION {table}_{name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table}: {refusal}'; END $$",
            f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} FOR EACH ROW WHEN ({condition}) "
            f"EXECUTE FUNCTION {table}_{name}_refuse()",
        ]

    return statements


# A match that was once confirmed stays in the history, also when it is taken back.
MATCH_KEPT = refused("recon_match", "kept", "DELETE", "OLD.state <> 'suggested'", "a confirmed match is never removed")
PERIOD_KEPT = refused("period", "kept", "DELETE", "OLD.code IS NOT NULL", "a month is never removed")
PERIOD_STEPS = refused(
    "period", "steps", "UPDATE",
    "(OLD.code <> NEW.code OR OLD.opens_on <> NEW.opens_on OR OLD.closes_on <> NEW.closes_on"
    " OR (OLD.state = 'open' AND NEW.state = 'closed') OR (OLD.state = 'closed' AND NEW.state = 'locked'))",
    "a month keeps its days and is locked before it is closed",
)  # fmt: skip
