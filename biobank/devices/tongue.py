"""The reader's language at the desk's own screen, from the catalogue that the programme's pages use."""

import gettext
import re
from collections.abc import Callable
from functools import cache
from importlib import resources

import biobank
from biobank.devices.notices import NOTICES, REASONS, SAYINGS
from biobank.errors import retold

_SAYING = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in sorted(SAYINGS, key=len, reverse=True)))


@cache
def tongue(language: str) -> Callable[[str], str]:
    """How a whole sentence is said in a language such as `es`; in English where there is no catalogue."""
    folder = resources.files(biobank) / "translations"
    return gettext.translation("messages", str(folder), [language], fallback=True).gettext


def trouble(text: str, language: str) -> str:
    """What a station says of a device or of the server."""
    return retold(text, tongue(language), NOTICES, REASONS)


def last_frame(text: str, language: str) -> str:
    """What a frame said, such as `weight 72.8 kg`, each word of ours in the reader's language."""
    say = tongue(language)
    return _SAYING.sub(lambda found: say(found.group()), text)
