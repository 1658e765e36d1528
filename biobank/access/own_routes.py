"""Who may use the routes of the house and of the door, at what stage of a session, and how freshly proven."""

from biobank.access.needs import ADMINISTRATOR, AUDITOR, CLINIC, Anyone
from biobank.access.policy import Stage
from biobank.actor import Role

OWN: dict[str, frozenset[Role] | Anyone] = {
    # the house
    "static": Anyone.PUBLIC,
    "api_catch_all": Anyone.PUBLIC,
    "api-docs.openapi_json": Anyone.PUBLIC,
    "health.alive": Anyone.PUBLIC,
    "health.ready": Anyone.PUBLIC,
    "health.metrics": Anyone.PUBLIC,
    "access.sign_in": Anyone.PUBLIC,
    "access.sign_in_form": Anyone.PUBLIC,
    "access.choose_language": Anyone.PUBLIC,
    "access.sign_in_by_passkey": Anyone.PUBLIC,
    "access.resume": Anyone.PUBLIC,
    "access.go_to_service": Anyone.PUBLIC,
    "access.service_return": Anyone.PUBLIC,
    "access.finish_service": Anyone.PUBLIC,
    "access.sign_out": Anyone.SIGNED_IN,
    "access.second_factor_form": Anyone.SIGNED_IN,
    "access.second_factor": Anyone.SIGNED_IN,
    "access.lock": Anyone.SIGNED_IN,
    "access.locked": Anyone.SIGNED_IN,
    "access.unlock": Anyone.SIGNED_IN,
    "access.alive": Anyone.SIGNED_IN,
    "access.confirm_form": Anyone.SIGNED_IN,
    "access.confirm": Anyone.SIGNED_IN,
    "access.account": Anyone.SIGNED_IN,
    "access.totp_form": Anyone.SIGNED_IN,
    "access.add_totp": Anyone.SIGNED_IN,
    "access.remove_totp": Anyone.SIGNED_IN,
    "access.add_passkey": Anyone.SIGNED_IN,
    "access.remove_passkey": Anyone.SIGNED_IN,
    "access.make_recovery_codes": Anyone.SIGNED_IN,
    "access.finish_enrolment": Anyone.SIGNED_IN,
    "access.change_password": Anyone.SIGNED_IN,
    "access.end_session": Anyone.SIGNED_IN,
    "access.end_other_sessions": Anyone.SIGNED_IN,
    "access.home": Anyone.SIGNED_IN,
    "access.api_guide": Anyone.SIGNED_IN,
    "access.looks": AUDITOR,
    "access_api.sign_in": Anyone.PUBLIC,
    "access_api.sign_out": Anyone.SIGNED_IN,
    "access_api.me": Anyone.SIGNED_IN,
    "access.open_form": CLINIC,
    "access.open_record": CLINIC,
    "access.touched": AUDITOR,
    "access.alerts": AUDITOR,
    "access.answer_alert": AUDITOR,
    "access.staff": ADMINISTRATOR,
    "access.member": ADMINISTRATOR,
    "access.set_roles": ADMINISTRATOR,
    "access.set_active": ADMINISTRATOR,
    "access.reset_factors": ADMINISTRATOR,
    "access.make_temporary": ADMINISTRATOR,
    "access_api.make_temporary": ADMINISTRATOR,
    "access.networks": ADMINISTRATOR,
    "access.add_network_exception": ADMINISTRATOR,
    "access.close_network_exception": ADMINISTRATOR,
    "access.set_site_networks": ADMINISTRATOR,
    "access_api.list_networks": ADMINISTRATOR,
    "access_api.add_network_exception": ADMINISTRATOR,
    "access_api.close_network_exception": ADMINISTRATOR,
    "access_api.set_site_networks": ADMINISTRATOR,
    "access.bind_identity": ADMINISTRATOR,
    "access.unbind_identity": ADMINISTRATOR,
    "access.security_events": AUDITOR,
    "access.exports": AUDITOR,
    "access_api.list_exports": AUDITOR,
    "access_api.bind_identity": ADMINISTRATOR,
    "access_api.unbind_identity": ADMINISTRATOR,
    "access_api.list_identities": ADMINISTRATOR,
    "access_api.list_security_events": AUDITOR,
    "access_api.open_record": CLINIC,
    "access_api.list_touched": AUDITOR,
    "access_api.list_alerts": AUDITOR,
    "access_api.answer_alert": AUDITOR,
    "access_api.list_staff": ADMINISTRATOR,
    "access_api.show_member": ADMINISTRATOR,
    "access_api.set_roles": ADMINISTRATOR,
    "access_api.set_active": ADMINISTRATOR,
    "access_api.reset_factors": ADMINISTRATOR,
    "access_api.list_sessions": Anyone.SIGNED_IN,
    "access_api.end_session": Anyone.SIGNED_IN,
    "access_api.list_sign_ins": Anyone.SIGNED_IN,
    "access_api.list_approvals": Anyone.SIGNED_IN,
    "access_api.show_approval": Anyone.SIGNED_IN,
    "access_api.decide": Anyone.SIGNED_IN,
    "access.approvals": Anyone.SIGNED_IN,
    "access.approval": Anyone.SIGNED_IN,
    "access.decide_approval": Anyone.SIGNED_IN,
}

