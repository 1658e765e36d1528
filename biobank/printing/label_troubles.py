"""Why a label or a sheet cannot be drawn, as sentences that a page can say in the reader's language."""

from biobank.errors import Phrase, Quoted
from labels import BadCode

# The more telling first where two fit: a place takes whatever stands in it.
TROUBLES = (
    Phrase("An offset is at most %(most)s mm each way. If more is needed, load it anew."),
    Phrase("An offset is at most %(most)s mm each way. If more is needed, it is another sheet."),
    Phrase("Darkness is from %(least)s to %(most)s steps."),
    Phrase("Speed is from %(least)s to %(most)s inches a second."),
    Phrase("%(value)s is no date and time. Write it as 2026-03-04T09:30-05:00."),
    Phrase("%(name)s holds a character no label can print: %(character)s. Take it out."),
    Phrase("The bar code of %(field)s needs %(need)s mm and has %(room)s mm on %(name)s. %(why)s"),
    Phrase("The code in %(field)s needs %(need)s mm and has %(room)s mm on %(name)s. %(why)s"),
    Phrase("%(field)s needs %(need)s mm and has %(room)s mm on %(name)s. %(why)s"),
    Phrase("Use wider labels, a printer with more dots per mm, or a Data Matrix template."),
    Phrase("Use wider labels, lower letters in the template (height_mm), or a printer with more dots per mm."),
    Phrase("Use wider labels, or lower letters in the template (height_mm)."),
    Phrase("Shorten it, or use wider labels."),
    Phrase("No label shows %(foreign)s. Leave it out; the fields are %(known)s."),
    Phrase("The label %(name)s needs %(fields)s. Give the code and render again."),
    Phrase("%(name)s must be text in quotes."),
    Phrase("There is no format %(name)s. Choose one of: %(known)s."),
    Phrase("There is no profile for %(dpi)s dpi. Choose one of: %(known)s."),
    Phrase("Element %(number)s of %(name)s leaves the label. Move it in the template."),
    Phrase("Elements %(other)s and %(number)s of %(name)s overlap. Move them in the template."),
    Phrase("Element %(number)s of %(name)s leaves the round label. Move it in the template."),
    Phrase("There are no labels for the sheet. Choose at least one."),
    Phrase(
        "Label %(number)s: %(name)s is %(size)s mm and %(stock)s has %(room)s mm. "
        "Choose a sheet with larger labels, or a smaller template."
    ),
    Phrase("With this offset labels of %(stock)s leave the paper. Measure again and correct it."),
    Phrase("There is no place %(number)s on %(stock)s. It has places 1 to %(places)s."),
    Phrase("A label has no participant_code. Give it, or do not ask for one participant a row."),
    Phrase("A participant's labels are not together. Sort them by participant_code."),
    Phrase("There is no sheet %(name)s. Choose one of: %(known)s."),
    Phrase("A sheet has exactly the keys %(known)s."),
    Phrase("The labels of %(stock)s leave the paper. Measure the sheet and correct its sizes."),
    Phrase("The labels of %(stock)s overlap. From one to the next is at least the label's own size."),
    Phrase("%(key)s is a text on one line."),
    Phrase("%(key)s is a whole number from 1 to 1000."),
    Phrase("%(key)s is two numbers in mm, across and down."),
    Phrase("%(key)s is two numbers in mm from 0 to 1000."),
    Phrase("%(key)s is at least 1 mm each way."),
    Phrase("The sheet is not JSON: %(error)s."),
    Phrase(
        "temperature is none that a label has a letter for. "
        "Write ambient, refrigerated or frozen, or degrees such as -80 C, 4 C or 20 C."
    ),
    Phrase("There is no template %(name)s. Choose one of: %(known)s."),
    Phrase("Template %(file)s calls itself %(name)s: name and file must agree."),
    Phrase("A template has exactly the keys id, version, size_mm and elements, and shape if round."),
    Phrase("The template is not JSON: %(error)s."),
    Phrase("Element %(place)s of the template: %(why)s"),
    Phrase("only %(fields)s hold codes."),
    Phrase("its type must be one of: %(known)s."),
    Phrase("a %(type)s has no %(unknown)s."),
    Phrase("no label may show %(foreign)s; the fields are %(known)s."),
    Phrase("at, size and size_mm are two numbers in mm."),
    Phrase("lengths are numbers in mm from 0 to 500."),
    Phrase("version and last are whole numbers from 1."),
    Phrase("names, words and choices are texts that are not empty."),
    Phrase("elements is a list."),
    Phrase("rotate is 0, 90, 180 or 270 degrees clockwise."),
    Phrase("kinds are letters of codes: %(known)s."),
    Phrase("choose one of: %(known)s."),
)


def quoted(problem: Exception) -> Quoted:
    """What the label library says, for a refusal to quote."""
    if isinstance(problem, BadCode):
        return Quoted(str(problem), (Phrase(problem.template),))
    return Quoted(str(problem), TROUBLES)
