"""Templates: labels described in millimetres as data, read strictly so that a mistake shows before anything prints."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from labels.codes import Kind
from labels.elements import ALLOWED_FIELDS, CODE_FIELDS, ELEMENTS, CodeElement, Element, Pair
from labels.errors import TemplateError, UnknownTemplate

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Template:
    """A label's design: its stock in mm (across the print head, along the feed) and what stands where."""

    id: str
    version: int
    size_mm: Pair
    elements: tuple[Element, ...]
    shape: str = "rectangle"


def templates() -> tuple[str, ...]:
    """The names of the templates there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def source(template_id: str) -> str:
    """The shipped template of that name as its JSON text; UnknownTemplate lists those there are."""
    if template_id not in templates():
        raise UnknownTemplate(f"There is no template {template_id!r}. Choose one of: {', '.join(templates())}.")
    return (FOLDER / f"{template_id}.json").read_text(encoding="utf-8")


@cache
def load(template_id: str) -> Template:
    """The template of that name; UnknownTemplate lists those there are."""
    template = read(source(template_id))
    if template.id != template_id:
        raise TemplateError(f"Template {template_id} calls itself {template.id}: name and file must agree.")
    return template


def read(text: str) -> Template:
    """The template in a JSON text; TemplateError names the first thing that is wrong."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TemplateError(f"The template is not JSON: {error}.") from error
    if not isinstance(raw, dict) or raw.keys() - {"shape"} != {"id", "version", "size_mm", "elements"}:
        raise TemplateError("A template has exactly the keys id, version, size_mm and elements, and shape if round.")
    elements = tuple(_element(place, part) for place, part in enumerate(_list(raw["elements"]), start=1))
    return Template(
        id=_text(raw["id"]),
        version=_whole(raw["version"]),
        size_mm=_pair(raw["size_mm"]),
        elements=elements,
        shape=_one_of("rectangle", "round")(raw.get("shape", "rectangle")),
    )


def _element(place: int, raw: Any) -> Element:
    try:
        kind, values = _kind_and_values(raw)
        element = ELEMENTS[kind](**values)
    except TypeError as error:
        raise TemplateError(f"Element {place} of the template: {error}.") from error
    except TemplateError as error:
        raise TemplateError(f"Element {place} of the template: {error}") from error
    if isinstance(element, CodeElement) and not CODE_FIELDS.keys() >= set(element.field):
        raise TemplateError(f"Element {place} of the template: only {', '.join(CODE_FIELDS)} hold codes.")
    return element


def _kind_and_values(raw: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(raw, dict) or raw.get("type") not in ELEMENTS:
        raise TemplateError(f"its type must be one of: {', '.join(ELEMENTS)}.")
    known = {field.name for field in dataclasses.fields(ELEMENTS[raw["type"]])}
    unknown = raw.keys() - known - {"type"}
    if unknown:
        raise TemplateError(f"a {raw['type']} has no {', '.join(sorted(unknown))}.")
    return raw["type"], {key: _READERS[key](value) for key, value in raw.items() if key != "type"}


def _fields(value: Any) -> tuple[str, ...]:
    names = tuple(_text(name) for name in (_list(value) if isinstance(value, list) else [value]))
    foreign = [name for name in names if name not in ALLOWED_FIELDS]
    if foreign or not names:
        raise TemplateError(
            f"no label may show {', '.join(foreign)!r}; the fields are {', '.join(sorted(ALLOWED_FIELDS))}."
        )
    return names


def _pair(value: Any) -> Pair:
    if not isinstance(value, list) or len(value) != 2:
        raise TemplateError("at, size and size_mm are two numbers in mm.")
    return _length(value[0]), _length(value[1])


def _length(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 500:
        raise TemplateError("lengths are numbers in mm from 0 to 500.")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TemplateError("version and last are whole numbers from 1.")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TemplateError("names, words and choices are texts that are not empty.")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TemplateError("elements is a list.")
    return value


def _turn(value: Any) -> int:
    if isinstance(value, bool) or value not in (0, 90, 180, 270):
        raise TemplateError("rotate is 0, 90, 180 or 270 degrees clockwise.")
    return int(value)


def _kinds(value: Any) -> str:
    letters = _text(value)
    if not set(letters) <= {kind.value for kind in Kind}:
        raise TemplateError(f"kinds are letters of codes: {', '.join(kind.value for kind in Kind)}.")
    return letters


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read_choice(value: Any) -> str:
        if value not in choices:
            raise TemplateError(f"choose one of: {', '.join(choices)}.")
        return cast("str", value)

    return read_choice


_READERS: dict[str, Callable[[Any], Any]] = {
    "at": _pair,
    "size": _pair,
    "height_mm": _length,
    "min_height_mm": _length,
    "max_mm": _length,
    "module_mm": _length,
    "min_module_mm": _length,
    "quiet_mm": _length,
    "stroke_mm": _length,
    "quiet": _length,
    "last": _whole,
    "rotate": _turn,
    "field": _fields,
    "literal": _text,
    "before": _text,
    "kinds": _kinds,
    "align": _one_of("left", "centre", "right"),
    "overflow": _one_of("error", "shrink", "ellipsis"),
    "format": _one_of("minute", "date"),
    "blank": _one_of("rule", "nothing"),
    "absent": _one_of("error", "nothing"),
}
