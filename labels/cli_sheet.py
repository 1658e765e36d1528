"""The command that lays many labels onto sheets for an office printer."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from labels.elements import Pair
from labels.errors import LayoutError
from labels.sheets import SheetLabel, SheetOptions, places, sheets
from labels.stock import load_stock, stocks
from labels.template import templates

ABOUT = "Lay labels onto sheets, as a PDF to be printed at its full size."
EXAMPLE = """\
  echo '[{"tube_id": "S123456789050", "participant_code": "P123456789006"}]' > tubes.json
  python -m labels sheet --stock ttlw-2016 --template cryo-33x13 --data tubes.json --start 6 -o tubes.pdf"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--stock", required=True, metavar="ID", help=", ".join(stocks()))
    parser.add_argument("--template", required=True, metavar="ID", help=", ".join(templates()))
    parser.add_argument("--data", required=True, metavar="FILE", help="JSON: a list with the fields of each label")
    parser.add_argument("--start", type=int, default=1, metavar="N", help="the first place to print on, along the rows")
    parser.add_argument("--skip", type=_numbers, default=(), metavar="N,N", help="places of the first sheet to leave")
    parser.add_argument("--offset", type=_pair, default=(0.0, 0.0), metavar="X,Y", help="mm right and down")
    parser.add_argument("--by-participant", action="store_true", help="begin a row with each participant")
    parser.add_argument("-o", "--output", required=True, metavar="FILE")


def run(options: argparse.Namespace) -> int:
    """Write the sheets; what is wrong with the labels is raised before anything is written."""
    stock = load_stock(options.stock)
    labels = [SheetLabel(options.template, data) for data in _read(options.data)]
    chosen = SheetOptions(
        start=options.start, skip=options.skip, offset_mm=options.offset, by_participant=options.by_participant
    )
    Path(options.output).write_bytes(sheets(stock, labels, chosen))
    if options.json:
        count = 1 + max(places(stock, labels, chosen)) // stock.places
        facts = {"stock": stock.id, "template": options.template, "labels": len(labels), "sheets": count}
        sys.stdout.write(json.dumps(facts) + "\n")
    return 0


def _read(name: str) -> list[dict[str, str]]:
    try:
        content: Any = json.loads(Path(name).read_bytes())
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"{name} is not JSON: {error}. Correct the file and print again.") from error
    if not isinstance(content, list) or not all(isinstance(data, dict) for data in content):
        raise LayoutError(f"{name} must hold a JSON list with one object for each label.")
    return [{key: value for key, value in data.items() if value is not None} for data in content]


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of places. Write it as 4,7.") from None


def _pair(text: str) -> Pair:
    try:
        across, down = map(float, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no offset in mm. Write it as 0.5,-0.2.") from None
    return across, down
