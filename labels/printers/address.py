"""Printer addresses of the form place?setting=value&setting=value, read strictly."""

from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl


def split(address: str, known: Mapping[str, Collection[str]]) -> tuple[str, dict[str, str]]:
    """The place and its settings; ValueError names a setting or a value that is not among the known ones."""
    place, _, options = address.partition("?")
    if not place:
        raise ValueError("A printer needs an address.")
    settings = dict(parse_qsl(options, keep_blank_values=True))
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"A printer has no setting {name!r}. It knows: {', '.join(sorted(known))}.")
        if value not in known[name]:
            raise ValueError(f"{name} cannot be {value!r}. Choose one of: {', '.join(known[name])}.")
    return place, settings


SILENT = {"silent": ("send",)}
"""`silent=send`: the printer never answers `~HS`, and its labels are to be sent all the same."""
