"""Two independent FHIR validators, installed once beside the tests, that judge many documents at a time."""

import fcntl
import json
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "fhir"


def complaints(*documents: Any) -> list[list[str]]:
    """What @medplum/core and npm's fhir find wrong with each document."""
    _install()
    answer = subprocess.run(
        ["node", "validate.mjs"], cwd=FOLDER, input=json.dumps(documents), stdout=subprocess.PIPE, text=True, check=True
    )  # fmt: skip
    found: list[list[str]] = json.loads(answer.stdout)
    return found


def _install() -> None:
    with (FOLDER / "package.json").open() as lock:
        # Tests run in several processes: one installs, the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / "node_modules" / ".package-lock.json").exists():
            subprocess.run(["npm", "ci", "--prefix", str(FOLDER), "--no-audit", "--no-fund", "--silent"], check=True)
