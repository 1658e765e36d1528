"""What a station says of a device, in the reader's language."""

from biobank.devices.notices import NOTICES, REASONS
from biobank.web.languages import said


def noticed(text: str | None) -> str:
    """A device's trouble in the reader's language; what is none of the station's sentences stays as it was told."""
    return said(text, NOTICES, REASONS)
