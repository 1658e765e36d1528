"""A part of the agent on a thread of its own, stopped at the end of the block."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def running(
    run: Callable[[threading.Event], None], wake: Callable[[], None] = lambda: None
) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        wake()
        thread.join(15)
    assert not thread.is_alive()
