"""The inventory of stored samples, and what was ordered against what arrived."""

from biobank.specimens.inventory.importing import Imported, files, import_inventory, refusals
from biobank.specimens.inventory.reconciling import Line, Report, as_csv, counts, reconcile

__all__ = ["Imported", "Line", "Report", "as_csv", "counts", "files", "import_inventory", "reconcile", "refusals"]
