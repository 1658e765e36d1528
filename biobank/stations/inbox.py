"""The inbox: readings and scans kept once each, given to the open visit or left for a person to decide."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Invalid
from biobank.stations import claims
from biobank.stations.device_models import DeviceCheck
from biobank.stations.devices import registered
from biobank.stations.models import InboxKind, InboxReading, InboxState, Station
from biobank.stations.quarantine import REFUSAL, spans_in_quarantine
from biobank.stations.windows import window_of

Content = Mapping[str, Any]
# Below this a difference of clocks cannot be told from the way a request takes.
CLOCK_TOLERANCE = timedelta(seconds=5)
SCAN_IS_FRESH = timedelta(seconds=10)


@dataclass(frozen=True)
class Receipt:
    """The numbers that are safe here, and which of them were so before."""

    acknowledged: list[int]
    duplicates: list[int]


def receive_readings(tx: Tx, station_id: UUID, batch: Sequence[Content], *, skew: timedelta = timedelta()) -> Receipt:
    """Keep each reading once by its number; those captured since the open window began go to its visit.

    `batch` is as `schemas.DeviceReadingSchema` loads it, `skew` the station's clock less ours. All of it is refused
    (`Invalid` naming the numbers) when a number comes again with other content.
    """
    received_at = clock.now()
    rows: dict[int, dict[str, Any]] = {}
    clashing: list[int] = []
    for content in batch:
        row = _row(station_id, content, received_at, skew)
        if rows.setdefault(row["seq"], row)["content_sha256"] != row["content_sha256"]:
            clashing.append(row["seq"])
    fresh = _insert(tx, list(rows.values()))
    known = sorted(rows.keys() - fresh)
    if known:
        clashing += _changed(tx, station_id, {seq: rows[seq]["content_sha256"] for seq in known})
    if clashing:
        raise _reused(sorted(set(clashing)))
    _offer(tx, station_id, [row for seq, row in sorted(rows.items()) if seq in fresh])
    return Receipt(acknowledged=sorted(rows), duplicates=known)


def _row(station_id: UUID, content: Content, received_at: datetime, skew: timedelta) -> dict[str, Any]:
    own_time = content["captured_at"] - skew if abs(skew) > CLOCK_TOLERANCE else content["captured_at"]
    told = json.dumps(content, sort_keys=True, default=str).encode()
    return {
        "id": new_id(), "station_id": station_id, "seq": content["seq"], "device": content["device"],
        "protocol": content["protocol"], "kind": content["kind"], "captured_at": content["captured_at"],
        "happened_at": min(own_time, received_at), "received_at": received_at,
        "device_time": content.get("device_time"), "measures": content.get("measures", []),
        "stable": content.get("stable"), "flags": content.get("flags", []), "raw": content.get("raw", ""),
        "repeat": content.get("repeat", 1), "text": content.get("text"), "state": InboxState.UNCLAIMED,
        "content_sha256": hashlib.sha256(told).hexdigest(),
    }  # fmt: skip


def _insert(tx: Tx, rows: list[dict[str, Any]]) -> set[int]:
    """Insert what is new and answer its numbers. Core, not the ORM: stations deliver by the thousand."""
    insert = _INSERT[tx.session.get_bind().dialect.name]
    return set(tx.session.connection().execute(insert, rows).scalars())


_TABLE: Any = InboxReading.__table__
_INSERT = {
    name: dialect.insert(_TABLE).on_conflict_do_nothing(index_elements=["station_id", "seq"]).returning(_TABLE.c.seq)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


def _changed(tx: Tx, station_id: UUID, told: Mapping[int, str]) -> Iterator[int]:
    query = sa.select(InboxReading.seq, InboxReading.content_sha256).where(
        InboxReading.station_id == station_id, InboxReading.seq.in_(told)
    )
    return (seq for seq, kept in tx.session.execute(query) if told[seq] != kept)


def _reused(seqs: list[int]) -> Invalid:
    reason = "This number was sent before with other content. The first is kept."
    return Invalid("Reading %(seqs)s was sent before with other content. Nothing of this batch was stored.",
                   code="seq-reused", seqs=", ".join(map(str, seqs)),
                   details={"refused": [{"seq": seq, "reason": reason} for seq in seqs]})  # fmt: skip


def _offer(tx: Tx, station_id: UUID, rows: Sequence[Content]) -> None:
    readings = [row for row in rows if row["kind"] == InboxKind.READING]
    window = window_of(tx, station_id) if readings else None
    inside = [row for row in readings if window is not None and row["happened_at"] >= window.opened_at]
    if inside and window is not None:
        known = registered(tx, tx.session.get_one(Station, station_id))
        for row in inside:
            claims.offer(tx, row["id"], window.visit_id, known)
    late = [row for row in readings if row not in inside]
    if late:
        _refuse_in_quarantine(tx, station_id, late)


def _refuse_in_quarantine(tx: Tx, station_id: UUID, rows: Sequence[Content]) -> None:
    spans = spans_in_quarantine(tx, station_id, min(row["happened_at"] for row in rows))
    for row in rows:
        if any(start <= row["happened_at"] and (end is None or row["happened_at"] <= end) for start, end in spans):
            claims.refuse(tx, row["id"], REFUSAL)


def latest_scan(tx: Tx, station_id: UUID, after_seq: int) -> InboxReading | None:
    """The next scan after this number, if it is fresh: a code scanned ten seconds ago acts on no page any more."""
    query = sa.select(InboxReading).where(
        InboxReading.station_id == station_id,
        InboxReading.seq > after_seq,
        InboxReading.kind == InboxKind.SCAN,
        InboxReading.happened_at >= clock.now() - SCAN_IS_FRESH,
    )
    return tx.session.scalars(query.order_by(InboxReading.seq).limit(1)).first()


def recent_readings(tx: Tx, station_id: UUID, limit: int = 50) -> Sequence[InboxReading]:
    """What the station sent last, newest first."""
    query = sa.select(InboxReading).filter_by(station_id=station_id).order_by(InboxReading.seq.desc()).limit(limit)
    return tx.session.scalars(query).all()


def readings_to_decide(tx: Tx, station_id: UUID, limit: int = 8) -> Sequence[InboxReading]:
    """Readings of the last hour that no visit has, newest first, but for those compared with a display."""
    query = sa.select(InboxReading).where(
        InboxReading.station_id == station_id,
        InboxReading.kind == InboxKind.READING,
        InboxReading.state != InboxState.CLAIMED,
        InboxReading.happened_at >= clock.now() - timedelta(hours=1),
        InboxReading.id.not_in(sa.select(DeviceCheck.reading_id)),
    )
    return tx.session.scalars(query.order_by(InboxReading.seq.desc()).limit(limit)).all()
