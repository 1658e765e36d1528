"""How well labels are read: new codes on every template and resolution, by two decoders that know nothing of ours."""

import argparse
import json
import multiprocessing
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import zxingcpp
from PIL import Image

from labels import BadCode, parse, templates
from labels.device import PROFILES
from labels.display import DisplayList
from labels.layout import resolve
from labels.raster import paint
from labels.template import load
from tests.labels import captures
from tests.labels.factories import OWN_KIND, make_label_data

LABELS = 1000
LEAST_READ = 0.99
EVERY_WORN = 10
"""One label in so many is also printed with a dead dot under its symbol; those are counted apart."""
Decoder = Callable[[Image.Image], list[str]]


def second_decoder(symbology: str) -> tuple[str, Decoder] | None:
    """The second opinion on a symbology: zbar for bars, libdmtx for Data Matrix; None where it is not installed."""
    try:
        return ("libdmtx", _libdmtx()) if symbology == "datamatrix" else ("zbar", _zbar())
    except ImportError:
        return None


def _zbar() -> Decoder:
    from pyzbar import pyzbar  # noqa: PLC0415 - optional, and its library may be missing

    bars = [pyzbar.ZBarSymbol.CODE128]
    return lambda image: [symbol.data.decode() for symbol in pyzbar.decode(image, symbols=bars)]


def _libdmtx() -> Decoder:
    from pylibdmtx import pylibdmtx  # noqa: PLC0415 - optional, and its library may be missing

    return lambda image: [symbol.data.decode() for symbol in pylibdmtx.decode(image, timeout=10_000, max_count=1)]


@dataclass
class Read:
    """How one template was read at one resolution by one decoder: counts of labels.

    `wrong` are reads of another text, `let_through` those of them whose check digits hold.
    """

    template: str
    dpi: int
    decoder: str
    codes: int = 0
    pristine: int = 0
    degraded: int = 0
    worn: int = 0
    worn_read: int = 0
    wrong: int = 0
    let_through: int = 0

    @property
    def holds(self) -> bool:
        """All pristine labels read, 99 % of the degraded ones, and nothing that is not the label's code."""
        return self.pristine == self.codes and self.degraded >= LEAST_READ * self.codes and not self.let_through

    def line(self) -> str:
        pairs = ((self.pristine, self.codes), (self.degraded, self.codes), (self.worn_read, self.worn))
        shares = " ".join(f"{100 * part / whole:9.2f}" if whole else "        -" for part, whole in pairs)
        counts = f"{self.codes:6} {shares} {self.wrong:6} {self.let_through:11}"
        return f"{self.template:18} {self.dpi:4} {self.decoder:8} {counts}"

    def count(self, own: str, texts: list[str]) -> bool:
        """Whether the label's own code was read; what else was read is counted, and so is what our check lets by."""
        others = [text for text in texts if text != own]
        self.wrong += len(others)
        self.let_through += sum(map(_is_whole, others))
        return own in texts


def read_back(template: str, dpi: int, codes: int) -> list[Read]:
    """So many new codes as printed, as a camera sees them (L2 and L3 in turn), some with a dot dead under each."""
    chosen = random.Random(f"{template} {dpi}")
    found, decoders = _readers(template, dpi)
    for number in range(codes):
        data = make_label_data(template)
        own, label = data[OWN_KIND[template][0]], resolve(load(template), data, PROFILES[dpi])
        flat = captures.around_symbol(paint(label), label)
        seen = captures.capture(template, label, captures.LEVELS[number % len(captures.LEVELS)], chosen)
        worn = _worn(template, label, chosen) if number % EVERY_WORN == 0 else None
        for read, decode in zip(found, decoders, strict=True):
            read.codes += 1
            read.pristine += read.count(own, decode(flat))
            read.degraded += read.count(own, decode(seen))
        if worn is not None:
            # By the first decoder alone: libdmtx searches an unreadable symbol for as long as it is let.
            found[0].worn += 1
            found[0].worn_read += found[0].count(own, decoders[0](worn))
    return found


def _readers(template: str, dpi: int) -> tuple[list[Read], list[Decoder]]:
    symbology = resolve(load(template), make_label_data(template), PROFILES[dpi]).symbols[0].symbology
    named = [("zxing", _zxing), second_decoder(symbology)]
    readers = [pair for pair in named if pair is not None]
    return [Read(template, dpi, name) for name, _ in readers], [decode for _, decode in readers]


def _zxing(image: Image.Image) -> list[str]:
    return [symbol.text for symbol in zxingcpp.read_barcodes(image, formats=captures.SYMBOLOGIES)]


def _worn(template: str, label: DisplayList, chosen: random.Random) -> Image.Image:
    printed = captures.with_dead_dot(label, chosen)
    return captures.capture(template, label, captures.LEVELS[0], chosen, printed=printed)


def _is_whole(text: str) -> bool:
    try:
        parse(text)
    except BadCode:
        return False
    return True


def _read_back(task: tuple[str, int, int]) -> list[Read]:
    return read_back(*task)


def decode(wanted: Sequence[str], resolutions: Sequence[int], codes: int, processes: int) -> int:
    """Print a line a template, resolution and decoder; 1 if any does not hold."""
    print("template            dpi decoder   codes pristine% degraded% dead-dot%  wrong let-through")
    tasks = [(template, dpi, codes) for template in wanted for dpi in resolutions]
    found: list[Read] = []
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for result in pool.imap(_read_back, tasks):
            print("\n".join(read.line() for read in result), flush=True)
            found += result
    counts = ("codes", "pristine", "degraded", "worn", "worn_read", "wrong", "let_through")
    for name in sorted({read.decoder for read in found}):
        rows = [asdict(read) for read in found if read.decoder == name]
        print(json.dumps({"decoder": name} | {count: sum(row[count] for row in rows) for count in counts}))
    return 0 if all(read.holds for read in found) else 1


def main() -> int:
    """Read the templates back and say whether every one holds."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.labels_decode", epilog="example: python -m bench.labels_decode --codes 100 tube-50x25"
    )
    parser.add_argument("templates", nargs="*", help="those to read (default: every one shipped)")
    parser.add_argument("--dpi", nargs="+", type=int, choices=list(PROFILES), default=list(PROFILES))
    parser.add_argument("--codes", type=int, default=LABELS, help="codes a template and resolution (default: 1000)")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    return decode(options.templates or templates(), options.dpi, options.codes, options.processes)


if __name__ == "__main__":
    sys.exit(main())
