"""What label tests arrange with: data for labels, and decoders that know nothing of ours."""

from collections.abc import Callable
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from labels import Kind, mint

OWN_KIND = {
    "tube-50x25": ("tube_id", Kind.TUBE),
    "box": ("box_id", Kind.BOX),
    "shipment": ("shipment_id", Kind.SHIPMENT),
    "place": ("place_id", Kind.PLACE),
    "participant-card": ("participant_code", Kind.PARTICIPANT),
    "cap-9.5": ("tube_id", Kind.TUBE),
    "cryo-24x13": ("tube_id", Kind.TUBE),
    "cryo-33x13": ("tube_id", Kind.TUBE),
    "saliva-kit": ("tube_id", Kind.TUBE),
    "urine-cup": ("tube_id", Kind.TUBE),
    "urine-tube": ("tube_id", Kind.TUBE),
}

READ = [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix]
UPRIGHT = {"try_rotate": False, "try_downscale": False, "try_invert": False}
LabelData = Callable[..., dict[str, str]]
Decode = Callable[[bytes | Image.Image], list[str]]


@pytest.fixture(scope="session")
def label_data() -> LabelData:
    """Data for a template, with a new code of the template's kind unless one is given."""

    def make(template: str = "tube-50x25", **changes: str) -> dict[str, str]:
        field, kind = OWN_KIND[template]
        usual = {
            "participant_code": mint(Kind.PARTICIPANT),
            "sample_code": "1ED10",
            "sample_word": "EDTA",
            "site_code": "PHX01",
            "visit": "V1",
            "collected_at": "2026-03-04T09:30:00-07:00",
            "n_of_m": "1 of 7",
            "volume": "0.5 mL",
            "temperature": "-80 C",
            "kit_id": mint(Kind.KIT),
            field: mint(kind),
        }
        return usual | changes

    return make


@pytest.fixture(scope="session")
def own_code() -> Callable[[str, dict[str, str]], str]:
    """The code a template's bar code shows, from its data."""
    return lambda template, data: data[OWN_KIND[template][0]]


@pytest.fixture(scope="session")
def decode() -> Decode:
    """The Code 128 and Data Matrix texts zxing finds in an upright image or the bytes of one."""

    def read(picture: bytes | Image.Image) -> list[str]:
        image = Image.open(BytesIO(picture)) if isinstance(picture, bytes) else picture
        found = zxingcpp.read_barcodes(image.convert("L"), formats=READ, **UPRIGHT)
        return [symbol.text for symbol in found]

    return read
