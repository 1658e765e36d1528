"""Checking an entry from outside: strict JSON in, the protocol's assessment out."""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from biobank.measurements.protocol import BadProtocol, Protocol, Text, load, named
from biobank.measurements.rules import Assessment, Finding, assess

# A complete entry with both languages' notes is far below this; more is not an entry.
_MOST_BYTES = 1_000_000


class BadEntry(ValueError):
    """The text is not strict JSON; `words` says where and what to do."""

    def __init__(self, en: str, es: str, code: str = "malformed") -> None:
        super().__init__(en)
        self.code = code
        self.words = Text(en, es)


def run(path: str | None = None) -> tuple[dict[str, Any], int]:
    """Assess the entry in a file, or on standard input when `path` is None or `-`.

    Returns the answer and the exit code: 0 when complete and without errors, 1 when not, 2 when there is no such file.
    """
    try:
        data = sys.stdin.buffer.read(_MOST_BYTES + 1) if path in (None, "-") else _read(Path(str(path)))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        words = Text(
            f"{path} was not read: {reason}. Check the name.", f"No se leyó {path}: {reason}. Revise el nombre."
        )
        return _refused(Finding("file", "not-read", words)), 2
    return check(data)


def check(data: bytes) -> tuple[dict[str, Any], int]:
    """Assess the entry in UTF-8 JSON text. Anything that is not strict JSON is refused whole, with the reason."""
    try:
        entry = strict_json(data)
        protocol = _protocol_of(entry)
    except BadEntry as error:
        return _refused(Finding("entry", error.code, error.words)), 1
    except BadProtocol as error:
        words = Text(str(error), f"No existe ese protocolo. {error}")
        return _refused(Finding("protocol", "unknown-code", words)), 1
    assessment = assess(protocol, entry)
    return assessment.as_json(), 0 if assessment.is_clean else 1


def strict_json(data: bytes, number: Callable[[str], Any] = str) -> Any:
    """Read JSON with numbers as the text they were written in, or as `number` makes them of it.

    Raises BadEntry for bytes that are not UTF-8 JSON, NaN and Infinity, a name given twice in one object, nesting
    too deep to read, and more than a million bytes.
    """
    if len(data) > _MOST_BYTES:
        raise BadEntry(
            "The entry is larger than 1 MB. Send one visit's entry.", "El registro pasa de 1 MB. Envíe uno solo."
        )
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_float=number,
            parse_int=number,
            parse_constant=_no_constant,
            object_pairs_hook=_no_twins,
        )
    except UnicodeDecodeError as error:
        raise BadEntry(
            "The text is not UTF-8. Save it as UTF-8.", "El texto no es UTF-8. Guárdelo como UTF-8."
        ) from error
    except json.JSONDecodeError as error:
        at = f"{error.lineno}, {error.colno}"
        raise BadEntry(
            f"The JSON breaks off at line {error.lineno}, column {error.colno}: {error.msg}. Correct it there.",
            f"El JSON falla en la línea y columna {at}. Corríjalo ahí.",
        ) from error
    except RecursionError as error:
        raise BadEntry(
            "The JSON is nested too deeply. An entry has at most three levels.",
            "El JSON tiene demasiados niveles. Un registro tiene tres como máximo.",
        ) from error


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES + 1)


def _no_constant(name: str) -> NoReturn:
    en = f"{name} is not a measurement. Use null where nothing was measured."
    raise BadEntry(en, f"{name} no es una medida. Use null donde no se midió.", code="not-a-number")


def _no_twins(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name, value in pairs:
        if name in table:
            shown = name[:60]
            raise BadEntry(f"{shown} is given twice. Keep one.", f"{shown} aparece dos veces. Deje uno.")
        table[name] = value
    return table


def _protocol_of(entry: Any) -> Protocol:
    asked = entry.get("protocol") if isinstance(entry, dict) else None
    return named(asked[:60]) if isinstance(asked, str) else load()


def _refused(finding: Finding) -> dict[str, Any]:
    return Assessment(load(), errors=(finding,)).as_json()
