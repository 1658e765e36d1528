"""Devices looked at and refused by name, each with the reason: what is uncertain is typed, never guessed."""

_TYPED = "type its values by hand"
_NO_PORT = f"no manual read speaks of a data port: {_TYPED}"
_NO_TEXT = f"its maker publishes no protocol: ask the maker, and {_TYPED}"
_NOT_SERIAL = f"it is a USB device of another kind and no serial port: {_TYPED}"

# Devices reference, 3.9 and 3.12.
REASONS = {
    "omron-hem-907": _NO_PORT,
    "omron-hbp-1300": _NO_PORT,
    "omron-hbp-1320": _NO_PORT,
    "omron-hem-7": _NOT_SERIAL,
    "omron-hbp-9020": f"its sheet is not proven equal to that of the HBP-9030: {_TYPED}",
    "and-tm-265": f"the pages with its protocol are out of reach: ask A&D, and {_TYPED}",
    "welch-allyn": f"only its module protocols are public: {_TYPED}",
    "ge-dinamap": f"of its host reference only the table of contents could be read: {_TYPED}",
    "carescape-v100": f"of its host reference only the table of contents could be read: {_TYPED}",
    "mindray-diap": f"the rule of its check is unread: {_TYPED}",
    "datascope-accutorr": f"it is obsolete and its order of pressures differs: {_TYPED}",
    "seca": f"the order of its bits and the start of its check are not certain: {_TYPED}",
    "inbody": _NO_TEXT,
    "charder": _NO_TEXT,
    "soehnle": _NO_TEXT,
    "marsden": _NO_TEXT,
    "kern": _NO_TEXT,
    "microlife": _NOT_SERIAL,
    "contec08a": _NOT_SERIAL,
    "bptru": _NO_TEXT,
    "nissei": _NO_TEXT,
    "beurer": f"one source alone describes an old model: {_TYPED}",
    "maibobo": f"the two readers of its one source disagree: {_TYPED}",
    "visomat": f"one source alone describes it: {_TYPED}",
    "nci": f"its two status bytes are in no maker's text read here: {_TYPED}",
    "toledo-8217": f"one source alone describes it: {_TYPED}",
}


def reason(name: str) -> str | None:
    """Why a device of this name, or of a family whose name it begins with, is refused; None if it is not listed."""
    wanted = name.strip().lower().replace("_", "-").replace(" ", "-")
    return next((why for family, why in REASONS.items() if wanted.startswith(family)), None)
