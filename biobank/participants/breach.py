"""The answer to a breach: whose data somebody touched between two moments, as a list, and a letter to each of them."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from biobank.access.models import Look
from biobank.db import Tx
from biobank.errors import Invalid
from biobank.participants.models import Participant

LIST, LETTERS = "touched.csv", "letters.txt"
_COLUMNS = ("record", "id", "code", "language", "status", "looks", "first", "last")
# Names are not in the draft: who prints the letters takes them from the vault, and each is a recorded look.
_LETTER = {
    "en": """To the participant with the code {code}

Somebody who had no right to may have seen information that the study keeps about you, between {first} and {last} (UTC).
[What was seen. How it happened. What we have done so that it cannot happen again.]
You need not do anything. You may ask at any desk who looked at your record, and you get the list on paper.
Questions: [name, telephone, address of the study's contact].
""",
    "es": """A la persona participante con el código {code}

Es posible que alguien sin derecho haya visto información que el estudio guarda sobre usted, entre {first} y {last}
(UTC).
[Qué se vio. Cómo ocurrió. Qué hemos hecho para que no vuelva a ocurrir.]
No tiene que hacer nada. Puede preguntar en cualquier mostrador quién consultó su expediente y recibirá la lista en
papel.
Preguntas: [nombre, teléfono y dirección de contacto del estudio].
""",
}


@dataclass(frozen=True, slots=True)
class Touched:
    """One record that was looked at; whose it is, where the record is a participant's own."""

    record: str
    id: UUID
    code: str
    language: str
    status: str
    looks: int
    first: datetime
    last: datetime


def touched(tx: Tx, actor_id: UUID, since: datetime, until: datetime) -> Sequence[Touched]:
    """Every record that somebody looked at from `since` until before `until`, from the index over looks alone."""
    if since >= until:
        raise Invalid("The end must come after the beginning.")
    looks = (
        sa.select(Look.subject_kind, Look.subject_id, sa.func.count().label("looks"),
                  sa.func.min(Look.at).label("first"), sa.func.max(Look.at).label("last"))
        .where(Look.actor_id == actor_id, Look.at >= since, Look.at < until)
        .group_by(Look.subject_kind, Look.subject_id)
        .subquery()
    )  # fmt: skip
    found = tx.session.execute(
        sa.select(looks, Participant.clinic_code, Participant.language, Participant.status)
        .outerjoin(Participant, Participant.id == looks.c.subject_id)
        .order_by(looks.c.first)
    )
    return [
        Touched(row.subject_kind, row.subject_id, row.clinic_code or "", row.language or "", row.status or "",
                row.looks, row.first, row.last)
        for row in found
    ]  # fmt: skip


def write(tx: Tx, folder: Path, actor_id: UUID, since: datetime, until: datetime) -> tuple[int, int]:
    """Write the list and the drafts into a folder; answers how many records, and how many letters."""
    rows = touched(tx, actor_id, since, until)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LIST).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows([getattr(row, name) for name in _COLUMNS] for row in rows)
    letters = list(_letters(rows))
    (folder / LETTERS).write_text("\n\f\n".join(letters), encoding="utf-8")
    return len(rows), len(letters)


def _letters(rows: Sequence[Touched]) -> Iterator[str]:
    """One letter to each participant, however many of their records were touched."""
    stretches: dict[str, tuple[str, datetime, datetime]] = {}
    for row in rows:
        if row.code:
            _, first, last = stretches.get(row.code, ("", row.first, row.last))
            stretches[row.code] = (row.language, min(first, row.first), max(last, row.last))
    for code, (language, first, last) in stretches.items():
        words = _LETTER["es" if language == "es" else "en"]
        yield words.format(code=code, first=f"{first:%Y-%m-%d %H:%M}", last=f"{last:%Y-%m-%d %H:%M}")
