"""Where the stations' JSON interface hangs: its modules add their addresses to one blueprint."""

from biobank.web.api import PREFIX, Blueprint

blueprint = Blueprint("stations_api", __name__, url_prefix=PREFIX, description="Stations: the desks of a site")
