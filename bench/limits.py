"""The limits: a bare Flask page, and the reading's route with nothing but the driver behind it, on the same server.

The driver's route writes the same row into the same table, with the same durability, for a desk of its own.
"""

import argparse
import hashlib
import json
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlcipher3.dbapi2 as sqlcipher
import waitress
from flask import Flask, Response, request

COLUMNS = ("id", "station_id", "seq", "device", "protocol", "kind", "captured_at", "happened_at", "received_at",
           "measures", "flags", "raw", "repeat", "state", "content_sha256")  # fmt: skip


class Embedded:
    """One connection a thread, as the service's pool has, with the same file settings; writers take turns."""

    def __init__(self, path: str, key: str) -> None:
        self.path, self.key = path, key
        self.local, self.turn = threading.local(), threading.Lock()
        self.insert_sql = f"INSERT INTO inbox_reading ({','.join(COLUMNS)}) VALUES ({','.join('?' * len(COLUMNS))})"

    def connection(self) -> Any:
        if not hasattr(self.local, "connection"):
            made = sqlcipher.connect(self.path, timeout=5, isolation_level=None)
            made.execute(f"PRAGMA key=\"x'{self.key}'\"")
            for pragma in ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "secure_delete=ON"):
                made.execute(f"PRAGMA {pragma}")
            self.local.connection = made
        return self.local.connection

    def insert(self, values: tuple[Any, ...]) -> None:
        connection = self.connection()
        with self.turn:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(self.insert_sql, values)
            connection.execute("COMMIT")

    @staticmethod
    def key_of(value: uuid.UUID) -> str:
        return value.hex


class Server:
    """One autocommitting connection a thread."""

    def __init__(self, address: str) -> None:
        self.address, self.local = address, threading.local()
        self.insert_sql = f"INSERT INTO inbox_reading ({','.join(COLUMNS)}) VALUES ({','.join(['%s'] * len(COLUMNS))})"

    def connection(self) -> Any:
        if not hasattr(self.local, "connection"):
            self.local.connection = psycopg.connect(self.address, autocommit=True)
        return self.local.connection

    def insert(self, values: tuple[Any, ...]) -> None:
        self.connection().execute(self.insert_sql, values)

    @staticmethod
    def key_of(value: uuid.UUID) -> uuid.UUID:
        return value


def bare(store: Embedded | Server, station: uuid.UUID) -> Flask:
    """The two limits as one application."""
    app = Flask("limit")

    @app.get("/hello")
    def hello() -> Response:
        return Response('{"ok":true}', mimetype="application/json")

    @app.post("/readings")
    def readings() -> Response:
        given = json.loads(request.get_data())["readings"]
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        for item in given:
            digest = hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
            keys = (store.key_of(uuid.uuid4()), store.key_of(station))
            said = (
                item["seq"],
                item["device"],
                item["protocol"],
                item["kind"],
                item["captured_at"],
                item["captured_at"],
            )
            store.insert(
                (
                    *keys,
                    *said,
                    now,
                    json.dumps(item["measures"]),
                    "[]",
                    item["raw"],
                    item["repeat"],
                    "unclaimed",
                    digest,
                )
            )
        return Response(json.dumps({"acknowledged": [item["seq"] for item in given], "duplicates": []}),
                        mimetype="application/json")  # fmt: skip

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True, help="address of the server, or path of the file")
    parser.add_argument("--key-file", type=Path, help="key of the file")
    parser.add_argument("--station", type=uuid.UUID, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=int, default=16)
    options = parser.parse_args()
    kept = (
        Embedded(options.database, options.key_file.read_text().strip())
        if options.key_file
        else Server(options.database)
    )
    waitress.serve(
        bare(kept, options.station), host="127.0.0.1", port=options.port, threads=options.threads, ident=None
    )
