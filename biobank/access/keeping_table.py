"""Who may use the routes of what is kept at the biobank: freezers, aliquots, sample codes, inventory, withdrawal."""

from biobank.actor import Role

BIOBANK = frozenset({Role.BIOBANK})
AUDITOR = frozenset({Role.AUDITOR})

KEEPING: dict[str, frozenset[Role]] = {
    "sprec_api.show": BIOBANK | AUDITOR,
    "sprec.show": BIOBANK | AUDITOR,
    "sprec.recompute": BIOBANK,
    "storage_api.list_freezers": BIOBANK | AUDITOR,
    "storage_api.show_place": BIOBANK | AUDITOR,
    "storage_api.add_freezer": BIOBANK,
    "storage_api.add_box": BIOBANK,
    "storage_api.check_out": BIOBANK,
    "storage_api.use_up": BIOBANK,
    "storage_api.spin": BIOBANK,
    "storage_api.list_aliquots": BIOBANK | AUDITOR,
    "storage_api.plan_aliquots": BIOBANK,
    "storage_api.fill": BIOBANK,
    "storage_api.give_up": BIOBANK,
    "storage.home": BIOBANK | AUDITOR,
    "storage.find": BIOBANK,
    "storage.add_freezer": BIOBANK,
    "storage.out": BIOBANK | AUDITOR,
    "storage.place": BIOBANK | AUDITOR,
    "storage.label": BIOBANK,
    "storage.add_box": BIOBANK,
    "storage.scan_into": BIOBANK,
    "storage.aliquots": BIOBANK | AUDITOR,
    "storage.plan": BIOBANK,
    "storage.fill": BIOBANK,
    "storage.label_sheet": BIOBANK,
    "storage.give_up": BIOBANK,
    "storage.check_out": BIOBANK,
    "storage.use_up": BIOBANK,
    "storage.spin": BIOBANK,
    "inventory_api.show": BIOBANK | AUDITOR,
    "inventory_api.csv": BIOBANK | AUDITOR,
    "inventory.reconciliation": BIOBANK | AUDITOR,
    "inventory.csv": BIOBANK | AUDITOR,
    "inventory.import_file": BIOBANK,
}
