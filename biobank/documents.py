"""`make docs`: what can be read off the program is written by the program: settings, routes, tables, OpenAPI."""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from biobank import config, migrations
from biobank.access.table import ROUTES, Anyone
from biobank.app import create_app
from biobank.config import Profile, Settings


def settings_page() -> str:
    """Every setting with its default and meaning."""
    rows = "\n".join(f"| `{name}` | {default} | {meaning} |" for name, default, meaning in config.describe())
    head = "# Settings\n\nEach is a variable of the environment.\n\n| Setting | Default | Meaning |\n|---|---|---|\n"
    return f"{head}{rows}\n"


def _who(endpoint: str) -> str:
    needed = ROUTES[endpoint]
    return needed.value if isinstance(needed, Anyone) else ", ".join(sorted(needed))


def routes_page(app: Flask) -> str:
    """Every route and who may use it."""
    lines = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        lines.append(f"| {methods} | `{rule.rule}` | {_who(rule.endpoint)} |")
    return "# Routes\n\n| Method | Address | Who may |\n|---|---|---|\n" + "\n".join(lines) + "\n"


def _diagram(tables: sa.MetaData) -> Iterator[str]:
    for table in sorted(tables.tables.values(), key=lambda table: table.name):
        yield f"  {table.name} {{"
        for column in table.columns:
            marks = ["PK"] * column.primary_key + ["FK"] * bool(column.foreign_keys) + ["UK"] * bool(column.unique)
            yield f"    {type(column.type).__name__.lower()} {column.name}{' ' + ','.join(marks) if marks else ''}"
        yield "  }"
    for table in sorted(tables.tables.values(), key=lambda table: table.name):
        for key in sorted(table.foreign_keys, key=lambda key: (key.parent.name, key.target_fullname)):
            yield f"  {key.column.table.name} ||--o{{ {table.name} : {key.parent.name}"


def entities_page() -> str:
    """The tables of both databases, as diagrams."""
    parts = ["# Tables\n"]
    for name, words in (("study", "The study database. No line joins a participant, a donor and a payee."),
                        ("vault", "The vault, apart from everything else.")):  # fmt: skip
        tables = migrations.metadata(name)
        guarded = ", ".join(f"`{t.name}`" for t in tables.sorted_tables if t.info.get("append_only"))
        parts.append(f"## {name.capitalize()}\n\n{words}\n")
        parts.append(f"Append-only by trigger: {guarded or 'none'}.\n")
        parts.append("```mermaid\nerDiagram\n" + "\n".join(_diagram(tables)) + "\n```\n")
    return "\n".join(parts)


def pages() -> dict[str, str]:
    """Every generated document by its name in docs/."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(profile=Profile.DEMO, home=Path(folder), log_level="ERROR"))
        document = app.extensions["biobank.api"].spec.to_dict()
        made = {
            "settings.md": settings_page(),
            "routes.md": routes_page(app),
            "entities.md": entities_page(),
            "openapi.json": json.dumps(document, indent=1, sort_keys=True) + "\n",
        }
        app.extensions["biobank.databases"].dispose()
    return made


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for name, text in pages().items():
        (target / name).write_text(text)
