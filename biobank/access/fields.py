"""Which kinds of data each role may be shown, field by field; a field that is not listed is shown to nobody."""

from collections.abc import Mapping
from dataclasses import dataclass

from biobank.access.needs import ADMINISTRATOR, AUDITOR, BIOBANK, CLINIC, CUSTODY, FINANCE, Anyone
from biobank.actor import Role

Audience = frozenset[Role | Anyone]
_OWN: Audience = frozenset({Anyone.SIGNED_IN, Anyone.PUBLIC})
_STATION: Audience = frozenset({Anyone.STATION})
_ALL: Audience = frozenset(Role) | _OWN | _STATION


@dataclass(frozen=True, slots=True)
class Kind:
    """Fields of one kind of data, for whom, and whether only at the site that has to do with the person."""

    seen_by: Audience
    fields: frozenset[str]
    own_site: bool = False


def _kind(seen_by: Audience, fields: str, *, own_site: bool = False) -> Kind:
    return Kind(seen_by, frozenset(fields.split()), own_site)


# The same name may stand in several kinds; it is shown to whoever may see one of them.
KINDS: Mapping[str, Kind] = {
    # Numbers, moments and states that say nothing of anybody without what stands beside them.
    "plain": _kind(
        _ALL,
        "at by created_at detail id kind message name note number outcome reason seq state status until version",
    ),
    # Whoever is signed in about themselves; what waits for two people says its own words.
    "own account": _kind(
        _OWN,
        "added_at address agent asked_at asked_by asked_by_name challenge codes decided_at decided_by"
        " decided_by_name decision digest expires_at last_seen_at last_used_at method options passkeys payload"
        " recovery_codes roles secret site_id subject summary token totp_since words",
    ),
    # A participant by the clinic's code. Who somebody is stands in none: `data` is the file for their own hands.
    "participant": _kind(
        CLINIC,
        "clinic_code consent_version consented_on data enrolled_at export kept_id language looks merged_id"
        " paid_twice participant_id purpose site_id what who",
        own_site=True,
    ),
    "visit": _kind(
        CLINIC,
        "appointed_for checked_in_at completed_at delivery missing order site_id station_id steps tube"
        " visit_id warnings",
        own_site=True,
    ),
    "health": _kind(
        CLINIC,
        "acknowledged_at acknowledged_by action alerts amends_id assessment captured_at device entries entry"
        " field fields finalised_at finalised_by import_id is_valid meaning measure measures"
        " proved_by protocol raised_at reading_id readings replicate settings signature site_id source"
        " taken_at text to_confirm typed_text typed_unit unfinished value version_id versions visit_id",
        own_site=True,
    ),
    "donor": _kind(
        BIOBANK | AUDITOR,
        "donor donor_id",
    ),
    "custody": _kind(
        CUSTODY,
        "act actor_kind actor_name arrived_at bag boxes carrier case closed_at code collected_at condition"
        " container_id corrects custodian due_at ended_at event_time events expected_by expires_on"
        " finalised_at from_custodian handed_over_at hash history is_in is_whole kit lot manifest_sha256"
        " material missing not_collected_reason object_id opened_at order order_id owner_name p650 parent_id"
        " place position processed_at product reason recorded_time reported_at resolution rule set_code"
        " shipment_id since site_id sort step taken_at temperature time_source to_custodian to_the_sender"
        " tracking tube tube_id tube_set tubes type visit_id waiting warnings withdrawn withheld zone",
    ),
    "storage": _kind(
        BIOBANK | AUDITOR,
        "apart approved_at approved_by asked_at asked_by cold columns count days digest elements elsewhere"
        " entered_by height inside is_quarantine letter lines maximum method minimum next_free planned"
        " positions range reports rows seconds_outside serial sha256 size slot started_at taken taken_ul thaws"
        " to_fetch vessel volume_ul why width",
    ),
    "money": _kind(
        FINANCE,
        "account ambiguous amount_cents asked_at asked_by attempt attempts booked_on by calls came_from"
        " came_of_it closed_at closed_by closed_on closes_on closing_cents code confirmed credit debit"
        " difference disbursement_id done_at due_on earned_at events exceptions expected found held_by"
        " held_reason http_status in_doubt line_count line_id line_number made_at matches narrowed new_count"
        " oldest open_hints opened_at opened_on opening_cents opens_on owner pack_sha256 payee_code posted_on"
        " provider_ref purpose raw_hash reference resolution resolution_code resolved_at rule sent_at"
        " settled_at sha256 signed_at signed_by site_code standing statement_id suggested transfers uid unit"
        " unmatched_lines unmatched_transfers waiting why",
    ),
    "files of payments": _kind(
        FINANCE,
        "came_back cents dropped_at entries form loaded made_on prepared_at prepared_by released_at released_by",
    ),
    "the end of a card or account": _kind(CLINIC, "last4"),
    "looks and events": _kind(
        AUDITOR,
        "actor_id actor_name address finding first last looks names_people records sha256 staff_id staff_name"
        " stretch subject_id subject_kind what",
    ),
    "accounts and settings": _kind(
        ADMINISTRATOR,
        "active approval_id asked_by_name bound_at darkness dated display_name document dpi first_password"
        " given_by_name hours issuer module_mm network networks not_taken offset_x_mm offset_y_mm png roles"
        " sha256 site_id speed stock_id subject symbology symbols taken username",
    ),
    "labels and printers": _kind(
        CUSTODY | ADMINISTRATOR | _STATION,
        "across active applies batch batch_id changed_at changed_by clock_skew_ms code content_sha256 copy_no"
        " design detail devices down first_x_mm first_y_mm gap_mm height_mm in_doubt jobs last_seen_at layout"
        " margin_mm material mismatch object_code object_kind out paper_height_mm paper_width_mm part"
        " pitch_x_mm pitch_y_mm printer public_key published_at published_by requested_at requested_by rule"
        " rules site site_id sort spooled state_at station station_id subject_code template template_version"
        " total verdicts waiting width_mm",
    ),
    "devices": _kind(
        CLINIC | ADMINISTRATOR | _STATION,
        "accepted_at accepted_by agrees arrived asked_at asked_by bound_at bound_by calibrated_on"
        " calibration_due captured_at checked_at checked_by device displayed flags port protocol received_at"
        " refusal serial_number settings stable",
    ),
    "the wire to a station": _kind(
        _STATION,
        "acknowledged act asked_at asked_by baud beat_seconds bits commands content content_type duplicates"
        " expires_in_ms lease listen parity server_time sha256 stop_bits waited",
    ),
}


def may_see(who: Role | Anyone, field: str) -> bool:
    """Whether somebody of this role may be shown a field of this name."""
    return any(who in kind.seen_by and field in kind.fields for kind in KINDS.values())


# What an endpoint would answer and a role may not see: it is taken out before the answer leaves.
MASKED: Mapping[str, Mapping[Role, frozenset[str]]] = {
    # An administrator looks after a desk's devices, not after what they measured on whom.
    "stations_api.list_readings": {Role.ADMINISTRATOR: frozenset({"measures", "text", "visit_id"})},
}
