"""The WSGI entry: `gunicorn wsgi:app`."""

from webapp import create_app
from webapp.config import load_or_exit

app = create_app(load_or_exit())
