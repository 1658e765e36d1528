"""What a station says of a device, as sentences that a page can say in the reader's language."""

from biobank.errors import Phrase
from biobank.web.languages import said

# The longer first where one sentence is the beginning of another: a place takes whatever stands in it.
NOTICES = (
    Phrase("The scale is over its capacity: step off."),
    Phrase("The scale is over its capacity or was not empty at the start: step off, zero it."),
    Phrase("The scale is below its range: check that nothing lifts the platform."),
    Phrase("The scale is below its range: check that nothing lifts the platform, and zero it."),
    Phrase("The scale is below zero: empty it, and zero it by its own key."),
    Phrase("The scale is not level: level it and measure again."),
    Phrase("The scale reports error E%(number)s: check the cable and its settings, measure again."),
    Phrase("The scale is counting pieces: set it to weigh, and measure again."),
    Phrase("The scale is counting pieces or percent: set it to weigh, and measure again."),
    Phrase("The scale sends another of its formats: set it to A&D standard, measure again."),
    Phrase("The scale reports a wrong entry (EE): clear it on the scale and measure again."),
    Phrase("The scale's status %(status)s is in no manual: type the weight."),
    Phrase("The scale's record cannot be read: %(why)s. Measure again."),
    Phrase("The scale's line cannot be read: %(why)s. Measure again."),
    Phrase("The scale's line was refused: %(why)s. Repeat the measurement."),
    Phrase("The scale answers in its BMI mode, whose columns no manual read here states: switch BMI mode off."),
    Phrase("The scale is busy or does not come to rest: wait, and measure again."),
    Phrase("The scale does not know the command: check that it speaks MT-SICS."),
    Phrase("The scale does not know the command: check that it speaks SMA."),
    Phrase("The scale received a damaged command (ET): check the cable and the serial settings."),
    Phrase("The scale received a damaged command: check the cable and the serial settings."),
    Phrase("The scale cannot carry out the command (EL): check its settings."),
    Phrase("The scale reports a zero error: empty it, and zero it by its own key."),
    Phrase("The scale was not empty when it was switched on: empty it and switch it on again."),
    Phrase("The scale reports a tare error: clear its tare by its own key."),
    Phrase("The scale sent its tare and no weight: measure again."),
    Phrase("The unit %(unit)s is not read: set the scale to kg and measure again."),
    Phrase("The gauge reports error %(number)s: check its cable and battery, measure again."),
    Phrase("The gauge's line cannot be read: it is not 01A, a sign and eight digits. Measure again."),
    Phrase("The kiosk's line cannot be read: %(why)s. Measure again."),
    Phrase("The kiosk's values were refused: %(why)s. Measure again."),
    Phrase("The kiosk is sending another output format: set its function item 32 to 5 and measure again."),
    Phrase("The kiosk reports error %(number)s: check the cuff and posture, measure again."),
    Phrase("The monitor's values were refused: %(why)s. Measure again."),
    Phrase("The blood pressure module reports error %(number)s: check cuff and posture, measure again."),
    Phrase("The module's result carries a byte no source explains: type the values."),
    Phrase("The record's date does not exist: set the meter's clock and measure again."),
    Phrase("The meter's record is not read: %(why)s. Type the values from its display."),
    Phrase("The systolic pressure is at the top of one byte: read it from the display."),
    Phrase("A frame began and did not end (%(count)s bytes): measure again."),
    Phrase("A frame was cut off or damaged after %(count)s bytes: measure again."),
    Phrase("The check of a frame of %(count)s bytes failed: repeat the measurement."),
    Phrase("%(count)s bytes belong to no frame: check the cable and that this is the right device."),
    Phrase(
        "%(count)s bytes belonged to no frame, frames seen: %(frames)s. Check that this is the right "
        "device, then the cable and the settings."
    ),
    Phrase("This looks like 7E1: set the port to 7 data bits, even parity, 1 stop bit."),
    Phrase("A record without a time was refused: whose it is cannot be told."),
    Phrase("An older record (%(moment)s) was refused: measure now."),
    Phrase("%(port)s cannot be opened with these settings: %(why)s"),
    Phrase("%(port)s is in use%(holder)s: close the other program."),
    Phrase("%(port)s may not be opened: add this account to the group of the port."),
    Phrase("%(port)s is not there: plug the device in and switch it on."),
    Phrase("%(port)s was unplugged: check the cable."),
    Phrase("%(port)s does not take data: check the cable."),
)


def noticed(text: str | None) -> str:
    """A device's trouble in the reader's language; what is none of these sentences stays as it was told."""
    return said(text, NOTICES)
