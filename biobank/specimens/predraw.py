"""What the answers before a draw allow: all tubes, urine alone, or urine and saliva (protocol, section 2)."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from biobank.specimens.tubes import TubeSet, TubeType


class Withheld(StrEnum):
    """Why no blood is drawn."""

    WHOLE_BLOOD = "whole-blood-within-8-weeks"
    RED_CELLS = "red-cells-within-2-months"
    PLASMA = "plasma-within-a-week"
    TRANSFUSION = "transfusion"
    FAINTED = "fainted-before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the participant answered before the draw. All five are asked; none is presumed."""

    whole_blood: bool
    red_cells: bool
    plasma: bool
    transfusion: bool
    fainted: bool

    def as_json(self) -> dict[str, bool]:
        return asdict(self)


def withheld(answers: Answers) -> Withheld | None:
    """The rule that forbids blood, the strictest first; None when blood may be drawn."""
    rules = {
        Withheld.WHOLE_BLOOD: answers.whole_blood,
        Withheld.RED_CELLS: answers.red_cells,
        Withheld.PLASMA: answers.plasma,
        Withheld.TRANSFUSION: answers.transfusion,
        Withheld.FAINTED: answers.fainted,
    }
    return next((rule for rule, applies in rules.items() if applies), None)


def tubes_for(answers: Answers, tube_set: TubeSet) -> tuple[TubeType, ...]:
    """The tubes to fill, in draw order.

    Whole blood donated within 8 weeks leaves urine alone; every other reason leaves urine, and saliva in place of the
    EDTA tubes.
    """
    rule = withheld(answers)
    if rule is None:
        return tube_set.drawn
    urine = tuple(tube for tube in tube_set.drawn if tube.sample == "urine")
    if rule is Withheld.WHOLE_BLOOD:
        return urine
    blood = {tube.code for tube in tube_set.drawn if tube.sample == "blood"}
    return urine + tube_set.instead_of(blood)
