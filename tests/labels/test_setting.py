"""Bar codes that set a scanner: read back by a decoder that knows nothing of ours, and never taken for a label."""

import re

import pytest
import zxingcpp
from PIL import Image

from labels.code128 import BadSymbol, modules, read_modules
from labels.setting import read_setting, setting_modules, setting_svg

ORDERS = ["~VSUFCR.", "~PREBK2995C81.", "~128ENA1."]


@pytest.mark.parametrize("order", ORDERS)
def test_another_decoder_reads_the_order_and_that_it_is_one(order: str) -> None:
    bits = "0" * 10 + setting_modules(order) + "0" * 10
    row = Image.new("L", (len(bits), 1))
    row.putdata([0 if bit == "1" else 255 for bit in bits])
    (found,) = zxingcpp.read_barcodes(row.resize((len(bits) * 3, 60), Image.Resampling.NEAREST))
    assert (found.text, read_setting(setting_modules(order))) == (order, order)


def test_an_order_is_no_code_of_a_label_and_a_label_no_order() -> None:
    with pytest.raises(BadSymbol, match="function character"):
        read_modules(setting_modules(ORDERS[0]))
    with pytest.raises(BadSymbol, match="no setting"):
        read_setting(modules("S123456789050"))


@pytest.mark.parametrize("order", ["", "é", "A\r", "A" * 33])
def test_what_no_scanner_takes_is_refused(order: str) -> None:
    with pytest.raises(BadSymbol, match="32 printable"):
        setting_modules(order)


def test_the_picture_has_the_symbols_bars_and_quiet_zones_at_their_size() -> None:
    drawn = setting_svg(ORDERS[0]).decode()
    bars = {int(left): int(wide) for left, wide in re.findall(r"M(\d+) 0h(\d+)v1h", drawn) if left != "0"}
    symbol = "".join("1" if any(x <= at < x + w for x, w in bars.items()) else "0" for at in range(10, 10 + 134))
    assert (symbol, 'width="50.82mm"' in drawn) == (setting_modules(ORDERS[0]), True)
