"""The way to the server: signed requests, short time-outs, and two kinds of failure."""

import json
import ssl
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from biobank import clock
from biobank.devices.signing import instant_text, sign_request

_TIMEOUT = httpx.Timeout(10.0, connect=2.0)
_TRY_LATER = (408, 425, 429)


class Unreachable(Exception):
    """The server did not answer, or asks to be left alone for a while: try again later."""


class Refusal(Exception):
    """The server refused the request as it stands; `problem` is its RFC 9457 body, empty when it sent none."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or f"The server answered {status}."))
        self.status = status
        self.problem = problem


class Uplink:
    """Posts as one station; safe to share between threads."""

    def __init__(self, server: str, station_id: str, key: Ed25519PrivateKey, ca_file: Path | None = None) -> None:
        self._station_id, self._key = station_id, key
        self._base = f"/api/v1/stations/{station_id}"
        verify = ssl.create_default_context(cafile=ca_file)
        verify.minimum_version = ssl.TLSVersion.TLSv1_2
        # A proxy set for the clinic's browser has no business between a station and its server.
        self._client = httpx.Client(base_url=server, timeout=_TIMEOUT, verify=verify, trust_env=False,
                                    follow_redirects=False)  # fmt: skip

    def post(self, action: str, body: Mapping[str, Any], idempotency_key: str | None = None) -> dict[str, Any]:
        """Post to the station's own address; raises Unreachable or Refusal."""
        content = json.dumps(body, separators=(",", ":")).encode("utf-8")
        path = f"{self._base}/{action}"
        request = self._client.build_request("POST", path, content=content)
        # Signed from /api on: a proxy that serves the programme under a prefix takes the prefix away.
        request.headers.update(sign_request(self._key, "POST", path, instant_text(clock.now()), content))
        request.headers["Station-Id"] = self._station_id
        request.headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        request.headers["Content-Type"] = "application/json"
        try:
            response = self._client.send(request)
        except httpx.HTTPError as error:
            raise Unreachable(f"The server does not answer ({type(error).__name__}).") from error
        return _answer(response)

    def close(self) -> None:
        self._client.close()


def _answer(response: httpx.Response) -> dict[str, Any]:
    if response.status_code >= 500 or response.status_code in _TRY_LATER:
        raise Unreachable(f"The server answered {response.status_code}.")
    content = _object(response)
    if response.is_success and content is not None:
        return content
    if response.status_code >= 400:
        raise Refusal(response.status_code, content or {})
    # A redirect or a page of a network's sign-in portal: not our server's word.
    raise Unreachable(f"Something other than the server answered {response.status_code}.")


def _object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        content = response.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
