"""`make catalogue`: gather the words of pages and refusals, keep the Spanish catalogue, compile it."""

import re
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import labels
from biobank.devices import notices
from biobank.devices.protocol import Evidence

HERE = Path(__file__).parent
SPANISH = HERE / "translations" / "es" / "LC_MESSAGES" / "messages.po"
_KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2),
    "Refused": None, "Invalid": None, "Conflict": None, "NotFound": None, "Forbidden": None, "NotSignedIn": None,
    "TooMany": None, "NotAllowed": None, "LikelyDuplicate": None, "BadQuantity": None, "StatementRefused": None,
    "ValidationError": None, "BadCode": None, "Phrase": None, "say": (2,),
}  # fmt: skip
_METHODS = [("**/cli/**.py", "ignore"), ("**/demo/**.py", "ignore"), ("**/devices/**.py", "ignore"),
            ("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]  # fmt: skip


def extract() -> Catalog:
    """Every word that a reader may meet, with where it stands."""
    found = Catalog(charset="utf-8")
    options = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
    for folder in (HERE, Path(labels.__file__).parent):
        for _, _, message, comments, context in extract_from_dir(
            folder, method_map=_METHODS, options_map=options, keywords=_KEYWORDS
        ):  # fmt: skip
            found.add(message, auto_comments=comments, context=context)
    for word in (*(kind.word for kind in labels.Kind), *Evidence, *notices.WORDS):
        found.add(str(word))
    return found


def spanish() -> Catalog:
    with SPANISH.open("rb") as file:
        return read_po(file, locale="es")


def untranslated() -> list[str]:
    """Words that stand in a page or a refusal and have no Spanish, or one that is not settled."""
    kept = spanish()
    missing = []
    for message in extract():
        if message.id:
            found = kept.get(message.id if isinstance(message.id, str) else message.id[0])
            if found is None or not found.string or found.fuzzy:
                missing.append(str(message.id))
    return missing


def misplaced() -> list[str]:
    """Sentences whose Spanish has other %(places)s than the English."""
    places = re.compile(r"%\(\w+\)s")
    return [
        str(message.id)
        for message in spanish()
        if isinstance(message.id, str) and message.string
        and sorted(places.findall(message.id)) != sorted(places.findall(str(message.string)))
    ]  # fmt: skip


def compiled(kept: Catalog) -> bytes:
    """The catalogue as the program reads it."""
    out = BytesIO()
    write_mo(out, kept)
    return out.getvalue()


def update() -> None:
    """Bring the catalogue up to date with the words, and compile it."""
    kept = spanish() if SPANISH.exists() else Catalog(locale="es", charset="utf-8")
    kept.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    kept.obsolete.clear()
    kept.header_comment, kept.fuzzy = "# The words of the pages and of the refusals, in Spanish.", False
    kept.project, kept.version, kept.language_team = "Biobank", "1", "es"
    kept.last_translator, kept.msgid_bugs_address, kept.revision_date = "", "", kept.creation_date
    SPANISH.parent.mkdir(parents=True, exist_ok=True)
    with SPANISH.open("wb") as file:
        write_po(file, kept, width=120, sort_output=True, no_location=True, omit_header=False)
    SPANISH.with_suffix(".mo").write_bytes(compiled(spanish()))


if __name__ == "__main__":
    update()
    left = untranslated()
    print(f"{len(left)} words have no Spanish." if left else "Every word has its Spanish.")  # noqa: T201
    sys.exit(1 if left else 0)
