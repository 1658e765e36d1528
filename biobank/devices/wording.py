"""Words for the clerk and the server: one printable line of a length it takes; what a frame said."""

from biobank.devices.events import DeviceError, Event, Reading, Rejected, Scan, Unstable

LIMIT = 400


def one_line(text: str) -> str:
    """The text with anything that cannot be printed made a space, cut at 400 characters."""
    return "".join(character if character.isprintable() else " " for character in text)[:LIMIT]


def in_words(event: Event) -> str:
    """What a frame said, for the desk's own screen; the text of a scan is not shown, for it may name somebody."""
    match event:
        case Reading(measures) | Unstable(measures):
            values = ", ".join(f"{m.quantity.replace('_', ' ')} {m.value:f} {m.unit or ''}".strip() for m in measures)
            return values + (" (moving)" if isinstance(event, Unstable) else "")
        case Scan():
            return "a code"
        case DeviceError(code):
            return f"error: {code}"
        case Rejected(reason):
            return f"refused: {reason}"
    return ""
