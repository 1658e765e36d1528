"""Free text: its length, and whether it seems to say who the participant is."""

import re
from collections.abc import Iterator, Mapping, Sequence

from biobank.measurements.protocol import Protocol
from biobank.measurements.rules_findings import Finding

# Every repeat is bounded, so that ten thousand characters cost no more than a glance.
_SIGNS = {
    "e-mail": re.compile(r"[^\s@]@[^\s@]{1,255}\.\w"),
    "phone": re.compile(r"(?<!\d)(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}(?!\d)"),
    "date": re.compile(r"(?<!\d)(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2})(?!\d)"),
    "address": re.compile(
        r"\b\d{1,6} (?:\w{1,30}\.? ){1,4}(?:street|st|avenue|ave|road|rd|drive|lane|boulevard|blvd)\b", re.IGNORECASE
    ),
}
_FEWEST_PHONE_DIGITS = 7


def note_texts(entry: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Every free text of an entry with the name of its field."""
    if isinstance(entry.get("notes"), str):
        yield "notes", str(entry["notes"])
    notes = entry.get("modification_notes")
    for name, given in notes.items() if isinstance(notes, Mapping) else ():
        for text in given if isinstance(given, list | tuple) else [given]:
            if text is not None:
                yield f"modification_notes.{name}", str(text)


def too_long(protocol: Protocol, entry: Mapping[str, object]) -> Iterator[Finding]:
    """Refuse a note that is longer than the protocol keeps."""
    limit = protocol.fields["notes"].limit
    for name, text in note_texts(entry):
        if limit is not None and len(text) > limit:
            yield Finding(name, "above-limit", protocol.text("error.notes-too-long", {"limit": str(limit)}))


def personal(protocol: Protocol, entry: Mapping[str, object], known: Sequence[str] = ()) -> Iterator[Finding]:
    """Warn of a note that holds an e-mail address, a phone number, a full date, a street address or a `known` detail.

    `known` is what the vault knows of the participant (names, birth date, contacts); it is compared, never kept.
    """
    limit = int(protocol.fields["notes"].limit or 0)
    for name, text in note_texts(entry):
        found = [sign for sign, pattern in _SIGNS.items() if pattern.search(text[:limit])]
        found += ["known"] if any(_mentions(text[:limit], detail) for detail in known) else []
        for sign in found:
            what = protocol.texts[f"personal.{sign}"]
            yield Finding(name, "verify", protocol.text("warning.notes-personal", {"what": what}))


def _mentions(text: str, detail: str) -> bool:
    digits = re.sub(r"\D", "", detail)
    if len(digits) >= _FEWEST_PHONE_DIGITS and digits in re.sub(r"\D", "", text):
        return True
    words = detail.split()
    pattern = r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)"
    return bool(words) and re.search(pattern, text, re.IGNORECASE) is not None
