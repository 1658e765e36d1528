"""Data Matrix's square symbols of ISO/IEC 16022: their sizes, their error correction, and where each bit stands."""

from dataclasses import dataclass
from functools import cache

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Size:
    """A square symbol of one region: modules a side with its border, and its codewords (ISO/IEC 16022 table 7)."""

    side: int
    data: int
    correction: int

    @property
    def inner(self) -> int:
        """Modules a side without the border."""
        return self.side - 2


SIZES = (
    Size(10, 3, 5),
    Size(12, 5, 7),
    Size(14, 8, 10),
    Size(16, 12, 12),
    Size(18, 18, 14),
    Size(20, 22, 18),
    Size(22, 30, 20),
    Size(24, 36, 24),
    Size(26, 44, 28),
)


def correction_codewords(data: list[int], count: int) -> list[int]:
    """The Reed-Solomon codewords over GF(256) of polynomial 0x12D: the remainder of the data by the generator."""
    generator = _generator(count)
    remainder = [0] * count
    for codeword in data:
        factor = codeword ^ remainder[0]
        remainder = [*remainder[1:], 0]
        if factor:
            shift = _LOG[factor]
            remainder = [old ^ _EXP[shift + _LOG[part]] for old, part in zip(remainder, generator, strict=True)]
    return remainder


@cache
def _generator(count: int) -> tuple[int, ...]:
    """The coefficients of (x - a)(x - a^2)...(x - a^count) after the first, which is 1; none of them is 0."""
    product = [1]
    for power in range(1, count + 1):
        raised = [_EXP[_LOG[part] + power] if part else 0 for part in product]
        product = [high ^ low for high, low in zip([*product, 0], [0, *raised], strict=True)]
    return tuple(product[1:])


@cache
def places(inner: int) -> tuple[tuple[Place, ...], ...]:
    """For each codeword the row and column of its eight bits, highest first (ISO/IEC 16022 annex F)."""
    return _Walk(inner).run()


def fixed_corner(inner: int) -> tuple[Place, ...]:
    """The two dark modules of the lower right corner that no codeword reaches, in sizes where four are left over."""
    return ((inner - 1, inner - 1), (inner - 2, inner - 2)) if inner * inner % 8 else ()


class _Walk:
    """The walk of annex F: up and down the diagonals, each codeword in the shape of Utah, with its corner cases."""

    def __init__(self, inner: int) -> None:
        self.inner = inner
        self.taken: set[Place] = set()
        self.codewords: list[tuple[Place, ...]] = []

    def run(self) -> tuple[tuple[Place, ...], ...]:
        row, column = 4, 0
        while row < self.inner or column < self.inner:
            self._corner(row, column)
            row, column = self._sweep(row, column, step=-2)
            row, column = self._sweep(row + 1, column + 3, step=2)
            row, column = row + 3, column + 1
        return tuple(self.codewords)

    def _corner(self, row: int, column: int) -> None:
        last = self.inner - 1
        if (row, column) == (self.inner, 0):
            self._take([(last, 0), (last, 1), (last, 2), (0, last - 1), (0, last), (1, last), (2, last), (3, last)])
        if (row, column) == (self.inner - 2, 0) and self.inner % 4:
            self._take(
                [(last - 2, 0), (last - 1, 0), (last, 0), *((0, last - back) for back in (3, 2, 1, 0)), (1, last)]
            )

    def _sweep(self, row: int, column: int, *, step: int) -> Place:
        """Along a diagonal until it has left the symbol; step -2 climbs to the right, 2 descends to the left."""
        while True:
            if 0 <= row < self.inner and 0 <= column < self.inner and (row, column) not in self.taken:
                self._take([self._wrapped(row + down, column + right) for down, right in _UTAH])
            row, column = row + step, column - step
            if not (row >= 0 and column < self.inner if step < 0 else row < self.inner and column >= 0):
                return row, column

    def _wrapped(self, row: int, column: int) -> Place:
        slip = 4 - (self.inner + 4) % 8
        if row < 0:
            row, column = row + self.inner, column + slip
        if column < 0:
            row, column = row + slip, column + self.inner
        return row, column

    def _take(self, shape: list[Place]) -> None:
        self.taken.update(shape)
        self.codewords.append(tuple(shape))


def _powers() -> list[int]:
    """The powers of 2 in the field, twice over, so that a sum of two logarithms needs no reduction."""
    found, value = [], 1
    for _ in range(255):
        found.append(value)
        value <<= 1
        if value > 255:
            value ^= 0x12D
    return found * 2


_EXP = _powers()
_LOG = {value: power for power, value in enumerate(_EXP[:255])}
_UTAH = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
