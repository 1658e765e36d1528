"""`make fuzz`: schemathesis over every operation, signed in; answers are held against the published document."""

import argparse
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from biobank import config, db, migrations
from biobank.app import create_app
from biobank.demo import rig as demo_rig
from tests.fuzz.rig import Rig, brought_up, document

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


class Tally:
    """What was sent, what came back, and what was wrong with it, each kind of wrong told once."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.wrong: dict[tuple[str, str], str] = {}

    def note(self, operation: Any, problem: BaseException) -> None:
        for one in getattr(problem, "exceptions", [problem]):
            key = (operation.label, type(one).__name__)
            self.wrong.setdefault(key, str(one)[:900])


def _point(case: Any, rig: Rig, chance: random.Random) -> None:
    """Mostly at something that is there: keys that nobody has end at the first look-up."""
    for name in case.path_parameters or {}:
        if chance.random() < 0.8:
            case.path_parameters[name] = rig.key_for(name)
    if isinstance(case.body, dict):
        for name in case.body:
            if name.endswith("_id") and chance.random() < 0.8:
                case.body[name] = rig.key_for(name)


def _operate(operation: Any, rig: Rig, tally: Tally, examples: int) -> None:
    method = operation.method.upper()
    concrete = operation.path
    for name in [part[1:-1] for part in concrete.split("/") if part.startswith("{")]:
        concrete = concrete.replace("{" + name + "}", rig.key_for(name))
    role = rig.role_for(rig.endpoint_of(concrete, method) or "")
    if role is None:
        return
    chance = random.Random(operation.label)

    ways = hypothesis.settings(max_examples=examples, deadline=None, database=None, phases=[hypothesis.Phase.generate],
                               suppress_health_check=list(hypothesis.HealthCheck))  # fmt: skip

    @hypothesis.seed(20261122)
    @ways
    @hypothesis.given(case=operation.as_strategy())
    def send(case: Any) -> None:
        _point(case, rig, chance)
        try:
            answer = case.call(headers=rig.headers(role))
            tally.statuses[answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS)
        except (Exception, FailureGroup) as problem:  # noqa: BLE001 - every kind is told at the end
            tally.note(operation, problem)

    send()


def run(database: str, examples: int, seconds: float) -> Tally:
    """Send up to `examples` cases to each operation, for at most so many seconds."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="biobank-fuzz-") as name, ExitStack() as stack:
        folder = Path(name)
        urls = stack.enter_context(demo_rig.own_postgresql(folder)) if database == "postgresql" else {}
        settings = config.from_environment({
            "BIOBANK_PROFILE": "demo", "BIOBANK_HOME": str(folder / "home"), "BIOBANK_COOKIE_SECURE": "no",
            "BIOBANK_LOG_LEVEL": "ERROR", **urls,
        })  # fmt: skip
        databases = db.connect(settings)
        stack.callback(databases.dispose)
        migrations.upgrade(databases)
        app = create_app(settings, databases)
        rig = brought_up(app, databases, settings)
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
        operations = [found.ok() for found in schema.get_all_operations()]
        assert len(operations) == sum(
            method in ("get", "post", "put", "patch", "delete")
            for item in document(app)["paths"].values()
            for method in item
        )
        until = time.monotonic() + seconds
        for operation in operations:
            if time.monotonic() < until:
                _operate(operation, rig, tally, examples)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--database", choices=["embedded", "postgresql"], default="embedded")
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=3600)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    tally = run(options.database, options.examples, options.seconds)
    for (label, kind), words in sorted(tally.wrong.items()):
        print(f"--- {label}: {kind}\n{words}\n")
    told = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
    print(f"{sum(tally.statuses.values())} requests on {options.database}. {told}. {len(tally.wrong)} kinds of wrong.")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
