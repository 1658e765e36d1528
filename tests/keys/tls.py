"""Certificates of every kind, good and bad, and a server that shows them and counts what it was told."""

import ipaddress
import re
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_BODY = b'{"data": {"latest_version": 1}}'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(_BODY), _BODY)
_HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


@dataclass
class Party:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Any

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())  # fmt: skip


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def issue(
    words: str,
    by: Party | None = None,
    *,
    is_ca: bool = False,
    names: list[x509.GeneralName] | None = None,
    days: tuple[int, int] = (-1, 30),
    usage: Any = ExtendedKeyUsageOID.SERVER_AUTH,
    key: Any = None,
) -> Party:
    """A certificate by an authority, or by itself; `days` from now it begins and ends."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    issuer, now = by or Party(None, key), datetime.now(UTC)  # type: ignore[arg-type]
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(words))
        .issuer_name(by.certificate.subject if by else _name(words))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if not is_ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return Party(builder.sign(issuer.key, hashes.SHA256()), key)


AUTHORITY = issue("Our authority", is_ca=True)
STRANGE = issue("A strange authority", is_ca=True)
MIDDLE = issue("A middle authority", AUTHORITY, is_ca=True)


@dataclass
class Show:
    """What a server shows: its certificate, those after it in the chain, its newest version, its answer."""

    party: Party
    chain: tuple[Party, ...] = ()
    newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
    answer: bytes = OK
    is_plain: bool = False


def _to(address: bytes) -> bytes:
    return (
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: "
        + address
        + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )


def _leaf(**words: Any) -> Party:
    return issue("127.0.0.1", **({"by": AUTHORITY, "names": [_HERE]} | words))


SOUND = Show(_leaf())
CHAINED = Show(_leaf(by=MIDDLE), (MIDDLE,))
BAD = {
    "an authority we do not know": Show(_leaf(by=STRANGE)),
    "signed by itself": Show(_leaf(by=None)),
    "another name": Show(_leaf(names=[x509.DNSName("keys.example")])),
    "another address": Show(_leaf(names=[x509.IPAddress(ipaddress.ip_address("127.0.0.2"))])),
    "no name but the old common one": Show(_leaf(names=None)),
    "ended": Show(_leaf(days=(-30, -1))),
    "not begun": Show(_leaf(days=(1, 30))),
    "the middle of the chain missing": Show(_leaf(by=MIDDLE)),
    "signed by what is no authority": Show(_leaf(by=SOUND.party), (SOUND.party,)),
    "made for clients": Show(_leaf(usage=ExtendedKeyUsageOID.CLIENT_AUTH)),
    "a key of 1,024 bits": Show(_leaf(key=rsa.generate_private_key(65537, 1024))),
    "TLS 1.1 at the newest": Show(_leaf(), newest=ssl.TLSVersion.TLSv1_1),
    "no TLS at all": Show(_leaf(), is_plain=True),
}
REDIRECTS = {
    "to plain HTTP": _to(b"http://127.0.0.1:9/"),
    "to another server": _to(b"https://127.0.0.2:9/"),
}


@dataclass
class Heard:
    """Where the server is, and every request that reached it in the clear."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)


def _context(show: Show, folder: Path) -> ssl.SSLContext:
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(b"".join(party.pem() for party in (show.party, *show.chain)))
    key.write_bytes(show.party.key_pem())
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # A bad server is as lax as can be: the client alone must refuse.
    made.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        made.maximum_version = show.newest
    made.load_cert_chain(chain, key)
    return made


def _request(told: socket.socket) -> bytes:
    """One request, whole: a server that hangs up amid a body resets the connection."""
    request = told.recv(65536)
    length = re.search(rb"content-length: (\d+)", request, re.IGNORECASE)
    while length and len(request.partition(b"\r\n\r\n")[2]) < int(length[1]):
        request += told.recv(65536)
    return request


def _serve(listener: socket.socket, context: ssl.SSLContext, show: Show, heard: Heard) -> None:
    while True:
        try:
            raw, _ = listener.accept()
        except OSError:
            return
        with suppress(OSError), raw:
            raw.settimeout(5)
            told = raw if show.is_plain else context.wrap_socket(raw, server_side=True)
            request = _request(told)
            if request.startswith((b"GET", b"POST")):
                heard.requests.append(request)
            told.sendall(show.answer)
            told.close()


@contextmanager
def serving(show: Show, folder: Path) -> Iterator[Heard]:
    """A server on a free port that shows this."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard = Heard(port=listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, _context(show, folder), show, heard), daemon=True)
        thread.start()
        yield heard
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
