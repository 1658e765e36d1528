"""What each kind of case is called, what staff do about it, and the sentence that its sender reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from biobank.errors import Phrase
from biobank.specimens.case_models import Case, CaseStep, CaseType, Resolution
from biobank.specimens.conditions import CONDITIONS


@dataclass(frozen=True, slots=True)
class Said:
    """A case in words."""

    name: Phrase
    action: Phrase
    notice: Phrase


_SAID: Mapping[CaseType, Said] = {
    CaseType.MISSING: Said(
        Phrase("Missing tube"), Phrase("Look in the parcel and its bags again, then ask the sender to look."),
        Phrase("This tube is on your list and was not in the parcel. Look for it at your site; if you find it, pack it "
               "into the next box.")),
    CaseType.NOTHING_ARRIVED: Said(
        Phrase("Nothing arrived"), Phrase("Trace the parcel with the courier, then call the sender."),
        Phrase("Your parcel has not arrived by its day. Ask the courier where it is.")),
    CaseType.EXTRA: Said(
        Phrase("Tube on no list"), Phrase("Keep it in quarantine until its sender says what it is."),
        Phrase("This tube came in a parcel whose list does not name it. Scan each tube into its box before shipping.")),
    CaseType.TWO_ALIKE: Said(
        Phrase("Two with one label?"), Phrase("Put both side by side. Compare kind, volume and label with the record."),
        Phrase("A second object with this tube's label came to the biobank. Which one is the participant's?")),
    CaseType.UNIDENTIFIED: Said(
        Phrase("Nobody knows this"), Phrase("Isolate it, photograph it, compare it with what is missing."),
        Phrase("Something with a label that nobody knows came in your parcel. See its photograph and say what it is.")),
    CaseType.CONDITION: Said(Phrase("Condition"), Phrase("See the condition."), Phrase("See the condition.")),
    CaseType.TEMPERATURE: Said(
        Phrase("Not kept cold"), Phrase("Every tube of the parcel is held. Two people decide whether to use them."),
        Phrase("Your parcel was not kept between 2 and 8 degrees. Its tubes are held until the biobank decides.")),
}  # fmt: skip
# A tube that came in no parcel short: it was lost at a site, or here.
_NOT_IN_PLACE = Said(
    Phrase("Tube not in its place"),
    Phrase("Look beside its place and in the boxes about it. Whoever finds it scans it at Lost and found."),
    Phrase("This tube cannot be found where it was last. Look for it; if you find it, scan it at Lost and found."),
)
RESOLUTIONS: Mapping[Resolution, Phrase] = {
    Resolution.FOUND: Phrase("Found"),
    Resolution.TAKEN_BACK: Phrase("Scan taken back"),
    Resolution.MATCHED: Phrase("Matched with a tube"),
    Resolution.ACCEPTED: Phrase("Accepted"),
    Resolution.RELEASED: Phrase("Released"),
    Resolution.RETURNED: Phrase("Sent back"),
    Resolution.DESTROYED: Phrase("Destroyed"),
    Resolution.NEVER_SENT: Phrase("Never sent"),
    Resolution.LOST: Phrase("Lost for good"),
    Resolution.RELABELLED: Phrase("Given its right label"),
    Resolution.OTHER: Phrase("Other: see the note"),
}
# What a person may close a case with; the others follow from scans and signatures.
CLOSES = tuple(item for item in Resolution if item not in (Resolution.TAKEN_BACK, Resolution.RELEASED))
STEPS: Mapping[CaseStep, Phrase] = {
    CaseStep.OPENED: Phrase("Case opened"),
    CaseStep.TAKEN: Phrase("Taken on"),
    CaseStep.NOTED: Phrase("Noted"),
    CaseStep.REPORTED: Phrase("Reported to the sender"),
    CaseStep.CLOSED: Phrase("Case closed"),
    CaseStep.REOPENED: Phrase("Opened again"),
}


def said(case: Case) -> Said:
    """A case in words; a condition's are those of its code."""
    condition = CONDITIONS.get(case.condition)
    if condition:
        return Said(condition.name, condition.action, condition.notice)
    return _NOT_IN_PLACE if case.type is CaseType.MISSING and case.shipment_id is None else _SAID[case.type]


def name_of(kind: CaseType) -> Phrase:
    """What a kind of case is called."""
    return _SAID[kind].name
