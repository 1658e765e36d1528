"""Data for labels: a new code of the template's own kind, and words for everything a label may show."""

from labels import Kind, mint

OWN_KIND = {
    "tube-50x25": ("tube_id", Kind.TUBE),
    "box": ("box_id", Kind.BOX),
    "shipment": ("shipment_id", Kind.SHIPMENT),
    "place": ("place_id", Kind.PLACE),
    "participant-card": ("participant_code", Kind.PARTICIPANT),
    "cap-9.5": ("tube_id", Kind.TUBE),
    "cryo-24x13": ("tube_id", Kind.TUBE),
    "cryo-33x13": ("tube_id", Kind.TUBE),
    "saliva-kit": ("tube_id", Kind.TUBE),
    "urine-cup": ("tube_id", Kind.TUBE),
    "urine-tube": ("tube_id", Kind.TUBE),
}
"""Of each template the field its bar code shows, and the kind of code."""


def make_label_data(template: str = "tube-50x25", **changes: str) -> dict[str, str]:
    """Data for a template, with a new code of the template's kind unless one is given."""
    field, kind = OWN_KIND[template]
    usual = {
        "participant_code": mint(Kind.PARTICIPANT),
        "sample_code": "1ED10",
        "sample_word": "EDTA",
        "site_code": "PHX01",
        "visit": "V1",
        "collected_at": "2026-03-04T09:30:00-07:00",
        "n_of_m": "1 of 7",
        "volume": "0.5 mL",
        "temperature": "-80 C",
        "kit_id": mint(Kind.KIT),
        field: mint(kind),
    }
    return usual | changes
