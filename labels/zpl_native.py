"""Labels as ZPL II's own bar codes and letters: few bytes, but the text is set in the printer's font, not in ours."""

import re

from labels.display import DisplayList, Rect, Symbol, Text
from labels.errors import BadSymbol
from labels.zpl import framed

_TURNS = {0: "N", 90: "R", 180: "I", 270: "B"}
_WIDEST_MODULE = 10
"""`^BY` takes modules of up to ten dots; the bars of wider ones are drawn as boxes."""
_PLAIN = re.compile(r"[0-9A-Za-z .:,/()+=-]")
_PAYLOAD = re.compile(r"[0-9A-Z-]+")


def zpl_native(label: DisplayList) -> bytes:
    """One label format, printed once; bars fall on the dots of the preview, letters stand where its letters do.

    Text goes through `^FH`, so that `^`, `~` and `_` arrive as hex and never as commands (ZPL II guide).
    """
    fields = [
        *(_solid(rect) for rect in label.solids),
        *(_symbol(label, symbol) for symbol in label.symbols),
        *(_text(line) for line in label.texts),
    ]
    return framed(label, "".join(fields))


def _solid(rect: Rect) -> str:
    return f"^FO{rect.x},{rect.y}^GB{rect.width},{rect.height},{min(rect.width, rect.height)}^FS"


def _symbol(label: DisplayList, symbol: Symbol) -> str:
    if not _PAYLOAD.fullmatch(symbol.payload):
        # ^BC reads > and ^BX reads _ or ~ as signs of their own, so nothing but our codes' characters goes there.
        raise BadSymbol("A printer's own bar code holds only digits, capital letters and hyphens.")
    if symbol.module > _WIDEST_MODULE:
        return "".join(_solid(rect) for rect in label.rects if symbol.area.holds(rect))
    turn, place = _TURNS[symbol.turn], f"^FO{symbol.area.x},{symbol.area.y}"
    if symbol.symbology == "datamatrix":
        return f"{place}^BX{turn},{symbol.module},200^FD{symbol.payload}^FS"
    return f"{place}^BY{symbol.module}^BC{turn},{symbol.height},N,N,N,A^FD{symbol.payload}^FS"


def _text(line: Text) -> str:
    """Font 0, as high as ours; `^FT` places a line by its baseline whichever way it is turned."""
    place = f"^FT{line.x},{line.baseline}^A0{_TURNS[line.turn]},{line.size},{line.size}"
    return f"{place}^FH_^FD{''.join(map(_escaped, line.text))}^FS"


def _escaped(character: str) -> str:
    if _PLAIN.fullmatch(character):
        return character
    return "".join(f"_{byte:02X}" for byte in character.encode("utf-8"))
