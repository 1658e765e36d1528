"""Labels: how fast they are drawn beside python-barcode's own writers, and how well every template is read."""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from io import BytesIO

from barcode.codex import Code128
from barcode.writer import ImageWriter, SVGWriter

from bench.rows import ROUNDS, Row
from labels import render
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


def main() -> int:
    """The speed rows alone."""
    for row in rows():
        print(row.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
