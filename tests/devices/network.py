"""A network between a station and its server that can be cut and mended."""

import contextlib
import socket
import threading

_PIECE = 65536


class Network:
    """Forwards connections to a port of this machine; cut, it drops what is open and answers nobody."""

    def __init__(self, to_port: int) -> None:
        self._to = to_port
        self._is_cut = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with near:
            if self._is_cut:
                return
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._to)) as far:
                with self._lock:
                    self._open |= {near, far}
                back = threading.Thread(target=_forward, args=(far, near), daemon=True)
                back.start()
                _forward(near, far)
                back.join()
                with self._lock:
                    self._open -= {near, far}


def _forward(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
