"""Which tubes an order is for: all, blood alone, urine alone, saliva alone, or those chosen; and the kit it came in."""

import re
from collections.abc import Collection

from biobank.errors import Invalid
from biobank.specimens import predraw
from biobank.specimens.order_models import OrderSort
from biobank.specimens.predraw import Answers
from biobank.specimens.tubes import TubeSet, TubeType

_KIT = re.compile(r"KIT-\d{8}", re.ASCII)


def tubes_of(
    sort: OrderSort, answers: Answers, tube_set: TubeSet, chosen: Collection[str] = ()
) -> tuple[TubeType, ...]:
    """The tubes of an order, in draw order. Raises Invalid where the answers forbid what was asked for."""
    allowed = predraw.tubes_for(answers, tube_set)
    if sort is OrderSort.FULL:
        return allowed
    if sort is OrderSort.CUSTOM:
        return _chosen(allowed, tube_set, chosen)
    if sort is OrderSort.SALIVA:
        return _saliva(answers, tube_set)
    found = tuple(tube for tube in allowed if tube.sample == str(sort))
    if not found:
        raise Invalid("The answers before the draw allow no blood. Order urine or saliva.", code="blood-withheld")
    return found


def read_kit(text: str, again: str | None) -> str:
    """The number of a kit, entered twice: `KIT-` and eight digits (protocol, section 3.2). Raises Invalid."""
    kit, second = text.strip().upper(), (again or "").strip().upper()
    if _KIT.fullmatch(kit) is None:
        raise Invalid("A kit's number is KIT- and eight digits. Read it off the kit again.", code="bad-kit")
    if kit != second:
        raise Invalid("The two kit numbers differ. Enter the number on the kit twice.", code="kit-differs")
    return kit


def _chosen(allowed: Collection[TubeType], tube_set: TubeSet, chosen: Collection[str]) -> tuple[TubeType, ...]:
    wanted = [tube_set.tube(code) for code in dict.fromkeys(chosen)]
    if not wanted:
        raise Invalid("Choose at least one tube.", code="nothing-chosen")
    alone = {tube for tube in wanted if tube.draw_order is None and not set(tube.only_without) & set(chosen)}
    for tube in wanted:
        if tube not in allowed and tube not in alone:
            raise Invalid("The %(tube)s cannot be ordered with these answers and tubes.", code="tube-not-allowed",
                          tube=tube.short)  # fmt: skip
    return tuple(tube for tube in tube_set.tubes.values() if tube in wanted)


def _saliva(answers: Answers, tube_set: TubeSet) -> tuple[TubeType, ...]:
    if predraw.withheld(answers) is predraw.Withheld.WHOLE_BLOOD:
        raise Invalid("Whole blood was donated in the past 8 weeks: urine only.", code="urine-only")
    return tuple(tube for tube in tube_set.tubes.values() if tube.sample == "saliva")
