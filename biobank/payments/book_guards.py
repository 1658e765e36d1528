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
