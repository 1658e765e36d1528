"""Aliquots and other derivatives: planned with labels of their own, filled by scanning each of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from biobank.access.models import Site
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.printing import actions as printing
from biobank.printing.label_troubles import quoted
from biobank.printing.models import LabelSheet
from biobank.specimens import codes, log, orders, storing
from biobank.specimens.custody import EventType, TubeStatus
from biobank.specimens.drawing import Spin
from biobank.specimens.models import UNDRAWN, CustodyEvent, SubjectKind, Tube, Vessel
from biobank.specimens.storage import volumes
from biobank.specimens.storage.materials import MATERIALS, Material
from biobank.specimens.storage.shelving import KeptAt
from biobank.stations import actions as stations
from labels import Kind, LayoutError, SheetLabel, SheetOptions, sheets

TEMPLATES = {
    Vessel.CRYOTUBE: "cryo-33x13",
    Vessel.PP_TUBE: "cryo-33x13",
    Vessel.PP_TUBE_SMALL: "cryo-24x13",
    Vessel.STRAW: "cryo-24x13",
}
SHEET, SHEET_TEMPLATE = "lcry-1700", "cryo-33x13"
_MOST_AT_ONCE = 40
_GIVE_UP = Phrase("A label of these was printed again %(count)s times already. Give its vessel up and plan another.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """So many vessels of one volume each, in microlitres, of one material."""

    material: Material
    vessel: Vessel
    count: int
    volume_ul: Decimal


def left_in(tube: Tube) -> Decimal:
    """The most that can still be in a tube, in microlitres: what was measured or drawn, less what was taken."""
    whole = tube.volume_ul
    if whole is None:
        nominal = orders.kind_of(tube.order, tube).volume_ml
        whole = nominal * 1000 if nominal is not None else volumes.MOST_UL
    return whole - tube.taken_ul


def derivatives(tx: Tx, tube_id: UUID) -> Sequence[Tube]:
    """What was made of a tube, in order."""
    return tx.session.scalars(sa.select(Tube).filter_by(parent_id=tube_id).order_by(Tube.position)).all()


def lineage(tx: Tx, tube: Tube) -> list[Tube]:
    """A tube's parents, the tube that was collected first, and the tube itself last."""
    line = [tube]
    while line[0].parent_id is not None:
        line.insert(0, tx.session.get_one(Tube, line[0].parent_id))
    return line


def plan_aliquots(tx: Tx, tube_id: UUID, plan: Plan, station_id: UUID | None = None) -> list[Tube]:
    """Give each vessel to be filled a code and, where a station is named, a label. Nothing is divided yet.

    Raises Invalid for a volume that a vessel cannot hold or that the tube cannot give, for what cannot be made of this
    tube, and Conflict for a tube that is not out on the bench.
    """
    parent = storing.lock(tx, tube_id)
    if parent.state is not TubeStatus.RECEIVED or parent.withdrawn:
        raise Conflict("Only a tube that is out on the bench can be divided. Take it out of its box first.",
                       code="not-at-bench")  # fmt: skip
    if not 1 <= plan.count <= _MOST_AT_ONCE:
        raise Invalid("Divide into 1 to %(most)s at once.", code="too-many", most=_MOST_AT_ONCE)
    _require_possible(parent, plan.material)
    volumes.check(plan.volume_ul, plan.vessel)
    volumes.check_taken([plan.volume_ul] * plan.count, left=left_in(parent) - _planned(tx, parent))
    made = [_child(tx, parent, plan) for _ in range(plan.count)]
    if station_id is not None:
        for child in made:
            _print(tx, child, station_id)
    return made


