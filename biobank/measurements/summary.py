"""A participant's own measurements in plain words and both languages: numbers and where they lie, no diagnosis."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from biobank.measurements.protocol import Text
from biobank.measurements.sheet import Sheet

_KG_PER_LB, _CM_PER_IN = Decimal("0.45359237"), Decimal("2.54")
# Ends of each picture's scale: wide enough for nearly every adult, and without any judgement in them.
_SCALES = {"height": (140, 210), "weight": (40, 160), "bmi": (15, 50), "systolic": (80, 200), "diastolic": (40, 120),
           "heart_rate": (40, 120), "waist": (50, 150), "hip": (50, 150)}  # fmt: skip
_NAMES = {
    "height": Text("How tall you are", "Cuánto mide de alto"),
    "weight": Text("Your weight", "Su peso"),
    "bmi": Text("Weight for your height (body mass index)", "Peso según su estatura (índice de masa corporal)"),
    "systolic": Text("Blood pressure, upper number", "Presión arterial, número de arriba"),
    "diastolic": Text("Blood pressure, lower number", "Presión arterial, número de abajo"),
    "heart_rate": Text("Heartbeats in a minute", "Latidos del corazón por minuto"),
    "waist": Text("Around your waist", "Alrededor de la cintura"),
    "hip": Text("Around your hips", "Alrededor de la cadera"),
}
WORDS = {
    "title": Text("Your measurements", "Sus medidas"),
    "thanks": Text("Thank you for taking part. These are the measurements from your visit on {day}.",
                   "Gracias por participar. Estas son las medidas de su visita del {day}."),
    "mean": Text("average of your readings", "promedio de sus lecturas"),
    "none": Text("not measured", "no se midió"),
    "few": Text("too few readings for an average", "muy pocas lecturas para un promedio"),
    "scale": Text("The mark shows where your number lies between {low} and {high}.",
                  "La marca muestra dónde está su número entre {low} y {high}."),
    "advice": Text(
        "These numbers were measured for research. They do not say whether you are healthy or ill. "
        "If you have questions about them, show this page to your doctor.",
        "Estos números se midieron para la investigación. No dicen si usted está sano o enfermo. "
        "Si tiene preguntas, muestre esta hoja a su médico.",
    ),
    "signed": Text("Measured and signed by {name}, {at}.", "Medido y firmado por {name}, {at}."),
    "corrected": Text("Corrected and signed by {name}, {at}.", "Corregido y firmado por {name}, {at}."),
    "unsigned": Text("INVALID: the signature does not fit these numbers.",
                     "NO VÁLIDO: la firma no corresponde a estos números."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement: its name, the value in words or why there is none, and where it lies, 0 to 1."""

    name: Text
    words: Text
    is_known: bool
    is_mean: bool
    share: Decimal
    low: str
    high: str


def lines(sheet: Sheet) -> Iterator[Line]:
    """What a participant is told, in the order of the visit. Means where the protocol has them."""
    for name, (low, high) in _SCALES.items():
        value, is_mean = _value(sheet, name)
        unit = "" if name == "bmi" else sheet.protocol.fields[name].unit
        words = _why_none(sheet, name) if value is None else _said(name, value, unit)
        place = (value - low) / (high - low) if value is not None else Decimal(0)
        share = min(max(place, Decimal(0)), Decimal(1)).quantize(Decimal("0.001"))
        ends = f"{low} {unit}".strip(), f"{high} {unit}".strip()
        yield Line(_NAMES[name], words, value is not None, is_mean, share, *ends)


def _value(sheet: Sheet, name: str) -> tuple[Decimal | None, bool]:
    found = sheet.assessment
    if name == "bmi":
        return found.bmi, False
    if name in found.means:
        return found.means[name], True
    row = sheet.protocol.fields[name]
    entry = sheet.value_at(name, 0) if row.replicates == 1 else None
    return (Decimal(entry.value) if entry is not None and entry.value else None), False


def _why_none(sheet: Sheet, name: str) -> Text:
    """A field that was read, only not often enough for the protocol's mean, was measured all the same."""
    row = sheet.protocol.fields.get(name)
    is_read = row is not None and any(sheet.value_at(name, number + 1) for number in range(row.replicates))
    return WORDS["few" if is_read else "none"]


def _said(name: str, value: Decimal, unit: str) -> Text:
    plain = f"{value} {unit}".strip()
    if unit == "kg":
        pounds = _rounded(value / _KG_PER_LB)
        return Text(f"{plain} ({pounds} pounds)", f"{plain} ({pounds} libras)")
    if unit == "cm":
        inches = _rounded(value / _CM_PER_IN)
        if name != "height":
            return Text(f"{plain} ({inches} inches)", f"{plain} ({inches} pulgadas)")
        feet, rest = divmod(inches, 12)
        return Text(f"{plain} ({feet} feet {rest} inches)", f"{plain} ({feet} pies {rest} pulgadas)")
    return Text(plain, plain)


def _rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
