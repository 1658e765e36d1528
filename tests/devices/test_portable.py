"""Nothing bars the station from a machine without Unix's own modules: each is imported under a guard."""

import ast
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
