"""What is said of each part of a FHIR document that was left out or is refused."""

from collections.abc import Iterable, Mapping

from biobank.measurements.fhir_reading import Remark
from biobank.measurements.protocol import Text
from biobank.measurements.rules_findings import Finding

_MOST_TOLD = 40
_WORDS: Mapping[str, Text] = {
    "derived": Text("computed here anew from the readings", "se calcula aquí de nuevo a partir de las lecturas"),
    "absent": Text("the document says it was not measured", "el documento dice que no se midió"),
    "set-by-answer": Text("follows from another answer", "se deduce de otra respuesta"),
    "not-a-measurement": Text("is no measurement", "no es una medida"),
    "not-kept": Text("is not in this protocol", "no está en este protocolo"),
    "not-final": Text("is not final but {detail}", "no es definitivo sino {detail}"),
    "not-a-document": Text("is not a FHIR Bundle of type document", "no es un Bundle FHIR de tipo document"),
    "not-a-resource": Text("holds no resource", "no contiene ningún recurso"),
    "no-time": Text("has no time with its zone", "no tiene hora con su zona"),
    "in-future": Text("has a time that lies in the future", "tiene una hora futura"),
    "unknown-code": Text("has a code that is not known: {detail}", "tiene un código desconocido: {detail}"),
    "contradictory-codes": Text("has codes of different things: {detail}", "tiene códigos que no concuerdan: {detail}"),
    "unknown-unit": Text("has a unit that is not known here: {detail}", "tiene una unidad desconocida aquí: {detail}"),
    "unknown-answer": Text("has an answer that is not known: {detail}", "tiene una respuesta desconocida: {detail}"),
    "no-value": Text("has no value that can be read", "no tiene un valor que se pueda leer"),
    "no-place": Text("has no place in this protocol", "no tiene lugar en este protocolo"),
    "twice": Text("is there twice", "aparece dos veces"),
}  # fmt: skip


def told(remark: Remark) -> Text:
    """One sentence: what, and why it was not taken."""
    words = _WORDS[remark.reason].fill({"detail": remark.detail or "–"})
    return Text(f"{remark.name}: {words.en}.", f"{remark.name}: {words.es}.")


def findings(remarks: Iterable[Remark]) -> list[Finding]:
    """The first remarks, as many as anybody reads."""
    return [Finding(remark.name, remark.reason, told(remark)) for remark in remarks][:_MOST_TOLD]
