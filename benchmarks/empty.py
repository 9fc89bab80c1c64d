"""A Flask view that does nothing: what the web server itself costs."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def nothing() -> str:
    return "true"
