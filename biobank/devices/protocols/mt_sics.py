"""Mettler Toledo's MT-SICS, levels 0 and 1: a weight line in answer to `SI`, with a stable flag."""

import re

from biobank.devices import polling
from biobank.devices.events import DeviceError, Event, Reading, Rejected, Unstable
from biobank.devices.framing import LineFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings
from biobank.devices.weights import malformed, weighed

READ = b"SI\r\n"
_WEIGHT = re.compile(r"S (?P<state>[SD]) {1,10}(?P<value>-?\d{1,9}(?:\.\d{1,7})?) (?P<unit>[A-Za-z%]{1,4}) *")
_REFUSED = {
    "S +": ("overload", "The scale is over its capacity: step off."),
    "S -": ("underload", "The scale is below its range: check that nothing lifts the platform."),
    "S I": ("device", "The scale is busy or does not come to rest: wait, and measure again."),
    "ES": ("unknown-command", "The scale does not know the command: check that it speaks MT-SICS."),
    "ET": ("device", "The scale received a damaged command (ET): check the cable and the serial settings."),
    "EL": ("device", "The scale cannot carry out the command (EL): check its settings."),
}
_ANSWER = re.compile(r"(?:I\d{1,2}|@|Z|ZI|T|TI|TA|TAC|SR|SIR|C|K|D|DW|PW) [A-Z+-](?: [\x20-\x7e]*)?")


def framer() -> LineFramer:
    """Lines ended by CR LF."""
    return LineFramer(
        terminators=re.compile(rb"\r\n"),
        begun=re.compile(rb"[SEI@ZTCKDP]"),
        rescue=re.compile(rb"S [SD] [ ]{0,9}-?[.\d]{1,10} [A-Za-z]{1,4}\Z"),
        least=2,
    )


def decode(frame: bytes) -> Event | None:
    """`S S` stable, `S D` moving (MT-SICS reference manual). Answers to other questions give None."""
    line = frame.decode("ascii")
    if refused := _REFUSED.get(line.rstrip()):
        return DeviceError(*refused)
    found = _WEIGHT.fullmatch(line)
    if found is None:
        return None if _ANSWER.fullmatch(line) else malformed("it is no MT-SICS answer")
    measure = weighed(found["value"], found["unit"])
    if isinstance(measure, Rejected):
        return measure
    return Unstable((measure,)) if found["state"] == "D" else Reading((measure,), stable=True)


PROTOCOL = DeviceProtocol(
    name="mt-sics",
    title="Mettler Toledo MT-SICS level 0 and 1; B-TEK",
    settings=Settings(baud=9600),
    evidence=Evidence.MAKER_MANUAL,
    sources=("Mettler Toledo MT-SICS reference manual, levels 0 and 1",),
    manner=Manner.FLAGGED,
    framer=framer,
    decode=decode,
    polling=polling.repeat(READ, 0.4),
)
