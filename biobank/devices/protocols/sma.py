"""The Scale Manufacturers Association's SCP-0499: twenty bytes from LF to CR in answer to `W`, with a motion flag."""

import re

from biobank.devices import polling
from biobank.devices.events import DeviceError, Event, Reading, Reason, Rejected, Unstable
from biobank.devices.framing import DelimitedFramer
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings
from biobank.devices.weights import malformed, weighed

READ = b"\nW\r"
_LINE = re.compile(
    r"\n[ Z][1-9](?P<kind>[GNTgn])(?P<motion>[ M])"
    r".(?P<value>.{10})(?P<unit>.{3})\r"
)
_NUMBER = re.compile(r" *([+-]? *\d{1,8}(?:\.\d{1,6})?)")
_TROUBLE = re.compile(r"\n[OUEIT][1-9][GNTgn]")
_ANSWER = re.compile(r"\n[A-Z]{3}:[\x20-\x7e]*\r")
_HEAD = rb"\n(?=[ ZOUEIT][1-9][GNTgn]|[?!]\r|[A-Z]{3}:)"
_ERRORS = {
    "O": ("overload", "The scale is over its capacity: step off."),
    "U": ("underload", "The scale is below its range: check that nothing lifts the platform."),
    "E": ("device", "The scale reports a zero error: empty it, and zero it by its own key."),
    "I": ("device", "The scale was not empty when it was switched on: empty it and switch it on again."),
    "T": ("device", "The scale reports a tare error: clear its tare by its own key."),
}


def framer() -> DelimitedFramer:
    """LF to CR, so that a frame is had when it ends and not when the next begins."""
    return DelimitedFramer(
        starts=re.compile(_HEAD),
        restart=re.compile(rb"\n"),
        end=b"\r",
        begun=re.compile(rb"\n(?:[ ZOUEIT][1-9]?|[?!]|[A-Z]{1,3})?\Z"),
        illegal=re.compile(rb"[^\x20-\x7e\r\n]"),
        committed=re.compile(rb"\n"),
        whole=re.compile(_HEAD + rb"[\x20-\x7e]{1,60}\r"),
        limit=128,
        quiet=b"\r\n",
    )


def decode(frame: bytes) -> Event | None:
    """Weight and motion (SCP-0499; B-TEK T419S p. 61, Fairbanks FB2550 p. 180). Answers to `A` and `B` give None."""
    line = frame.decode("ascii")
    if line == "\n?\r":
        return DeviceError("unknown-command", "The scale does not know the command: check that it speaks SMA.")
    if line == "\n!\r":
        return DeviceError("device", "The scale received a damaged command: check the cable and the serial settings.")
    if _ANSWER.fullmatch(line):
        return None
    if _TROUBLE.match(line):
        return DeviceError(*_ERRORS[line[1]])
    found = _LINE.fullmatch(line)
    return malformed("it is not the twenty bytes of the standard") if found is None else _say(found)


def _say(found: re.Match[str]) -> Event:
    """What a weight line says."""
    if found["kind"] == "T":
        return Rejected(Reason.NOT_A_MEASURE, "The scale sent its tare and no weight: measure again.")
    number = _NUMBER.fullmatch(found["value"])
    if number is None:
        return malformed("its weight is not a number")
    measure = weighed(number[1], found["unit"])
    if isinstance(measure, Rejected):
        return measure
    if found["motion"] == "M":
        return Unstable((measure,))
    return Reading((measure,), stable=True, flags=("net",) if found["kind"] in "Nn" else ())


PROTOCOL = DeviceProtocol(
    name="sma",
    title="SMA SCP-0499: Detecto, Rice Lake, B-TEK, Fairbanks, Sartorius industrial",
    settings=Settings(baud=9600),
    evidence=Evidence.MAKER_MANUAL,
    sources=("B-TEK T419S manual p. 61", "Sartorius PR 5220 p. 130, PR 5211 p. 54", "Fairbanks FB2550 p. 180"),
    manner=Manner.FLAGGED,
    framer=framer,
    decode=decode,
    polling=polling.repeat(READ, 0.4),
)
