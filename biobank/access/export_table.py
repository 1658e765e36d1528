"""Which endpoints give files out: what each holds, how it is marked, how its records are counted."""

from dataclasses import dataclass

from biobank.errors import Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One endpoint whose answer leaves the programme as a file.

    `many`: a list, of which every line after the first counts as a record; else it is one record. `names_people`: it
    tells who somebody is. `fixed`: types of content whose bytes somebody else fixes (a bank, an accounting program, a
    digest on paper), so that no mark can be written in; such a file is found again by its SHA-256.
    """

    what: Phrase
    many: bool = False
    names_people: bool = False
    fixed: frozenset[str] = frozenset()


_CSV = frozenset({"text/csv"})
# To a bank, or to a programme of cards.
_SENT = frozenset({"text/plain", "text/csv"})
EXPORTS: dict[str, Exported] = {
    "participants.data": Exported(what=Phrase("A participant's own data"), names_people=True),
    "participants_api.return_data": Exported(what=Phrase("A participant's own data"), names_people=True),
    "measurements.summary_pdf": Exported(what=Phrase("A participant's measurements on paper")),
    "measurements_api.show_fhir": Exported(what=Phrase("Measurements of a visit, FHIR")),
    "measurements_api.show_table": Exported(what=Phrase("Measurements, a table"), many=True),
    "specimens_api.show_manifest": Exported(what=Phrase("List of a parcel"), many=True, fixed=_CSV),
    "specimens.manifest_paper": Exported(what=Phrase("List of a parcel on paper")),
    "specimens.case_file": Exported(what=Phrase("Cases"), many=True),
    "inventory_api.csv": Exported(what=Phrase("Ordered against received"), many=True),
    "inventory.csv": Exported(what=Phrase("Ordered against received"), many=True),
    "withdrawal.certificate_paper": Exported(what=Phrase("Certificate of destruction")),
    "payments.export_list": Exported(what=Phrase("List of payments"), many=True),
    "payments.tax_sheet": Exported(what=Phrase("Payments of a year"), many=True),
    "payments.pack": Exported(what=Phrase("Books of a month"), fixed=frozenset({"application/json"})),
    "payments.export_journal": Exported(what=Phrase("Journal of a month"), many=True, fixed=_CSV),
    "payments.bank_file": Exported(what=Phrase("File for the bank"), many=True, fixed=_SENT),
    "payments_api.file_content": Exported(what=Phrase("File for the bank"), many=True, fixed=_SENT),
}

# Files that are no records: what is stuck on a tube or a door must hold what is printed on it and nothing else.
LABELS: frozenset[str] = frozenset(
    {"storage.label", "storage.label_sheet", "printing.sheet_outline", "specimens.label_on_paper"}
)
