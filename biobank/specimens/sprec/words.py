"""Why an element of a SPREC is what it is, in words."""

from biobank.errors import Phrase

MATERIAL_DERIVED = Phrase("It was recorded when the vessel was filled.")
MATERIAL_SPUN = Phrase("A tube of this kind, after its spin.")
MATERIAL_COLLECTED = Phrase("A tube of this kind, as it was collected.")
CONTAINER = Phrase("The tube set says which product this tube is.")
CONTAINER_MADE = Phrase("The product that the site said it drew into.")
CONTAINER_UNKNOWN = Phrase("Which product was used is not recorded.")
NOT_DRAWN = Phrase("When it was collected is not known.")
NO_END = Phrase("It was neither spun, divided nor frozen yet.")
TIME_UNSURE = Phrase("One of the two times cannot be leant upon: it was entered late, corrected, or out of order.")
WARMTH_UNKNOWN = Phrase("%(hours)s hours, but nobody recorded how warm it was meanwhile.")
WARMTH_CHANGED = Phrase("%(hours)s hours, part of them warmer than the rest.")
NO_CELL = Phrase("%(hours)s hours: the standard has no letter for that temperature.")
WAITED = {
    "room": Phrase("%(hours)s hours at room temperature."),
    "cold": Phrase("%(hours)s hours at 2 to 10 °C."),
    "warm": Phrase("%(hours)s hours at 35 to 38 °C."),
    "other": Phrase("%(hours)s hours: the standard has no letter for that temperature."),
}
NOT_SPUN = Phrase("It was not spun.")
NO_MORE_SPINS = Phrase("It was declared that there was no other spin.")
NO_SPIN_RECORDED = Phrase("No spin is recorded, and nobody declared that there was none.")
NO_SECOND_RECORDED = Phrase("No second spin is recorded, and nobody declared that there was none.")
SPUN = Phrase("%(minutes)s minutes at %(g)s g and %(celsius)s °C.")
SPIN_NO_CELL = Phrase("%(minutes)s minutes at %(g)s g and %(celsius)s °C: the standard has no letter for that.")
BRAKE_UNKNOWN = Phrase("%(minutes)s minutes at %(g)s g and %(celsius)s °C, but the brake is not recorded.")
NOT_FROZEN = Phrase("It was not frozen after its spin.")
NOT_STORED = Phrase("It does not lie in a store.")
STORED = Phrase("Its vessel, and how cold its place is.")
STORED_AFTER = Phrase("In liquid nitrogen, after a time at -85 to -60 °C.")
STORE_NO_CELL = Phrase("The standard has no letter for this vessel at this temperature.")
FREEZING_UNKNOWN = Phrase("How it was frozen is not recorded.")

POSITIONS = (
    Phrase("Type of sample"),
    Phrase("Primary container"),
    Phrase("From collection to processing"),
    Phrase("Centrifugation"),
    Phrase("Second centrifugation"),
    Phrase("After centrifugation"),
    Phrase("Long-term storage"),
)
