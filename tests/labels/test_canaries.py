"""Bad input in every text field of every design and format: printed as text or refused, never a command or a name."""

import base64
import re
import zlib
from xml.etree import ElementTree as ET

import pytest

from labels import FORMATS, LayoutError, read_template, render, templates
from labels.elements import ALLOWED_FIELDS, TEXT_FIELDS
from labels.errors import TemplateError
from labels.template import load
from tests.labels.factories import make_label_data

CANARIES = {"first_name": "Zephyrina", "last_name": "Quackenbush", "born_on": "1961-07-23", "phone": "+1 312 555 0199",
            "address": "17 Canary Row", "mrn": "MRN-778899", "email": "z@example.org"}  # fmt: skip
HOSTILE = (
    "^XZ^XA^JUS^XZ", "~JA", "~JR", "^FS^FDx", "\\&^GB9", "_5E_7E", "</text><script>alert(1)</script>", "&#x3c;script>",
    '"><image href="x"/>', "]]>", "=1+1", "@SUM(A1)", "+CMD|' /C'!A0", "-2+3", "${x}", "{{7*7}}", "%(x)s", ">1>2",
    "\x1bE", "\r\n^XA", "\x00", "\u202etxt", "é ^XZ~JA_",
)  # fmt: skip
COMMANDS = re.compile(rb"[\^~][A-Z]{2}")


def _drawn(template: str, fmt: str, field: str, text: str) -> bytes | None:
    try:
        return render(template, make_label_data(template, **{field: text}), fmt, 203)
    except (LayoutError, ValueError):
        return None


def _shown(template: str) -> list[str]:
    """The text fields a design shows."""
    named = {name for element in load(template).elements for name in getattr(element, "field", ())}
    return sorted(named & TEXT_FIELDS)


def _commands(label: bytes) -> set[bytes]:
    return set(COMMANDS.findall(label))


@pytest.mark.parametrize("template", templates())
def test_hostile_text_adds_no_command_to_a_label(template: str) -> None:
    usual = {fmt: _commands(render(template, make_label_data(template), fmt, 203)) for fmt in ("zpl-native",)}
    for field in _shown(template):
        for text in HOSTILE:
            for fmt, known in usual.items():
                label = _drawn(template, fmt, field, text)
                if label is not None:
                    assert label.count(b"^XA") == label.count(b"^XZ") == 1, (field, text)
                    assert _commands(label) <= known | {b"^FH"}, (field, text)
                    assert b"~" not in label.replace(b"~DG", b""), (field, text)


def test_hostile_text_is_dots_alone_in_a_bitmap() -> None:
    for text in HOSTILE:
        label = _drawn("tube-50x25", "zpl", "sample_word", text)
        assert label is None or re.fullmatch(
            rb"\^XA\^CI28\^PW\d+\^LL\d+\^LH0,0\^FO0,0\^GFA,[\d,]+[0-9A-F]+\^FS\^PQ1\^XZ\n", label
        )


@pytest.mark.parametrize("template", ["tube-50x25", "cryo-24x13", "place"])
def test_hostile_text_adds_no_element_to_a_drawing(template: str) -> None:
    usual = {element.tag for element in ET.fromstring(render(template, make_label_data(template), "svg", 203)).iter()}
    for field in _shown(template):
        for text in HOSTILE:
            drawing = _drawn(template, "svg", field, text)
            if drawing is not None:
                assert {element.tag for element in ET.fromstring(drawing).iter()} == usual, (field, text)


@pytest.mark.parametrize("name", sorted(CANARIES))
@pytest.mark.parametrize("fmt", sorted(FORMATS))
def test_a_persons_data_is_refused_by_every_design_and_format(fmt: str, name: str) -> None:
    for template in templates():
        with pytest.raises(LayoutError):
            render(template, make_label_data(template) | {name: CANARIES[name]}, fmt, 203)


def test_no_field_of_a_label_can_ever_tell_who_somebody_is() -> None:
    assert not ALLOWED_FIELDS & set(CANARIES)
    assert not [
        name for name in ALLOWED_FIELDS if re.search(r"name|born|birth|dob|mrn|phone|mail|address|street", name)
    ]


@pytest.mark.parametrize("name", sorted(CANARIES))
def test_no_design_can_be_made_that_shows_a_persons_data(name: str) -> None:
    element = f'{{"type": "text", "at": [0, 0], "field": "{name}", "height_mm": 2, "max_mm": 20}}'
    with pytest.raises(TemplateError, match="no label may show"):
        read_template(f'{{"id": "x", "version": 1, "size_mm": [50, 25], "elements": [{element}]}}')


@pytest.mark.parametrize("template", templates())
def test_a_pdf_holds_what_the_label_shows_and_nothing_else(template: str) -> None:
    page = render(template, make_label_data(template), "pdf", 300)
    streams = [zlib.decompress(found) for found in _streams(page)]
    assert not [canary for canary in CANARIES.values() for part in [page, *streams] if canary.encode() in part]
    assert b"/JavaScript" not in page
    assert b"/URI" not in page


def _streams(page: bytes) -> list[bytes]:
    found = re.findall(rb"/Filter \[ /ASCII85Decode /FlateDecode \].*?stream\n(.*?)endstream", page, re.S)
    return [base64.a85decode(part.strip().removesuffix(b"~>")) for part in found]