def fill(tx: Tx, code: str, *, kept: KeptAt | None = None) -> Tube:
    """Record that a vessel was filled, by the scan of the label on it: one event for it, one for its parent."""
    query = sa.select(Tube).filter_by(code=codes.read(code, Kind.TUBE)).with_for_update()
    child = tx.session.scalar(query.execution_options(populate_existing=True))
    if child is None or child.parent_id is None:
        raise NotFound("This label is not of an aliquot. Scan the label on the vessel that you filled.",
                       code="not-an-aliquot")  # fmt: skip
    if child.state not in UNDRAWN:
        raise Conflict("This vessel was filled before. Take a fresh one.", code="filled-before")
    parent, planned = storing.lock(tx, child.parent_id), child.planned
    if planned is None:
        raise Conflict("Nothing is planned for this vessel. Plan it first.", code="not-planned")
    amount = Decimal(planned["volume_ul"])
    volumes.check_taken([amount], left=left_in(parent))
    told = {"kept": str(kept)} if kept else {}
    log.record(tx, parent, EventType.ALIQUOTED, detail={"child": child.code, "taken_ul": planned["volume_ul"]} | told)
    if child.state is TubeStatus.ORDERED:
        raise Conflict("No label was printed for this vessel. Print it first.", code="label-missing")
    if child.state is TubeStatus.LABEL_PRINTED:
        log.record(tx, child, EventType.LABEL_APPLIED, raw_scan=code)
    log.record(tx, child, EventType.DERIVED, raw_scan=code,
               detail=planned | {"parent": parent.code, "parent_seq": parent.seq, "thaws": parent.thaws})  # fmt: skip
    tx.session.flush()
    return child


def record_spin(tx: Tx, tube_id: UUID, spin: Spin) -> Tube:
    """Record a spin at the biobank, at its end, of a tube that is out on the bench."""
    tube = storing.lock(tx, tube_id)
    if tube.state is not TubeStatus.RECEIVED:
        raise Conflict("Only a tube that is out on the bench can be spun. Take it out of its box first.",
                       code="not-at-bench")  # fmt: skip
    log.record(tx, tube, EventType.PROCESSED, detail={"product": tube.product or tube.origin} | spin.as_json())
    tx.session.flush()
    return tube


def give_up(tx: Tx, child_id: UUID, reason: str) -> Tube:
    """Give up a planned vessel that was never filled. Its label must be destroyed."""
    child = storing.lock(tx, child_id)
    if child.parent_id is None or child.state not in UNDRAWN:
        raise Conflict("Only a vessel that was planned and not filled can be given up.", code="filled-before")
    log.record(tx, child, EventType.VOIDED, reason=reason[:200])
    tx.session.flush()
    return child


def _require_possible(parent: Tube, material: Material) -> None:
    sample = orders.kind_of(parent.order, parent).sample
    if material not in MATERIALS or sample not in MATERIALS[material].of:
        raise Invalid("That cannot be made of this tube. Choose another material.", code="impossible-material")
    if MATERIALS[material].is_spun and parent.processed_at is None and parent.parent_id is None:
        raise Invalid("That comes of a spun tube, and no spin is recorded for this one. Record the spin first.",
                      code="not-spun")  # fmt: skip


def _planned(tx: Tx, parent: Tube) -> Decimal:
    waiting = [child.planned for child in derivatives(tx, parent.id) if child.state in UNDRAWN]
    return sum((Decimal(plan["volume_ul"]) for plan in waiting if plan), Decimal(0))


def _child(tx: Tx, parent: Tube, plan: Plan) -> Tube:
    number = 1 + (tx.session.scalar(
        sa.select(sa.func.max(Tube.position)).where(Tube.order_id == parent.order_id, Tube.parent_id.is_not(None),
                                                    Tube.kind.startswith(f"{parent.origin}-"))) or 0)  # fmt: skip
    child = Tube(
        code=codes.draw(tx, Kind.TUBE, Tube.code), order_id=parent.order_id, donor_id=parent.donor_id,
        parent_id=parent.id, kind=f"{parent.origin}-{number:02}", position=number, labels=1,
        planned={"material": str(plan.material), "vessel": str(plan.vessel), "volume_ul": format(plan.volume_ul, "f")},
    )  # fmt: skip
    tx.session.add(child)
    tx.session.flush()
    return child


def label_sheets(tx: Tx) -> Sequence[LabelSheet]:
    """The sheets whose places hold a vessel's label: first those somebody measured, then the usual one."""
    fitting = printing.sheets_for(tx, printing.design(tx, SHEET_TEMPLATE).template)
    return sorted(fitting, key=lambda one: (one.version == printing.AS_SHIPPED, one.code != SHEET))