# Endpoints that a session may use before it is open, or while it is locked; all others need an open one.
_HALF = frozenset({Stage.FACTOR})
_ENROLLING = frozenset({Stage.ENROL, Stage.OPEN})
_EVERY = frozenset(Stage)
STAGES: dict[str, frozenset[Stage]] = {
    "access.sign_out": _EVERY,
    "access_api.sign_out": _EVERY,
    "access.second_factor_form": _HALF,
    "access.second_factor": _HALF,
    "access.lock": frozenset({Stage.OPEN, Stage.LOCKED}),
    "access.locked": frozenset({Stage.OPEN, Stage.LOCKED}),
    "access.unlock": frozenset({Stage.OPEN, Stage.LOCKED}),
    "access.account": _ENROLLING,
    "access.totp_form": _ENROLLING,
    "access.add_totp": _ENROLLING,
    "access.add_passkey": _ENROLLING,
    "access.make_recovery_codes": _ENROLLING,
    "access.finish_enrolment": frozenset({Stage.ENROL}),
}

# Endpoints before which one shows anew who one is, unless one did so within the last minutes.
FRESH: frozenset[str] = frozenset({
    "access.decide_approval", "access_api.decide",
    "access.totp_form", "access.add_totp", "access.remove_totp", "access.add_passkey", "access.remove_passkey",
    "access.make_recovery_codes", "access.change_password", "access.set_roles", "access.reset_factors",
    "access_api.set_roles", "access_api.reset_factors",
    "access.add_network_exception", "access.set_site_networks",
    "access_api.add_network_exception", "access_api.set_site_networks",
    "access.bind_identity", "access.unbind_identity", "access_api.bind_identity", "access_api.unbind_identity",
    "payments.release", "payments.pay_again",
    "payments.export_list", "payments.tax_sheet", "payments.export_journal", "payments.bank_file",
    "specimens.case_file", "inventory.csv", "inventory_api.csv",
})  # fmt: skip
# Endpoints that reveal a name or export records: the policy may ask for a passkey here.
REVEALS: frozenset[str] = frozenset({
    "participants.compare", "participants.data", "participants_api.return_data",
})  # fmt: skip

# Endpoints that name a participant of any site: where a record of elsewhere is opened with a reason.
ANYWHERE: frozenset[str] = frozenset({"access.open_form", "access.open_record", "access_api.open_record"})

# Endpoints that the lists of networks do not close: what shows the refusal, and what a balancer asks.
FROM_ANYWHERE: frozenset[str] = frozenset({"static", "health.alive", "health.ready"})
