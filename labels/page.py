"""A label being laid out: its device, its data, and the words for what does not fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labels.codes import BadCode, Code, parse
from labels.device import DeviceProfile
from labels.display import Rect, Symbol, Text
from labels.elements import ALLOWED_FIELDS, CODE_FIELDS, Code128Element, DataMatrixElement
from labels.errors import LayoutError

FEWEST_DOTS = 2
"""A module of one dot is the first to be lost to blur and to a worn print head."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An element in its place: what is drawn, and the room nothing else may enter."""

    rects: tuple[Rect, ...] = ()
    texts: tuple[Text, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    reserved: tuple[Rect, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One label of a template on one device, with the data to show."""

    name: str
    device: DeviceProfile
    data: Mapping[str, str]

    def value(self, fields: tuple[str, ...]) -> str:
        """The first of the fields that is given, without surrounding spaces; empty if none is."""
        return next((self.data[name].strip() for name in fields if self.data.get(name, "").strip()), "")

    def code(self, fields: tuple[str, ...], kinds: str) -> Code:
        """The code in the first of the fields that is given; BadCode unless it is whole and of an allowed kind."""
        name = next((name for name in fields if self.data.get(name, "").strip()), None)
        if name is None:
            raise LayoutError(f"The label {self.name} needs {' or '.join(fields)}. Give the code and render again.")
        try:
            code = parse(self.data[name])
        except BadCode as error:
            raise BadCode(f"{name}: {error}") from error
        allowed = kinds or CODE_FIELDS[name]
        if code.kind.value not in allowed:
            letters = " or ".join(allowed)
            raise BadCode(f"{name}: this is a {code.kind.word} code. Give one that begins with {letters}.")
        return code

    def module_dots(
        self, element: Code128Element | DataMatrixElement, *, need: Callable[[int], int], ways_out: str
    ) -> int:
        """The dots of a symbol's module: as near to the size asked for as the room allows, and not under the least."""
        room = self.device.whole_dots(element.max_mm)
        least = max(FEWEST_DOTS, self.device.dots(element.min_module_mm))
        for dots in range(max(least, self.device.dots(element.module_mm)), least - 1, -1):
            if need(dots) <= room:
                return dots
        what = f"The bar code of {' or '.join(element.field)}"
        raise self.overflow(what, need=need(least), room=room, ways_out=ways_out)

    def overflow(self, what: str, *, need: int, room: int, ways_out: str) -> LayoutError:
        """The error for something wider than its room, both in dots, told in mm."""
        need_mm, room_mm = self.device.mm(need), self.device.mm(room)
        return LayoutError(f"{what} needs {need_mm:.1f} mm and has {room_mm:.1f} mm on {self.name}. {ways_out}")


def require_known_fields(data: Mapping[str, str]) -> None:
    """Refuse data with a field no label may show, or a value that is not text."""
    foreign = sorted(set(data) - ALLOWED_FIELDS)
    if foreign:
        known = ", ".join(sorted(ALLOWED_FIELDS))
        raise LayoutError(f"No label shows {', '.join(foreign)}. Leave it out; the fields are {known}.")
    for name, value in data.items():
        if not isinstance(value, str):
            raise LayoutError(f"{name} must be text in quotes.")
