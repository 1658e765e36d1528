"""Who may use which route. A route that is not listed is refused to everybody; a test keeps the list complete."""

from enum import StrEnum

from biobank.actor import Role


class Anyone(StrEnum):
    """Not a role: what a route asks of whoever uses it."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    STATION = "station"


CLINIC = frozenset({Role.CLINIC})
BIOBANK = frozenset({Role.BIOBANK})
FINANCE = frozenset({Role.FINANCE})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
AUDITOR = frozenset({Role.AUDITOR})
CUSTODY = CLINIC | BIOBANK | AUDITOR

ROUTES: dict[str, frozenset[Role] | Anyone] = {
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
    "access.sign_out": Anyone.SIGNED_IN,
    "access.home": Anyone.SIGNED_IN,
    "access.api_guide": Anyone.SIGNED_IN,
    "access.looks": AUDITOR,
    "access_api.sign_in": Anyone.PUBLIC,
    "access_api.sign_out": Anyone.SIGNED_IN,
    "access_api.me": Anyone.SIGNED_IN,
    # stations
    "stations_api.post_readings": Anyone.STATION,
    "stations_api.heartbeat": Anyone.STATION,
    "stations_api.claim_print_jobs": Anyone.STATION,
    "stations_api.report_print_job": Anyone.STATION,
    "stations_api.list_stations": CLINIC | BIOBANK | ADMINISTRATOR,
    "stations_api.add_station": ADMINISTRATOR,
    "stations_api.list_readings": CLINIC | ADMINISTRATOR,
    "stations.here": Anyone.SIGNED_IN,
    "stations.live": CLINIC,
    "stations.use_reading": CLINIC,
    "stations.answer_print_job": CLINIC | BIOBANK,
    "stations.scan": CLINIC | BIOBANK,
    "stations.administration": ADMINISTRATOR,
    "stations.site_form": ADMINISTRATOR,
    "stations.add_site": ADMINISTRATOR,
    "stations.station_form": ADMINISTRATOR,
    "stations.add_station": ADMINISTRATOR,
    "stations.show": ADMINISTRATOR,
    "stations.set_active": ADMINISTRATOR,
    "stations.add_printer": ADMINISTRATOR,
    "stations.remove_printer": ADMINISTRATOR,
    "stations.print_test_label": ADMINISTRATOR,
    "stations.staff_form": ADMINISTRATOR,
    "stations.add_staff": ADMINISTRATOR,
    "stations.set_staff_active": ADMINISTRATOR,
    "stations.sign_everyone_out": ADMINISTRATOR,
    # participants
    "participants_api.enrol": CLINIC,
    "participants_api.lookup": CLINIC,
    "participants_api.show": CLINIC,
    "participants_api.change": CLINIC,
    "participants.enrol_form": CLINIC,
    "participants.enrol": CLINIC,
    "participants.search_form": CLINIC,
    "participants.search": CLINIC,
    "participants.show": CLINIC,
    "participants.withdraw": CLINIC,
    "participants.change_form": CLINIC,
    "participants.change": CLINIC,
    # visits
    "visits_api.check_in": CLINIC,
    "visits_api.show": CLINIC,
    "visits_api.complete": CLINIC,
    "visits_api.cancel": CLINIC,
    "visits.today": CLINIC,
    "visits.scan": CLINIC,
    "visits.book_form": CLINIC,
    "visits.book": CLINIC,
    "visits.check_in_form": CLINIC,
    "visits.check_in": CLINIC,
    "visits.show": CLINIC,
    "visits.print_card": CLINIC,
    "visits.finish": CLINIC,
    "visits.complete": CLINIC,
    "visits.cancel": CLINIC,
    # measurements
    "measurements_api.show": CLINIC,
    "measurements_api.change": CLINIC,
    "measurements_api.use_reading": CLINIC,
    "measurements_api.acknowledge": CLINIC,
    "measurements_api.finalise": CLINIC,
    "measurements.page": CLINIC,
    "measurements.save": CLINIC,
    "measurements.confirm": CLINIC,
    "measurements.use_reading": CLINIC,
    "measurements.acknowledge": CLINIC,
    "measurements.fill_rest": CLINIC,
    "measurements.finish": CLINIC,
    # specimens
    # payments
}
