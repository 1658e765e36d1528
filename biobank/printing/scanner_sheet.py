"""The sheet that sets up a scanner: what to set, in the makers' words, codes to try, and what a try told."""

import base64
import re
from dataclasses import dataclass

from flask_babel import gettext

from biobank.printing.samples import example
from labels import BadCode, Kind, parse, render, setting_svg

_AIM = re.compile(r"\A\]([A-Za-z])([0-9A-Za-z])")
_SYMBOLOGIES = {"C": "Code 128", "d": "Data Matrix", "Q": "QR"}


@dataclass(frozen=True, slots=True)
class TestCode:
    """A code that belongs to nothing, drawn as a label is: its name, and the SVG as a data URL (RFC 2397)."""

    name: str
    picture: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A bar code that sets a scanner: what it does, the order in it, and its SVG as a data URL."""

    does: str
    order: str

    @property
    def picture(self) -> str:
        return _inline(setting_svg(self.order))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to set: in the makers' words, and as bar codes for the scanners of Honeywell."""

    what: str
    how: str
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What arrived of a test scan: whether it is a whole code of ours, with the id of its symbology, and what to do."""

    is_good: bool
    words: str


def steps() -> list[Step]:
    """What to set at the scanner, each with the words under which makers' manuals have it.

    The orders are written as menu commands are (Honeywell Xenon 1900, Serial Programming Commands), that of the AIM
    identifier by N3680, To Add a Prefix or Suffix; a symbol holds ~, the command and a full stop. None was tried on a
    scanner.
    """
    return [
        Step(str(gettext("Set the keyboard layout of the computer.")),
             str(gettext(
                 "Keyboard type, country: the scanner's must be the computer's, or digits arrive as accents."))),
        Step(str(gettext("End each scan with Enter.")),
             str(gettext("Suffix CR: Zebra “Enter Key”, Honeywell “Add CR Suffix”, Datalogic “Global Suffix 0D”.")),
             _honeywell(VSUFCR=gettext("Add Enter to each scan"))),
        Step(str(gettext("Send the AIM identifier before each code.")),
             str(gettext("Zebra “AIM Code ID Character” (parameter 2Dh, value 01h), Honeywell prefix “AIM ID”, "
                         "Datalogic “AIM ID”. It tells a scan from typing.")),
             _honeywell(PRECA2=gettext("Forget earlier prefixes"), PREBK2995C81=gettext("Send the AIM identifier"))),
        Step(str(gettext("Read Code 128 and Data Matrix, and switch every other code off.")),
             str(gettext("GS1-128 stays on where couriers' codes are scanned. Code 39, Interleaved 2 of 5 and Codabar "
                         "misread too easily.")),
             _honeywell(ALLENA0=gettext("Read no code at all"), **{"128ENA1": gettext("Read Code 128")},
                        GS1ENA1=gettext("Read GS1-128"), IDMENA1=gettext("Read Data Matrix"))),
    ]  # fmt: skip


def _honeywell(**commands: str) -> tuple[Setting, ...]:
    return tuple(Setting(str(does), f"~{command}.") for command, does in commands.items())


def test_codes() -> list[TestCode]:
    """A tube label's bars and a cryovial's Data Matrix, of a test code: scanning them anywhere says so."""
    code = example(Kind.TEST)
    data = {"tube_id": code, "participant_code": code, "sample_code": "TEST", "sample_word": "Test"}
    drawn = {"Code 128": "tube-50x25", "Data Matrix": "cryo-24x13"}
    return [TestCode(name, _inline(render(template, data, "svg", 300))) for name, template in drawn.items()]


def tried(raw: str) -> Tried:
    """What a scan of a test code tells about the scanner."""
    aim = _AIM.match(raw.strip())
    try:
        code = parse(raw)
    except BadCode as problem:
        return Tried(False, str(gettext(problem.template, **problem.words)))
    if code.kind is not Kind.TEST:
        return Tried(False, str(gettext("This is a real label. Scan one of the test codes on this page.")))
    if aim is None:
        return Tried(False, str(gettext("The code arrived whole, but without the AIM identifier: do step 3 again.")))
    kind = _SYMBOLOGIES.get(aim[1], aim[0])
    return Tried(True, str(gettext("The scanner is set up: %(kind)s arrived whole, with its identifier.", kind=kind)))


def _inline(drawn: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"
