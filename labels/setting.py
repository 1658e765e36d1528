"""Bar codes that set a scanner: Code 128 with function character 3, which a reader takes as an order to itself."""

import re

from labels.code128 import STOP, pattern, values_of
from labels.errors import BadSymbol

_START_B, _FUNCTION_3 = 104, 96
_MODULE_MM, _HEIGHT_MM, _QUIET_MODULES = 0.33, 14, 10
_MOST = 32


def setting_modules(command: str) -> str:
    """The symbol of an order, without quiet zones: set B, the order, function character 3 (ISO/IEC 15417, 4.3.4.2).

    Takes up to 32 printable ASCII characters; raises BadSymbol for other text.
    """
    if not 0 < len(command) <= _MOST or not all(" " <= character <= "~" for character in command):
        raise BadSymbol("A scanner's setting is 1 to 32 printable ASCII characters.")
    content = [_START_B, *(ord(character) - 32 for character in command), _FUNCTION_3]
    check = (content[0] + sum(place * value for place, value in enumerate(content))) % 103
    return "".join(map(pattern, [*content, check])) + STOP


def read_setting(symbol: str) -> str:
    """The order in a symbol as `setting_modules` makes it; BadSymbol for any other."""
    start, *content, last = values_of(symbol)
    if (start, last) != (_START_B, _FUNCTION_3) or not all(value < 95 for value in content):
        raise BadSymbol("The symbol is no setting of a scanner.")
    return "".join(chr(value + 32) for value in content)


def setting_svg(command: str) -> bytes:
    """The symbol as a stand-alone SVG, its bars 0.33 mm wide and 14 mm high, with quiet zones of ten modules."""
    symbol = setting_modules(command)
    if read_setting(symbol) != command:
        raise BadSymbol("The bar code does not read back as its setting; it was not drawn.")
    wide = len(symbol) + 2 * _QUIET_MODULES
    bars = "".join(f"M{run.start() + _QUIET_MODULES} 0h{len(run.group())}v1h-{len(run.group())}z"
                   for run in re.finditer("1+", symbol))  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{wide * _MODULE_MM:.2f}mm" height="{_HEIGHT_MM}mm" '
        f'viewBox="0 0 {wide} 1" preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{wide}v1h-{wide}z"/><path d="{bars}"/></svg>\n'
    ).encode()
