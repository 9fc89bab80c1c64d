"""Signing in with an OpenID provider: the provider says who it is, its groups say which role, and nothing of it is optional to check."""

import hashlib
import logging
from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from joserfc.errors import JoseError
from requests.exceptions import RequestException
from sqlalchemy import select

from webapp import signals
from webapp.accounts import service
from webapp.accounts.guard import public
from webapp.accounts.models import Account
from webapp.accounts.pages import begin_session
from webapp.accounts.roles import Role
from webapp.config import Settings
from webapp.errors import Conflict, Forbidden, Unauthorized
from webapp.extensions import db

log = logging.getLogger(__name__)

# The provider answers within this, or nobody is signed in.
ANSWER_SECONDS = 10

blueprint = Blueprint("oidc", __name__, url_prefix="/login/oidc")


def init_app(app: Flask) -> None:
    """Without OIDC_ISSUER there is no such route."""
    settings: Settings = app.config["SETTINGS"]
    app.context_processor(lambda: {"oidc_name": settings.oidc_name if settings.oidc_issuer else None})
    if settings.oidc_issuer is None:
        return
    app.extensions["oidc"] = _client(app, settings)
    app.register_blueprint(blueprint)


@blueprint.get("")
@public
def begin() -> ResponseReturnValue:
    answer: ResponseReturnValue = _asked(
        lambda: current_app.extensions["oidc"].authorize_redirect(url_for("oidc.callback", _external=True))
    )
    return answer


@blueprint.get("/callback")
@public
def callback() -> ResponseReturnValue:
    """State, nonce, signature, issuer, audience and time are checked before anything in the answer counts."""
    claims = _asked(lambda: current_app.extensions["oidc"].authorize_access_token())["userinfo"]
    begin_session(account_of(dict(claims), current_app.config["SETTINGS"]))
    return redirect(url_for("home.index"))


def account_of(claims: dict[str, Any], settings: Settings) -> Account:
    """The account of a person that the provider vouches for, made at the first time. Raises Forbidden."""
    role = role_of(claims, settings)
    if role is None:
        raise Forbidden(_("Your groups give you no role here: an admin of the provider can change that."))
    subject = hashlib.sha256(f"{settings.oidc_issuer}\n{claims['sub']}".encode()).hexdigest()
    account = db.session.scalar(select(Account).where(Account.subject == subject)) or _made(claims, role, subject)
    if account.disabled_at is not None:
        raise Forbidden(_("This account is closed."))
    if account.role != role:
        service.set_role(account, role)
    signals.tell("login", account.username, actor=account.username)
    return account


def role_of(claims: dict[str, Any], settings: Settings) -> Role | None:
    """The highest role that one of the person's groups gives, or the one of `*`."""
    given = claims.get(settings.oidc_roles_claim)
    groups = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    pairs = (pair.rpartition("=") for pair in settings.oidc_roles.split(",") if pair)
    named = {group.strip(): role.strip() for group, _equals, role in pairs}
    roles = [Role(named[group]) for group in [*map(str, groups), "*"] if group in named]
    return next((role for role in reversed(Role) if role in roles), None)


def _made(claims: dict[str, Any], role: Role, subject: str) -> Account:
    name = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])[:60]
    try:
        return service.create(name, role, subject=subject)
    except Conflict:  # somebody else of that name is here already, and must not be taken for this one
        return service.create(f"{name} ({subject[:8]})", role, subject=subject)


def _client(app: Flask, settings: Settings) -> Any:
    issuer, secret = str(settings.oidc_issuer), settings.oidc_client_secret
    return OAuth(app).register(
        "oidc",
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": ANSWER_SECONDS,
        },
    )


def _asked(ask: Any) -> Any:
    """What the provider answers. Whatever is wrong with it, the log has the cause and the page says only that."""
    try:
        return ask()
    except (OAuthError, JoseError, RequestException, KeyError, ValueError) as error:
        log.warning("a sign-in with the OpenID provider failed: %r", error)
        raise Unauthorized(_("Signing in with the provider did not work; please try again.")) from error
