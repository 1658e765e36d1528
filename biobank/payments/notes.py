"""What a person says about what they do, as a form brings it."""

from flask_babel import gettext

from biobank.payments.schemas import NoteForm
from biobank.web.forms import read_form


def read_note() -> tuple[str, dict[str, str]]:
    """The form's note, and the sentence that asks for it when it is missing or too long."""
    given, errors = read_form(NoteForm())
    if errors:
        return "", {"note": gettext("Write why in a few words, at most 400 letters, for whoever reads this later.")}
    return given["note"], {}
