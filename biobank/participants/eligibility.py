"""Who may take part: the study's conditions, asked anew at every visit."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ADULT_AT = 18


class Condition(StrEnum):
    """A condition of taking part; its value is the code of the refusal."""

    BIRTH_DATE = "birth-date"
    AGE = "under-18"
    RESIDENCE = "not-in-united-states"
    CONSENTS_FOR_SELF = "cannot-consent"
    FREE = "incarcerated"
    CONSENT_ON_FILE = "no-consent"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A condition that is not met, with the clerk's words in both languages. `key` names the message in templates."""

    code: Condition
    en: str
    es: str

    @property
    def key(self) -> str:
        return f"eligibility.{self.code}"

    def to(self, locale: str) -> str:
        return self.es if locale.lower().startswith("es") else self.en


@dataclass(frozen=True, slots=True)
class EligibilityAnswers:
    """What the participant answered and what is on file."""

    lives_in_united_states: bool
    can_consent_alone: bool
    is_incarcerated: bool
    has_consent_on_file: bool


_WORDS = {
    Condition.BIRTH_DATE: (
        "The birth date lies in the future. Compare it with the participant's document and correct it.",
        "La fecha de nacimiento está en el futuro. Compárela con el documento y corríjala.",
    ),
    Condition.AGE: (
        "Only people who are 18 or older may take part. Thank the participant and end the visit.",
        "Solo pueden participar personas de 18 años o más. Dé las gracias y termine la visita.",
    ),
    Condition.RESIDENCE: (
        "Only people who live in the United States may take part. Thank the participant and end the visit.",
        "Solo pueden participar personas que viven en Estados Unidos. Dé las gracias y termine la visita.",
    ),
    Condition.CONSENTS_FOR_SELF: (
        "The participant must be able to consent alone; nobody else can do it. End the visit and tell the site lead.",
        "La persona debe poder dar su consentimiento por sí misma. Termine la visita y avise a su responsable.",
    ),
    Condition.FREE: (
        "People who are incarcerated cannot take part now. They may come back after release.",
        "Las personas encarceladas no pueden participar ahora. Pueden volver cuando salgan.",
    ),
    Condition.CONSENT_ON_FILE: (
        "There is no consent on file. Have the participant read and sign it, then check in again.",
        "No hay consentimiento firmado. Pida a la persona que lo lea y firme, y registre la llegada otra vez.",
    ),
}
_NO_CONTACT = (
    "There is no e-mail and no phone on file. The payment can be given at the desk; ask for one if that is wanted.",
    "No hay correo ni teléfono. El pago se puede dar en el mostrador; pida uno si la persona quiere.",
)


def assess(answers: EligibilityAnswers, *, born_on: date, today: date) -> tuple[Refusal, ...]:
    """Every condition that is not met, in the order the clerk asks; empty when the participant may take part.

    `today` is the date where the site is, not the date in UTC: a birthday starts at the site's midnight.
    """
    is_born = born_on <= today
    met = {
        Condition.BIRTH_DATE: is_born,
        Condition.AGE: not is_born or age_on(born_on, today) >= ADULT_AT,
        Condition.RESIDENCE: answers.lives_in_united_states,
        Condition.CONSENTS_FOR_SELF: answers.can_consent_alone,
        Condition.FREE: not answers.is_incarcerated,
        Condition.CONSENT_ON_FILE: answers.has_consent_on_file,
    }
    return tuple(Refusal(condition, *_WORDS[condition]) for condition, is_met in met.items() if not is_met)


def age_on(born_on: date, today: date) -> int:
    """Full years of age. Who was born on February 29 becomes a year older on March 1 of a common year.

    The later of the two customary days is taken, so that nobody is enrolled a day too young.
    """
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def contact_advice(*, has_email: bool, has_phone: bool, locale: str = "en") -> str | None:
    """A word to the clerk when there is no way to reach the participant; never a refusal."""
    if has_email or has_phone:
        return None
    return _NO_CONTACT[1] if locale.lower().startswith("es") else _NO_CONTACT[0]
