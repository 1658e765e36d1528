"""The slice's one blueprint of the JSON API, filled by its files."""

from biobank.web.api import PREFIX, Blueprint

blueprint = Blueprint("specimens_api", __name__, url_prefix=PREFIX, description="Tubes from the order to the shelf")
