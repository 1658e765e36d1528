"""What a camera would see: a label on a desk as a film, for the camera that Chromium plays from a file."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFilter

from labels import render

FRAMES = 30
SIZE = (1280, 720)


def flags(film: Path) -> list[str]:
    """How Chromium is told to take this film for a camera, and not to ask anybody whether it may."""
    return ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}"]  # fmt: skip


def of_label(film: Path, template: str, data: dict[str, str], *, degrees: float = 4) -> Path:
    """A label held before a camera, a little askew and not quite sharp, as a film of JPEG pictures."""
    label = Image.open(BytesIO(render(template, data, "png", 600))).convert("L")
    label.thumbnail((SIZE[0] * 0.6, SIZE[1] * 0.6))
    desk = Image.new("L", SIZE, 150)
    desk.paste(label, ((SIZE[0] - label.width) // 2, (SIZE[1] - label.height) // 2))
    seen = desk.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=150).filter(ImageFilter.GaussianBlur(0.6))
    stream = BytesIO()
    seen.convert("RGB").save(stream, "JPEG", quality=85)
    film.write_bytes(stream.getvalue() * FRAMES)
    return film
