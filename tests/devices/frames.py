"""Published frames, byte for byte, and what each must decode to."""

import json

from biobank.devices import registry
from biobank.devices.decoding import Decoder, decode_stream

ESC = b"\x1b"
HEALTHOMETER = b"\x1bR\x1bI1234567890\x1bW90.98\x1bH178.70\x1bT5.7\x1bB28\x1bNm\x1bE"
HEALTHOMETER_MAKER = b"\x1bR\x1bI1234567890\x1bW184.5\x1bH84.0\x1bB24.1\x1bT0.0\x1bNc\x1bE"
TANITA = (
    b'{0,16,~0,1,~1,1,~2,1,MO,"SC-240",SN,"00000002",Bt,0,GE,1,AG,30,Hm,170,Pt,0.0,Wk,82.7,FW,18.6,fW,15.4,MW,67.3,'
    b"mW,64.0,sW,19,bW,3.3,wW,48.0,ww,58.0,MI,28.6,Sw,63.6,OV,30.0,IF,6,rb,8255,rB,1973,rJ,12,rA,28,ZF,369.4,CS,FD\r\n"
)
TANITA_SHORT = b'{0,16,~0,1,MO,"HD-351BT",Wk,72.5,CS,A7\r\n'
TANITA_WB = b'{0,16,~0,1,~1,1,~2,1,MO,"WB-3000",Hm,172.5,Wk,72.5,MI,24.4,CS,79\r\n'
OMRON = b"2026,07,11,09,05,12345678901234567890,0,120,080,072,0\r\n"
OMRON_ERROR = b"2026,07,11,09,05,                    ,7,   ,   ,   ,0\r\n"
SCAN = b"S123456789012\r"
CHAIR = bytes.fromhex("0280D7E43132332E340D")
TANITA_OLD = b"S     75.0kg\r\n"
AND = b"ST,+00072.50 kg\r\n"
SMA = bytes.fromhex("0a20314720202020202020352e3032356c62200d")
MEDVUE = b"  123.4 LB G   \r"
SOLO = b"12:00,08/07/15,21.5,5'03.0\",132.3lb\r"
SICS = b"S S     100.00 g\r\n"
TAIDOC_DATE = bytes.fromhex("5125eb340509a548")
TAIDOC = bytes.fromhex("5126785d5048a589")
SUNTECH = bytes.fromhex("3e1873004a001e01000000000000310755005800000000e9")
MITUTOYO = b"01A+0000.123\r"
TYPED = b"weight 72.8 kg\n"

ONE_OF_EACH = {
    "healthometer": HEALTHOMETER,
    "tanita": TANITA,
    "omron-hbp9030": OMRON,
    "barcode": SCAN,
    "healthometer-binary": CHAIR,
    "tanita-wb": TANITA_OLD,
    "and": AND,
    "sma": SMA,
    "detecto": MEDVUE,
    "mt-sics": SICS,
    "taidoc": TAIDOC,
    "suntech": SUNTECH,
    "mitutoyo": MITUTOYO,
    "manual": TYPED,
}


def tanita_line(pairs: str) -> bytes:
    """A line with the right checksum, from the pairs between the start and the checksum."""
    body = f"{{0,16,{pairs},".encode()
    return body + f"CS,{sum(body) & 0xFF:02X}\r\n".encode()


def seven_even(text: bytes) -> bytes:
    """What a line at 7 bits and even parity looks like to a port at 8 bits and none."""
    return bytes(byte | (byte.bit_count() % 2) << 7 for byte in text)


def sum_checked(body: bytes) -> bytes:
    """Eight bytes of a TaiDoc frame from its first seven."""
    return body + bytes([sum(body) & 0xFF])


def decoded(name: str, *chunks: bytes) -> list[dict[str, object]]:
    """The events of a stream as the command prints them."""
    return [json.loads(json.dumps(event.as_json())) for event in decode_stream(registry.load(name), chunks)]


def kinds(name: str, *chunks: bytes) -> list[str]:
    """`reading`, `scan`, `device_error`, or the reason of a refusal, in order."""
    return [str(event.get("reason") or event["event"]) for event in decoded(name, *chunks)]


def measures(name: str, *chunks: bytes) -> list[tuple[str, str, str | None]]:
    """Quantity, value and unit of every measure in the stream."""
    return [
        (measure["quantity"], measure["value"], measure["unit"])
        for event in decoded(name, *chunks)
        for measure in event.get("measures", [])
    ]


def decoder(name: str) -> Decoder:
    return Decoder(registry.load(name))
