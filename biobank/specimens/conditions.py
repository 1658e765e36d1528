"""What can be wrong with a parcel or a tube: two letters for a bench card, what to do, and what the sender is told.

The three parts of each row (description, staff action, sentence to the sender) follow the receipt values of the
Alliance biorepositories; `hl7` is the nearest reason of HL7 table 0490.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from biobank.errors import Phrase


class Scope(StrEnum):
    """What a condition is seen on."""

    PARCEL = "parcel"
    TUBE = "tube"


class Severity(StrEnum):
    """What follows from a condition, the mildest first."""

    ACCEPT = "accept"
    ALERT = "alert"
    HOLD = "hold"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Condition:
    """One coded condition. `notice` is empty where the sender is not told."""

    code: str
    scope: Scope
    severity: Severity
    name: Phrase
    action: Phrase
    notice: Phrase
    hl7: str | None = None


_STORE = Phrase("Go on as usual.")
_WATCH = Phrase("Go on, and look at the next ones with care.")
_APART = Phrase("Put it in the quarantine rack. Somebody decides before it is stored.")
_DISCARD = Phrase("Do not store it. Put it in the rack of rejected tubes.")
_ISOLATE = Phrase("Close the bag, isolate it, clean the bench. Do not open other tubes beside it.")


def _parcel(code: str, severity: Severity, name: Phrase, action: Phrase, notice: Phrase) -> Condition:
    return Condition(code, Scope.PARCEL, severity, name, action, notice)


def _tube(
    code: str, severity: Severity, name: Phrase, action: Phrase, notice: Phrase, *, hl7: str | None = None
) -> Condition:
    return Condition(code, Scope.TUBE, severity, name, action, notice, hl7)


_ALL = (
    _parcel("PG", Severity.ACCEPT, Phrase("Parcel in good order"), _STORE, Phrase()),
    _parcel("PI", Severity.ALERT, Phrase("No cold pack in the parcel"), _WATCH,
            Phrase("The parcel came without a cold pack. Put in the number that the packing list asks for.")),
    _parcel("PW", Severity.ALERT, Phrase("Cold packs warm"), _WATCH,
            Phrase("The cold packs had thawed and were warm. Freeze them for 24 hours and ship early in the week.")),
    _parcel("PC", Severity.ALERT, Phrase("Parcel crushed"), _WATCH,
            Phrase("The parcel was crushed. Use a rigid outer box.")),
    _parcel("PD", Severity.ALERT, Phrase("Container inside damaged"), _ISOLATE,
            Phrase("A container inside the parcel was damaged. Check the bags before packing.")),
    _parcel("PL", Severity.ALERT, Phrase("Parcel leaks"), _ISOLATE,
            Phrase("The parcel leaked. Close each bag, with absorbent inside.")),
    _parcel("PM", Severity.ALERT, Phrase("No list in the parcel"), _WATCH,
            Phrase("The printed list was missing. Lay it between the bag and the outer box.")),
    _parcel("PX", Severity.ALERT, Phrase("Packed wrongly"), _WATCH,
            Phrase("The parcel was not packed by P650. Follow the checklist on the packing page.")),
    _parcel("PN", Severity.ALERT, Phrase("Nobody announced it"), _WATCH,
            Phrase("The parcel came without notice. Hand it over on the packing page before the courier leaves.")),
    _parcel("PS", Severity.ALERT, Phrase("Seal broken"), _WATCH,
            Phrase("The seal of the parcel was broken when it came. Ask your courier.")),
    _tube("HM", Severity.ALERT, Phrase("Haemolysis"), _STORE,
          Phrase("The tube came haemolysed. Mix gently, do not shake, and draw without force."), hl7="RH"),
    _tube("CL", Severity.ALERT, Phrase("Clotted"), _STORE,
          Phrase("The tube came clotted. Invert it as often as its cap asks for, at once."), hl7="RC"),
    _tube("LV", Severity.ALERT, Phrase("Low volume"), _STORE,
          Phrase("The tube was not filled to its mark. Let it fill until the flow stops.")),
    _tube("GF", Severity.ALERT, Phrase("Gel failed"), _APART,
          Phrase("The gel did not part serum or plasma. Check force, time and the rotor.")),
    _tube("NS", Severity.HOLD, Phrase("Not spun"), _APART,
          Phrase("The tube came unspun although it should have been spun. Spin it before packing.")),
    _tube("FZ", Severity.HOLD, Phrase("Frozen"), _APART,
          Phrase("The tube came frozen. Keep a layer between tubes and cold packs."), hl7="RR"),
    _tube("WM", Severity.HOLD, Phrase("Warm"), _APART,
          Phrase("The tube came warm. Keep it refrigerated until it is packed."), hl7="RR"),
    _tube("DT", Severity.HOLD, Phrase("No date or time on it"), _APART,
          Phrase("The tube's date or time is missing. Send the right one to the biobank."), hl7="RD"),
    _tube("ML", Severity.HOLD, Phrase("Label does not fit the tube"), _APART,
          Phrase("The label does not fit the tube. Label at the participant's side and scan each label on its tube."),
          hl7="RM"),
    _tube("ID", Severity.HOLD, Phrase("Whose it is cannot be told"), _APART,
          Phrase("The two identifiers on the tube do not agree with the list. Tell the biobank whose it is."),
          hl7="RI"),
    _tube("CO", Severity.HOLD, Phrase("Outside contaminated"), _ISOLATE,
          Phrase("The tube was soiled outside. Wipe it, and bag each collection by itself."), hl7="RN"),
    _tube("LK", Severity.HOLD, Phrase("Leaked"), _ISOLATE,
          Phrase("The tube leaked on its way. Check its cap before packing.")),
    _tube("QS", Severity.REJECT, Phrase("Too little to use"), _DISCARD,
          Phrase("The tube held too little to be used and was rejected."), hl7="QS"),
    _tube("BR", Severity.REJECT, Phrase("Broken"), _ISOLATE,
          Phrase("The tube came broken and was rejected. Put each tube into its own sleeve."), hl7="RB"),
    _tube("EM", Severity.REJECT, Phrase("Empty"), _DISCARD,
          Phrase("The tube came empty and was rejected. Record a tube that was not filled as not collected."),
          hl7="QS"),
    _tube("EX", Severity.REJECT, Phrase("Past its day"), _DISCARD,
          Phrase("The tube was past its expiry day and was rejected. Check your stock."), hl7="EX"),
    _tube("OT", Severity.HOLD, Phrase("Other: see the note"), _APART,
          Phrase("Something else was wrong with the tube. The biobank will call you.")),
)  # fmt: skip

CONDITIONS: Mapping[str, Condition] = {item.code: item for item in _ALL}
