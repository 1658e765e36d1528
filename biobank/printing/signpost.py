"""Where the JSON interface of labels hangs: its modules add their addresses to one blueprint."""

from biobank.web.api import PREFIX, Blueprint

blueprint = Blueprint("printing_api", __name__, url_prefix=PREFIX, description="Label designs, stock and routing rules")