def label_sheet(
    tx: Tx, tube_id: UUID, stock: str = SHEET, options: SheetOptions | None = None, *, again: str = ""
) -> bytes:
    """The labels of the vessels planned for a tube, as a PDF of cryogenic sheets for an office printer.

    `options` say where on a used sheet they begin, which places are gone, and how far this printer is off. Printed
    again, which takes a reason and is limited, each label says which copy it is, and so does the tube's story.
    """
    parent = storing.lock(tx, tube_id)
    waiting = [child for child in derivatives(tx, parent.id) if child.state in UNDRAWN]
    if not waiting:
        raise Conflict("No vessel waits for a label. Plan some first.", code="nothing-planned")
    printed = times_printed(tx, waiting)
    require_again(max(printed.values(), default=0), again, _GIVE_UP)
    for child in waiting:
        copy = {"copy": printed[child.id] + 1} if printed[child.id] else None
        log.record(tx, child, EventType.LABEL_PRINTED, detail=copy, reason=again if copy else None)
    said = [as_copy(_label(tx, child), printed[child.id] + 1) for child in waiting]
    return printed_sheet(tx, said, stock, options or SheetOptions())


def printed_sheet(tx: Tx, said: Sequence[Mapping[str, str]], stock: str, options: SheetOptions) -> bytes:
    """A PDF of labels that say these fields, in the design for such sheets. Raises Invalid for a sheet too small."""
    template = printing.keep(tx, SHEET_TEMPLATE).template
    labels = [SheetLabel(template, fields) for fields in said]
    try:
        return sheets(printing.as_stock(printing.sheet(tx, stock)), labels, options)
    except LayoutError as problem:
        raise Invalid("The sheet cannot be printed: %(why)s", code="sheet", why=quoted(problem)) from problem


def require_again(times: int, again: str, instead: Phrase) -> None:
    """As of a label from a station: a copy after the first needs a reason (`WHY_AGAIN`), and there is an end to it.

    `times` is how often it was printed before; `instead` says what to do at the end.
    """
    if times and not again:
        raise Invalid("These labels were printed before. Say why they are printed again, and destroy the others.",
                      code="reprint-reason")  # fmt: skip
    if times > stations.REPRINTS:
        raise Conflict(instead, code="reprint-limit", count=times - 1)


def times_printed(tx: Tx, children: Sequence[Tube]) -> Counter[UUID]:
    """How often each label was printed before."""
    told = sa.select(CustodyEvent.subject_id).where(
        CustodyEvent.subject_kind == SubjectKind.TUBE, CustodyEvent.type == EventType.LABEL_PRINTED,
        CustodyEvent.subject_id.in_([child.id for child in children]))  # fmt: skip
    return Counter(tx.session.scalars(told))


def as_copy(data: Mapping[str, str], number: int) -> Mapping[str, str]:
    """The label's data, a second copy and those after it marked as such."""
    return data if number == 1 else {**data, "n_of_m": f"{data.get('n_of_m', '')} R{number}".strip()}


def label_of(tx: Tx, child: Tube) -> stations.Label:
    """The label of a planned or filled vessel, in the design for such vessels."""
    design = TEMPLATES.get(Vessel((child.planned or {})["vessel"]), "tube-50x25")
    return stations.Label(data=_label(tx, child), object_kind="tube", object_code=child.code, template=design)


def _label(tx: Tx, child: Tube) -> dict[str, str]:
    """What the label of a derivative says: codes, what it is, how much, and when its origin was drawn."""
    plan, order = child.planned or {}, child.order
    site = tx.session.get_one(Site, order.site_id)
    drawn = lineage(tx, child)[0].collected_at
    material = Material(plan["material"])
    return {
        "tube_id": child.code, "participant_code": order.donor.code, "sample_code": str(material),
        "sample_word": str(MATERIALS[material].words), "site_code": site.code,
        "volume": volumes.spoken(Decimal(plan["volume_ul"])), "n_of_m": child.kind.partition("-")[2],
        "collected_at": drawn.astimezone(ZoneInfo(site.zone)).isoformat() if drawn else "",
    }  # fmt: skip


def _print(tx: Tx, child: Tube, station_id: UUID) -> None:
    stations.request_label(tx, station_id, label_of(tx, child))
    log.record(tx, child, EventType.LABEL_PRINTED)
