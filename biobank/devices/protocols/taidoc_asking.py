"""What a TaiDoc meter is asked, in order: wake, model, clock, how many records, and the newest one."""

SIZE = 8
WAKE, CLOCK, MODEL, DATE, VALUES, COUNT = 0x22, 0x23, 0x24, 0x25, 0x26, 0x2B
# TD-3128: the only model whose records all sources agree on; binary coded decimal, low byte first.
KNOWN_MODELS = (b"\x28\x31",)
_USER = 1
_PATIENCE_SECONDS = 1.0
_LOOK_SECONDS = 1.0


def command(code: int, *data: int) -> bytes:
    """A question of eight bytes: 51, the command, four of data, A3 and the sum of the seven modulo 256."""
    body = bytes([0x51, code, *data, *bytes(4 - len(data)), 0xA3])
    return body + bytes([sum(body) & 0xFF])


_QUESTIONS = {
    WAKE: command(WAKE),
    MODEL: command(MODEL),
    CLOCK: command(CLOCK),
    COUNT: command(COUNT, _USER),
    DATE: command(DATE, 0, 0, 0, _USER),
    VALUES: command(VALUES, 0, 0, 0, _USER),
}
COMMANDS = tuple(_QUESTIONS.values())
_NEXT = {WAKE: MODEL, MODEL: CLOCK, CLOCK: COUNT, COUNT: DATE, DATE: VALUES, VALUES: COUNT}


class MemoryConversation:
    """Asks for the newest record once a second; a meter of another model is never asked for a record.

    A question without an answer for a second begins again at waking. Nothing is set, erased or started.
    """

    def __init__(self) -> None:
        self._step = WAKE
        self._asked: float | None = None
        self._not_before = 0.0
        self._answered = False
        self._heard = b""

    def due(self, at: float) -> bytes | None:
        if self._answered:
            self._advance(at)
        elif self._asked is not None:
            if at - self._asked < _PATIENCE_SECONDS:
                return None
            self._step = WAKE
        if at < self._not_before:
            return None
        self._asked, self._heard = at, b""
        return _QUESTIONS[self._step]

    def hear(self, data: bytes) -> None:
        self._heard = (self._heard + data)[-SIZE:]
        wanted = (self._step, WAKE, MODEL, 0x54) if self._step == WAKE else (self._step,)
        if len(self._heard) == SIZE and self._heard[0] == 0x51 and self._heard[1] in wanted and self._heard[6] == 0xA5:
            self._answered = sum(self._heard[:-1]) & 0xFF == self._heard[-1]

    def acted(self, act: str, at: float) -> None:
        """No command acts on a meter."""

    def _advance(self, at: float) -> None:
        again = self._follow()
        self._not_before = at + _LOOK_SECONDS if again else at
        self._answered, self._asked = False, None

    def _follow(self) -> bool:
        """Choose the next question; True when it begins another look and can wait."""
        data = self._heard[2:4]
        if self._step == MODEL and data not in KNOWN_MODELS:
            return True
        if self._step == COUNT and not any(data):
            return True
        asked_last = self._step == VALUES
        self._step = _NEXT[self._step]
        return asked_last
