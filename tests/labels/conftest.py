"""What label tests arrange with: data for labels, and decoders that know nothing of ours."""

from collections.abc import Callable
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from tests.labels.factories import OWN_KIND, make_label_data

READ = [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix]
UPRIGHT = {"try_rotate": False, "try_downscale": False, "try_invert": False}
LabelData = Callable[..., dict[str, str]]
Decode = Callable[[bytes | Image.Image], list[str]]


@pytest.fixture(scope="session")
def label_data() -> LabelData:
    """Data for a template, with a new code of the template's kind unless one is given."""
    return make_label_data


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
