"""Whether what is previewed is what is printed: every template, resolution and ZPL form in two renderers of others."""

import argparse
import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from labels import render, templates
from labels.device import PROFILES
from labels.display import DisplayList
from labels.layout import resolve
from labels.template import load
from tests.labels.factories import make_label_data
from tests.labels.pictures import printed

FORMS = ("zpl", "zpl-z64", "zpl-native")
_DPMM = {203: 8, 300: 12, 600: 24}
"""Zebrash's names of the resolutions; it draws dot by dot, so only the paper's size depends on them."""
Renderer = Callable[[bytes, DisplayList], Image.Image]


def by_zplkit(label: bytes, _: DisplayList) -> Image.Image:
    """The dots that zplkit prints."""
    width, height, pixels = printed(label)
    return Image.frombytes("L", (width, height), pixels)


@contextmanager
def zebrash(folder: Path) -> Iterator[Renderer]:
    """The dots that zebrash prints, from the folder where npm put it."""
    script = Path(__file__).with_name("zebrash.cjs")
    with subprocess.Popen(
        ["node", script, folder.resolve()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:
        assert node.stdin is not None
        assert node.stdout is not None
        asked, answered = node.stdin, node.stdout

        def draw(label: bytes, shown: DisplayList) -> Image.Image:
            ask = {"zpl": label.decode(), "width": shown.width, "height": shown.height}
            print(json.dumps(ask | {"dpmm": _DPMM[shown.device.dpi]}), file=asked, flush=True)
            return Image.open(BytesIO(base64.b64decode(json.loads(answered.readline())["png"]))).convert("L")

        yield draw
        asked.close()


def compare(renderers: dict[str, Renderer]) -> int:
    """A line a template and resolution; how many pictures were not the preview's."""
    wrong = 0
    print("template            dpi  dots that differ from the preview (native: in the bars)")
    for template, dpi in ((name, dpi) for name in templates() for dpi in PROFILES):
        data = make_label_data(template)
        label = resolve(load(template), data, PROFILES[dpi])
        preview = Image.open(BytesIO(render(template, data, "png", dpi))).convert("L")
        told = []
        for name, draw in renderers.items():
            for form in FORMS:
                seen = draw(render(template, data, form, dpi), label)
                count = _differing(preview, seen, label, bars_alone=form == "zpl-native")
                wrong += count > 0
                told.append(f"{name} {form} {count}")
        print(f"{template:18} {dpi:4}  {', '.join(told)}", flush=True)
    print(json.dumps({"pictures": len(templates()) * len(PROFILES) * len(FORMS) * len(renderers), "differ": wrong}))
    return wrong


def _differing(preview: Image.Image, seen: Image.Image, label: DisplayList, *, bars_alone: bool) -> int:
    """Dots that differ; all of them where the size does. A printer's own letters are not ours and are left out."""
    if seen.size != preview.size:
        return preview.width * preview.height
    differing = ImageChops.difference(preview, seen)
    if bars_alone:
        bars = Image.new("L", preview.size, 0)
        for symbol in label.symbols:
            area = symbol.area
            ImageDraw.Draw(bars).rectangle((area.x, area.y, area.right - 1, area.bottom - 1), fill=255)
        differing = ImageChops.multiply(differing, bars)
    return sum(differing.point(lambda grey: 1 if grey else 0).histogram()[1:2])


def main() -> int:
    """Compare in zplkit, and in zebrash where a folder is given; 1 if any picture differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.labels_preview")
    parser.add_argument("--zebrash", type=Path, help="where `npm install --prefix FOLDER zpl-renderer-js` put it")
    folder = parser.parse_args().zebrash
    if folder is None:
        return min(1, compare({"zplkit": by_zplkit}))
    with zebrash(folder) as draw:
        return min(1, compare({"zplkit": by_zplkit, "zebrash": draw}))


if __name__ == "__main__":
    sys.exit(main())
