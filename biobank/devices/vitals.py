"""What no blood pressure reading can say: refused with a reason whichever device says it."""

from decimal import Decimal

from biobank.devices.events import Event, Measure, Reading, Reason, Rejected

_SLOWEST_PULSE, _FASTEST_PULSE = 4, 300
_HIGHEST = 300


def pressure(
    *, systolic: int, diastolic: int, mean: int, pulse: int, device_time: str | None = None, flags: tuple[str, ...] = ()
) -> Event:
    """A reading in mmHg and beats per minute, or its refusal; a `mean` of 0 is one that was not sent."""
    doubt = _doubt(systolic, diastolic, mean, pulse)
    if doubt:
        return Rejected(Reason.OUT_OF_RANGE, f"The monitor's values were refused: {doubt}. Measure again.")
    measures = [Measure("systolic", Decimal(systolic), "mmHg"), Measure("diastolic", Decimal(diastolic), "mmHg")]
    if mean:
        measures.append(Measure("mean_arterial_pressure", Decimal(mean), "mmHg"))
    measures.append(Measure("heart_rate", Decimal(pulse), "/min"))
    return Reading(tuple(measures), device_time=device_time, flags=flags)


def _doubt(systolic: int, diastolic: int, mean: int, pulse: int) -> str | None:
    if not systolic or not diastolic:
        return "a pressure is zero"
    if diastolic >= systolic:
        return "diastolic is not below systolic"
    if mean and not diastolic <= mean <= systolic:
        return "the mean pressure is not between diastolic and systolic"
    if systolic > _HIGHEST:
        return f"a pressure is above {_HIGHEST}"
    if not _SLOWEST_PULSE <= pulse <= _FASTEST_PULSE:
        return "the pulse was not found"
    return None
