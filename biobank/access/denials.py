"""Refusals of somebody who is signed in: written down, and told when there are many within a minute."""

from biobank import clock
from biobank.access import watch
from biobank.access.denial_models import Denial
from biobank.actor import Actor
from biobank.db import Databases


def note(databases: Databases, actor: Actor, endpoint: str, code: str, request_id: str | None) -> None:
    """Write a refusal down, committed before it is told, and watch who was refused."""
    with databases.transaction(actor) as tx:
        tx.session.add(Denial(at=clock.now(), actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name,
                              endpoint=endpoint[:80], code=code[:40], request_id=request_id))  # fmt: skip
        tx.session.flush()
        watch.watch(tx)
