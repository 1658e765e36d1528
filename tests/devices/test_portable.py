"""Nothing bars the station from a machine without Unix's own modules: each is imported under a guard."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import biobank.devices

FILES = sorted(Path(biobank.devices.__file__).parent.rglob("*.py"))
OF_UNIX = {"fcntl", "termios", "tty", "pty", "grp", "pwd", "resource"}


def imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {node.module or ""} if isinstance(node, ast.ImportFrom) else set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_module_of_unix_is_never_imported_unguarded(file: Path):
    tree = ast.parse(file.read_text())
    assert not OF_UNIX & {name for node in tree.body for name in imported(node)}


# pyserial has a module for each system and takes that of the one it stands on: it is there before the others go.
_WITHOUT = f"""
import importlib, pkgutil, sys
import serial.tools.list_ports
for name in {sorted(OF_UNIX)}:
    sys.modules[name] = None
import biobank.devices
for module in pkgutil.walk_packages(biobank.devices.__path__, "biobank.devices."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print("imported", "biobank.devices.agent" in sys.modules)
"""


def test_every_module_of_the_station_is_imported_where_unix_has_none_of_its_own():
    done = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=False)
    assert done.stdout == "imported True\n", done.stderr
