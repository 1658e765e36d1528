"""Which texts of a long file were seen before, in a few bytes each."""

from array import array


class Seen:
    """Remembers texts by 64 bits of their hash, about 16 bytes each; a Python set of them takes a hundred.

    Two texts of a file of a million share their 64 bits once in 36 million files.
    """

    def __init__(self) -> None:
        self._slots, self._count, self._mask = array("q", bytes(8 << 16)), 0, (1 << 16) - 1

    def add(self, text: str) -> bool:
        """Remember a text. False if it was there."""
        # Two thirds full at most, so that a free place is near.
        if self._count * 3 > (self._mask + 1) * 2:
            self._grow()
        # Zero is a free place.
        return self._put(hash(text) or 1)

    def _put(self, mark: int) -> bool:
        slots, mask = self._slots, self._mask
        place = mark & mask
        while slots[place]:
            if slots[place] == mark:
                return False
            place = (place + 1) & mask
        slots[place] = mark
        self._count += 1
        return True

    def _grow(self) -> None:
        old, self._mask = self._slots, self._mask * 2 + 1
        self._slots, self._count = array("q", bytes(8 * (self._mask + 1))), 0
        for mark in old:
            if mark:
                self._put(mark)
