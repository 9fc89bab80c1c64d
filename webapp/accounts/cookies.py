"""The signed cookie of a browser: its language, its token against cross-site forms, and the secret of its session."""

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class CookieSessions(SecureCookieSessionInterface):
    """Flask's own, without setting up the signature's check when there is nothing to check (a tenth of a poll's time)."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if "HTTP_COOKIE" not in request.environ or self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Over TLS the cookie never leaves in the clear; a machine's own http://127.0.0.1 still works."""
        return request.is_secure
