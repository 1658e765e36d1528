"""The limits: a bare Flask page, and the reading's route with nothing but the driver behind it, on the same server."""

import argparse
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

_COLUMNS = "id, station_id, seq, device, protocol, captured_at, received_at, measures, raw"
_TABLE = f"CREATE TABLE IF NOT EXISTS bare ({_COLUMNS.replace('seq', 'seq integer').replace(', ', ' text, ').replace('integer text', 'integer')} text, UNIQUE (station_id, seq))"


class _Embedded:
    """One connection a thread, as the service's pool has, with the same file settings; writers take turns."""

    def __init__(self, path: str) -> None:
        self.path, self.local, self.turn = path, threading.local(), threading.Lock()
        self.connection().execute(_TABLE)

    def connection(self) -> Any:
        if not hasattr(self.local, "connection"):
            made = sqlcipher.connect(self.path, timeout=5, isolation_level=None)
            made.execute(f"PRAGMA key=\"x'{'11' * 32}'\"")
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                made.execute(f"PRAGMA {pragma}")
            self.local.connection = made
        return self.local.connection

    def insert(self, values: tuple[Any, ...]) -> None:
        connection = self.connection()
        with self.turn:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"INSERT INTO bare ({_COLUMNS}) VALUES ({','.join('?' * len(values))})", values)
            connection.execute("COMMIT")


class _Server:
    def __init__(self, address: str) -> None:
        self.address, self.local = address, threading.local()
        self.connection().execute(_TABLE)

    def connection(self) -> Any:
        if not hasattr(self.local, "connection"):
            self.local.connection = psycopg.connect(self.address, autocommit=True)
        return self.local.connection

    def insert(self, values: tuple[Any, ...]) -> None:
        marks = ",".join(["%s"] * len(values))
        self.connection().execute(f"INSERT INTO bare ({_COLUMNS}) VALUES ({marks})", values)


def bare(database: str) -> Flask:
    """The two limits as one application."""
    app = Flask("limit")
    store = _Server(database) if database.startswith("postgresql") else _Embedded(database)

    @app.get("/hello")
    def hello() -> Response:
        return Response('{"ok":true}', mimetype="application/json")

    @app.post("/readings")
    def readings() -> Response:
        given = json.loads(request.get_data())["readings"]
        now = datetime.now(UTC).isoformat()
        for item in given:
            store.insert((str(uuid.uuid4()), request.headers["Station-Id"], item["seq"], item["device"],
                          item["protocol"], item["captured_at"], now, json.dumps(item["measures"]), item["raw"]))  # fmt: skip
        return Response(json.dumps({"acknowledged": [item["seq"] for item in given], "duplicates": []}),
                        mimetype="application/json")  # fmt: skip

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=int, default=16)
    options = parser.parse_args()
    if not options.database.startswith("postgresql"):
        Path(options.database).parent.mkdir(parents=True, exist_ok=True)
    waitress.serve(bare(options.database), host="127.0.0.1", port=options.port, threads=options.threads, ident=None)
