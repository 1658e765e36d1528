"""The table of what goes wrong at devices, in docs/devices.md, names for every row a test that gives its answer."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROW = re.compile(r"^\| (.+?) \| .+ \| `(\w+\.py)::(\w+)` \|$", re.MULTILINE)
ROWS = ROW.findall((HERE.parents[1] / "docs/devices.md").read_text(encoding="utf-8"))
# The rows of the devices reference, section 5.5.
KNOWN = 29


@pytest.mark.parametrize(("row", "file", "name"), ROWS, ids=[row for row, _, _ in ROWS])
def test_the_row_has_a_test(row: str, file: str, name: str):
    assert f"def {name}(" in (HERE / file).read_text(encoding="utf-8")


def test_no_row_is_missing():
    assert len({row for row, _, _ in ROWS}) == KNOWN
