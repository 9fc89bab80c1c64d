"""Somebody who looks at the pages without a browser: keeps cookies, and sends forms with their security token."""

import re
from contextvars import Context
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

PASSWORD = "first-password"


class Visitor:
    def __init__(self, app: Flask, language: str = "en") -> None:
        self.client = app.test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.send("GET", path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form as a page of this site does."""
        return self.send("POST", path, data={"csrf_token": self.token(), **(data or {})}, **options)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        # A test holds an app context open; a request that met it there would find what the one before left in `g`.
        # What is streamed is read there as well, while its request lasts.
        return Context().run(self.client.open, path, method=method, buffered=True, **options)

    def token(self) -> str:
        return one(r'<meta name="csrf-token" content="([^"]+)">', self.get("/api/docs").text)

    def log_in(self, password: str = PASSWORD, **fields: str) -> TestResponse:
        return self.post("/login", {"username": "admin", "password": password, **fields})


def one(pattern: str, page: str) -> str:
    """The one place in a page that matches, as a reader sees it."""
    found = re.findall(pattern, page, re.DOTALL)
    assert len(found) == 1, f"{len(found)} places match {pattern}"
    return unescape(found[0])


def seen(page: str) -> str:
    """A page's text without its marks, roughly as it is read."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))
