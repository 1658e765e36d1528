"""`make migration`: write the next numbered migration from the difference between models and newest schema."""

import argparse
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from biobank import db, migrations
from biobank.columns import Instant, Measure, Word
from biobank.config import Profile, Settings

_GUARD = """    for statement in columns.guard_statements(op.get_bind().dialect.name, "{table}"):
        op.execute(statement)
"""


def _render(kind: str, item: Any, _context: Any) -> Any:
    """Types by what they are stored as, so that a migration does not change when an enumeration does."""
    if kind == "type" and isinstance(item, Instant):
        return "columns.Instant()"
    if kind == "type" and isinstance(item, (Measure, Word)):
        return f"sa.String(length={item.impl_instance.length})"
    return False


def write(name: str, message: str, only: Collection[str] | None = None) -> Path | None:
    """Write the next migration of `study` or `vault`; `only` limits it to some tables. None if nothing differs."""
    with tempfile.TemporaryDirectory() as folder:
        databases = db.connect(Settings(profile=Profile.DEMO, home=Path(folder)))
        migrations.upgrade(databases)
        engine = (databases.study if name == "study" else databases.vault).engine
        with engine.connect() as connection:
            path = _revision(name, message, only, connection)
        databases.dispose()
    return path


def _tidy(text: str) -> str:
    """Without the generator's remarks, what only the models need, and an import that is not used."""
    for words in (", info={'append_only': True}", "\n    info={'append_only': True}"):
        text = text.replace(words, "")
    lines = [line for line in text.splitlines() if "commands auto generated" not in line and "end Alembic" not in line]
    if "columns." not in text.partition("def upgrade")[2]:
        lines = [line for line in lines if line != "from biobank import columns"]
    return "\n".join(lines) + "\n"


def _revision(name: str, message: str, only: Collection[str] | None, connection: sa.Connection) -> Path | None:
    config = migrations.config(name, connection)
    config.attributes["render_item"] = _render
    config.attributes["include_name"] = lambda item, kind, _parents: kind != "table" or only is None or item in only
    config.attributes["include_object"] = lambda _item, label, kind, *_: (
        kind != "table" or only is None or label in only
    )
    scripts = ScriptDirectory.from_config(config)
    number = len(list(scripts.walk_revisions())) + 1
    found: Any = command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
    path = Path(found.path)
    text = path.read_text()
    for table in migrations.metadata(name).sorted_tables:
        if table.info.get("append_only") and f"op.create_table('{table.name}'," in text:
            text += _GUARD.format(table=table.name)
    path.write_text(_tidy(text))
    if "op." not in text.partition("def upgrade")[2]:
        path.unlink()
        return None
    return path


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m biobank.migrations.author", description=__doc__)
    parser.add_argument("message", help="what changes, in a few words")
    parser.add_argument("--tables", nargs="*", help="only these tables")
    options = parser.parse_args()
    for name in ("study", "vault"):
        path = write(name, options.message, options.tables)
        print(path or f"{name}: nothing differs")  # noqa: T201


if __name__ == "__main__":
    main()
