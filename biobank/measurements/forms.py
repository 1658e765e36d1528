"""The page's forms, read into what was really edited: what stands in a box against what stood there."""

from collections.abc import Iterator, Mapping
from typing import Any

from biobank.measurements.protocol import Kind, Protocol

WAS = "was-"


def edited(form: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The boxes that the clerk changed, by name, with what stands in them now.

    Each box has a twin `was-...`, so that a box which a device filled meanwhile is not emptied again by the form.
    """
    for key, before in form.items():
        if key.startswith(WAS):
            name = key.removeprefix(WAS)
            now = form.get(name, "").strip()
            if now != before.strip():
                yield name, now


def read_edits(protocol: Protocol, form: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `edits.changes_of` for a form."""
    values, flags, marked = [], {}, []
    for name, now in edited(form):
        if name.startswith(("code-", "note-")):
            marked.append(name[len("code-") :])
        elif _kind(protocol, name) is Kind.TICK:
            flags[name] = now == "yes"
        else:
            field, number = _split(name)
            values.append({"field": field, "replicate": number, "value": now, "unit": form.get(f"unit-{name}")})
    return {"values": values, "flags": flags, "modifications": [_mark(form, place) for place in dict.fromkeys(marked)]}


def _kind(protocol: Protocol, ref: str) -> Kind | None:
    row = protocol.fields.get(ref.partition(".")[0])
    return None if row is None else row.kind


def _split(ref: str) -> tuple[str, int | None]:
    name, _, number = ref.partition(".")
    return name, int(number) if number.isascii() and number.isdigit() and len(number) < 3 else None


def _mark(form: Mapping[str, str], place: str) -> dict[str, Any]:
    measure, number = _split(place)
    note = form.get(f"note-{place}")
    return {"measure": measure, "replicate": number, "code": form.get(f"code-{place}"), "note": note}
