"""Templates: read strictly, and unable to show who a participant is."""

import json
from typing import Any

import pytest

from labels import LayoutError, templates
from labels.elements import ALLOWED_FIELDS
from labels.errors import TemplateError, UnknownTemplate
from labels.template import load, read

TEXT: dict[str, Any] = {"type": "text", "at": [1, 1], "field": "site_code", "height_mm": 2, "max_mm": 20}
PERSONAL = [
    "name",
    "first_name",
    "last_name",
    "surname",
    "initials",
    "date_of_birth",
    "dob",
    "birth_date",
    "mrn",
    "phone",
    "email",
    "address",
    "ssn",
    "sex",
]


def source(*elements: object, **changes: object) -> str:
    template = {"id": "trial", "version": 1, "size_mm": [50, 25], "elements": list(elements)}
    return json.dumps(template | changes)


@pytest.mark.parametrize("template", templates())
def test_each_template_shipped_is_whole(template: str) -> None:
    assert load(template).id == template
    assert load(template).elements


@pytest.mark.parametrize("field", PERSONAL)
def test_no_field_can_tell_who_a_participant_is(field: str) -> None:
    assert field not in ALLOWED_FIELDS
    with pytest.raises(TemplateError, match=f"no label may show '{field}'"):
        read(source(TEXT | {"field": field}))


def test_one_foreign_field_among_good_ones_is_refused() -> None:
    with pytest.raises(TemplateError, match="'name'"):
        read(source(TEXT | {"field": ["site_code", "name"]}))


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "html"},
        {"type": None},
        {"zpl": "^XZ"},
        {"at": [1]},
        {"at": "1,1"},
        {"at": [1, -1]},
        {"height_mm": "2"},
        {"height_mm": True},
        {"max_mm": 1e9},
        {"align": "middle"},
        {"overflow": "clip"},
        {"field": []},
        {"field": 7},
        {"literal": ""},
        {"type": "id", "field": "site_code"},
        {"type": "code128"},
        {"type": "box"},
        {"type": "datamatrix"},
        {"type": "symbol", "field": "temperature"},
        {"rotate": 45},
        {"type": "id", "field": "tube_id", "last": 0},
        {"type": "id", "field": "tube_id", "absent": "maybe"},
    ],
)
def test_an_element_with_a_mistake_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(TemplateError, match="Element 1 of the template"):
        read(source(TEXT | changes))


def test_an_element_without_its_place_is_refused() -> None:
    with pytest.raises(TemplateError, match="at"):
        read(source({key: value for key, value in TEXT.items() if key != "at"}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        source(TEXT, version=0),
        source(TEXT, version=True),
        source(TEXT, size_mm=[50]),
        source(TEXT, id=""),
        source(TEXT, script="x"),
        source(TEXT, shape="oval"),
        source("text"),
        source(TEXT).replace("[{", "{").replace("}]", "}"),
        source({"type": "id", "at": [1, 1], "field": "tube_id", "height_mm": 2, "max_mm": 20, "kinds": "SO"}),
    ],
)
def test_a_template_with_a_mistake_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        read(text)


@pytest.mark.parametrize("name", ["cryo-99x99", "", "../box", "box.json", "/etc/passwd"])
def test_an_unknown_template_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(UnknownTemplate, match=r"box, cap-9\.5, cryo-24x13"):
        load(name)


def test_a_fault_in_a_template_is_a_fault_in_the_layout() -> None:
    assert issubclass(TemplateError, LayoutError)
