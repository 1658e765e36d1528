"""The service for a WSGI server: `waitress-serve wsgi:app`, `gunicorn wsgi:app`."""

from biobank.app import create_app

app = create_app()
