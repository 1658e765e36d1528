"""Everything that can be done with places, positions and aliquots."""

from biobank.specimens.storage.deriving import (
    Plan,
    derivatives,
    fill,
    give_up,
    label_sheet,
    label_sheets,
    left_in,
    lineage,
    plan_aliquots,
    record_spin,
)
from biobank.specimens.storage.moving import move_box
from biobank.specimens.storage.picture import Fill, Grid, Shown, draw, grid, overview
from biobank.specimens.storage.places import Layout, add_box, add_freezer, fetch_from, find_place, place_by_code, way_to
from biobank.specimens.storage.shelving import CheckOut, Declared, KeptAt, check_out, out_of_place, put_away, use_up

__all__ = [
    "CheckOut",
    "Declared",
    "Fill",
    "Grid",
    "KeptAt",
    "Layout",
    "Plan",
    "Shown",
    "add_box",
    "add_freezer",
    "check_out",
    "derivatives",
    "draw",
    "fetch_from",
    "fill",
    "find_place",
    "give_up",
    "grid",
    "label_sheet",
    "label_sheets",
    "left_in",
    "lineage",
    "move_box",
    "out_of_place",
    "overview",
    "place_by_code",
    "plan_aliquots",
    "put_away",
    "record_spin",
    "use_up",
    "way_to",
]
