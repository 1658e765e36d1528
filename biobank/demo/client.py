"""Somebody at the programme's HTTP interface: signed in once, every POST with its own key."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from biobank.demo.processes import wait_until


class StepFailed(Exception):
    """What was expected did not happen; the text says what was seen instead."""


class Person:
    """A member of staff who works through /api/v1."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self.username = username
        self.http = httpx.Client(base_url=f"{address}/api/v1", timeout=20)
        token = self.post("/sessions", {"username": username, "password": password})["token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def _answer(self, response: httpx.Response, expect: int | None) -> Any:
        if expect is None and response.is_success:
            return response.json() if response.content else {}
        if expect == response.status_code:
            return response.json() if response.content else {}
        wanted = expect or "success"
        raise StepFailed(
            f"{response.request.method} {response.request.url.path} by {self.username}: {response.status_code} where "
            f"{wanted} was due: {response.text[:600]}"
        )

    def get(self, path: str, *, expect: int | None = None) -> Any:
        return self._answer(self.http.get(path), expect)

    def post(self, path: str, body: object = None, *, expect: int | None = None, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key or uuid4().hex}
        return self._answer(self.http.post(path, json={} if body is None else body, headers=headers), expect)

    def patch(self, path: str, body: object) -> Any:
        """Edit what was last read: its ETag goes back as If-Match."""
        tag = self.http.get(path).headers["ETag"]
        return self._answer(self.http.patch(path, json=body, headers={"If-Match": tag}), None)

    def close(self) -> None:
        self.http.close()


def until(words: str, ready: Callable[[], Any], seconds: float = 20) -> Any:
    """Ask until the answer is something; `StepFailed` with these words if it never is."""
    found: list[Any] = []

    def ask() -> bool:
        answer = ready()
        if answer:
            found.append(answer)
        return bool(answer)

    try:
        wait_until(words, ask, seconds)
    except Exception as problem:
        raise StepFailed(str(problem)) from problem
    return found[-1]


def require(condition: object, words: str) -> None:
    """The proof of a step."""
    if not condition:
        raise StepFailed(words)
