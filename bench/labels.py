"""Labels: how fast they are drawn beside python-barcode's own writers, and how well every template is read."""

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO

import zxingcpp
from barcode.codex import Code128
from barcode.writer import ImageWriter, SVGWriter
from PIL import Image

from bench.rows import ROUNDS, Row
from labels import BadCode, parse, render, templates
from labels.device import PROFILES
from labels.layout import resolve
from labels.template import load
from tests.labels import captures
from tests.labels.factories import OWN_KIND, make_label_data

LABELS = 1000
PREVIEWS = 100
LEAST_READ = 0.99
_PEER = {"module_width": 0.254, "module_height": 11.0, "dpi": 300}
Work = Callable[[], object]


def rows() -> list[Row]:
    """The label rows of bench/results.json: processor seconds of one core, ours and the peer's in turn."""
    found = [
        _thousand(template, dpi) for template, dpi in (("tube-50x25", 203), ("tube-50x25", 300), ("cryo-24x13", 300))
    ]
    found += [_preview(template, dpi) for template, dpi in (("tube-50x25", 300), ("shipment", 600))]
    return [*found, _drawing()]


def _thousand(template: str, dpi: int) -> Row:
    batch = [make_label_data(template) for _ in range(LABELS)]
    codes = _codes(template, batch)
    name = f"{LABELS:,} {template} labels to ZPL raster, {dpi} dpi; peer: python-barcode PNG, bars only"
    return _row(name, lambda: [render(template, data, "zpl", dpi) for data in batch], lambda: _peer_png(codes),
                limit=2.0, scale=1.0, unit="s", goal="<= 1.00")  # fmt: skip


def _preview(template: str, dpi: int) -> Row:
    batch = [make_label_data(template) for _ in range(PREVIEWS)]
    codes = _codes(template, batch)
    name = f"one {template} preview, {dpi} dpi; peer: python-barcode PNG, bars only"
    return _row(name, lambda: [render(template, data, "png", dpi) for data in batch], lambda: _peer_png(codes),
                limit=30.0, scale=1000 / PREVIEWS, unit="ms", goal="<= 1.00")  # fmt: skip


def _drawing() -> Row:
    batch = [make_label_data() for _ in range(PREVIEWS)]
    codes = _codes("tube-50x25", batch)
    return _row("one tube-50x25 SVG, 300 dpi; peer: python-barcode SVG, bars only",
                lambda: [render("tube-50x25", data, "svg", 300) for data in batch], lambda: _peer_svg(codes),
                limit=30.0, scale=1000 / PREVIEWS, unit="ms", goal="<= 1.00")  # fmt: skip


def _row(name: str, ours: Work, peer: Work, *, limit: float, scale: float, unit: str, goal: str) -> Row:
    ours(), peer()
    runs = [{"ours": _seconds(ours) * scale, "limit": limit, "peer": _seconds(peer) * scale} for _ in range(ROUNDS)]
    median, beside = (statistics.median(run[side] for run in runs) for side in ("ours", "peer"))
    return Row(name, median, limit, median / limit, unit, goal, peer=beside, ratio_to_peer=median / beside, runs=runs)


def _seconds(work: Work) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _codes(template: str, batch: Sequence[dict[str, str]]) -> list[str]:
    return [data[OWN_KIND[template][0]] for data in batch]


def _peer_png(codes: Sequence[str]) -> None:
    for code in codes:
        Code128(code, writer=ImageWriter()).write(BytesIO(), dict(_PEER))


def _peer_svg(codes: Sequence[str]) -> None:
    for code in codes:
        Code128(code, writer=SVGWriter()).write(BytesIO(), dict(_PEER))


@dataclass
class Read:
    """How one template was read at one resolution: counts of labels.

    `wrong` are reads of another text, `let_through` those of them whose check digits hold.
    """

    template: str
    dpi: int
    codes: int
    pristine: int = 0
    degraded: int = 0
    dead_dot: int = 0
    wrong: int = 0
    let_through: int = 0

    @property
    def holds(self) -> bool:
        """All pristine labels read, 99 % of the degraded ones, and nothing that is not the label's code."""
        return self.pristine == self.codes and self.degraded >= LEAST_READ * self.codes and not self.let_through

    def line(self) -> str:
        shares = [f"{100 * part / self.codes:7.2f}" for part in (self.pristine, self.degraded, self.dead_dot)]
        return f"{self.template:18} {self.dpi:4} {self.codes:6} {' '.join(shares)} {self.wrong:6} {self.let_through:6}"


def read_back(template: str, dpi: int, codes: int) -> Read:
    """So many new codes as printed, as a camera sees them (L2 and L3 in turn), and at L2 with a dot dead under each."""
    chosen, found = random.Random(f"{template} {dpi}"), Read(template, dpi, codes)
    for number in range(codes):
        data = make_label_data(template)
        own = data[OWN_KIND[template][0]]
        label = resolve(load(template), data, PROFILES[dpi])
        level = captures.LEVELS[number % len(captures.LEVELS)]
        found.pristine += _count(found, own, _read_flat(Image.open(BytesIO(render(template, data, "png", dpi)))))
        found.degraded += _count(found, own, captures.read(captures.capture(template, label, level, chosen)))
        worn = captures.with_dead_dot(label, chosen)
        seen = captures.capture(template, label, captures.LEVELS[0], chosen, printed=worn)
        found.dead_dot += _count(found, own, captures.read(seen))
    return found


def _read_flat(image: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(image.convert("L"), formats=captures.SYMBOLOGIES, try_downscale=False,
                                   try_rotate=False, try_invert=False)  # fmt: skip
    return [symbol.text for symbol in found]


def _count(found: Read, own: str, texts: list[str]) -> bool:
    for text in texts:
        if text != own:
            found.wrong += 1
            found.let_through += _is_whole(text)
    return texts == [own]


def _is_whole(text: str) -> bool:
    try:
        parse(text)
    except BadCode:
        return False
    return True


def _read_back(task: tuple[str, int, int]) -> Read:
    return read_back(*task)


def decode(codes: int, processes: int) -> int:
    """Print a line a template and resolution; 1 if any does not hold."""
    print("template            dpi  codes pristine% degraded% dead-dot%  wrong  let through")
    tasks = [(template, dpi, codes) for template in templates() for dpi in PROFILES]
    found: list[Read] = []
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for result in pool.imap(_read_back, tasks):
            print(result.line(), flush=True)
            found.append(result)
    counts = ("codes", "pristine", "degraded", "dead_dot", "wrong", "let_through")
    total = {name: sum(asdict(part)[name] for part in found) for name in counts}
    print(json.dumps(total))
    return 0 if all(result.holds for result in found) else 1


def main() -> int:
    """Without options the speed rows; with --decode what is read."""
    parser = argparse.ArgumentParser(prog="python -m bench.labels", epilog="example: python -m bench.labels --decode")
    parser.add_argument("--decode", action="store_true", help="read every template back at every resolution")
    parser.add_argument("--codes", type=int, default=LABELS, help="codes a template and resolution (default: 1000)")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    if options.decode:
        return decode(options.codes, options.processes)
    for row in rows():
        print(row.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
