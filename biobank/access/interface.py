"""The slice's one blueprint of the JSON API, filled by its files."""

from biobank.web.api import PREFIX, Blueprint

blueprint = Blueprint("access_api", __name__, url_prefix=PREFIX, description="Signing in, accounts and approvals")
