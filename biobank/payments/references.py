"""Our payment references inside a statement line: what they look like, and which of them a line names."""

import re

# What counts as one word of a line; a reference counts only as a whole word.
TOKEN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
REFERENCE = re.compile(r"BB-[0-9A-Z]{16}-\d{1,3}", re.ASCII)
_WHOLE = re.compile(rf"(?<![A-Za-z0-9_-]){REFERENCE.pattern}(?![A-Za-z0-9_-])", re.ASCII)
LENGTH = 23


def named_in(text: str, reference: str) -> frozenset[str]:
    """The payment references, in capitals, that stand as whole words in a line's text or reference."""
    return frozenset(_WHOLE.findall(f"{text} {reference}".upper()))
