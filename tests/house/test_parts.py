"""The parts from elsewhere: each version stands in one place, and what the service runs on is known by its files."""

import re
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PINNED = re.compile(
    r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(\S+?)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE
)


def _name(text: str) -> str:
    """A project's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", text).lower()


def _locked() -> dict[str, tuple[str, str]]:
    """Version and digests of each part of requirements.txt."""
    found = _PINNED.findall((ROOT / "requirements.txt").read_text())
    return {_name(name): (version, hashes) for name, version, hashes in found}


def test_each_part_that_is_installed_by_hash_has_the_version_that_is_tested_and_a_hash() -> None:
    tested = {_name(name): version for name, version, _ in _PINNED.findall((ROOT / "constraints.txt").read_text())}
    assert {name: version for name, (version, _) in _locked().items() if tested.get(name) != version} == {}
    assert [name for name, (_, hashes) in _locked().items() if not hashes] == []


def test_each_part_that_the_service_asks_for_is_installed_by_hash() -> None:
    read = ConfigParser()
    read.read(ROOT / "setup.cfg")
    extras = read["options.extras_require"]
    asked = f"{read['options']['install_requires']}\n{extras['postgresql']}\n{extras['oidc']}".split("\n")
    names = {_name(re.split(r"[\[<>=]", line)[0]) for line in asked if line and not line.startswith("#")}
    assert names - _locked().keys() == set(), "run `make locked`"
