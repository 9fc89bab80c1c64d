"""The accounts, as admins see and change them."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts import passwords, service
from webapp.accounts.guard import admins
from webapp.accounts.models import Account
from webapp.accounts.roles import Role
from webapp.errors import InvalidRequest
from webapp.headers import NEVER_STORED

ROLES = {
    Role.VIEWER: _l("viewer"),
    Role.OPERATOR: _l("operator"),
    Role.ADMIN: _l("admin"),
}

blueprint = Blueprint("admin", __name__, url_prefix="/accounts")


@blueprint.get("")
@admins
def index() -> str:
    return _page()


@blueprint.post("")
@admins
def create() -> ResponseReturnValue:
    """The answer is the page itself: the generated password is in it, and nowhere else."""
    password = passwords.generated()
    account = service.create(request.form.get("username", ""), _role(), password)
    return _page(made=account, password=password), 201, NEVER_STORED


@blueprint.post("/<int(max=2147483647):account_id>/role")
@admins
def change_role(account_id: int) -> ResponseReturnValue:
    service.set_role(service.get(account_id), _role())
    return redirect(url_for("admin.index"))


@blueprint.post("/<int(max=2147483647):account_id>/password")
@admins
def reset_password(account_id: int) -> ResponseReturnValue:
    """A new generated password, shown once. All sessions of the account end."""
    password, account = passwords.generated(), service.get(account_id)
    service.set_password(account, password)
    return _page(made=account, password=password), 201, NEVER_STORED


@blueprint.post("/<int(max=2147483647):account_id>/disable")
@admins
def disable(account_id: int) -> ResponseReturnValue:
    service.disable(service.get(account_id))
    return redirect(url_for("admin.index"))


@blueprint.post("/<int(max=2147483647):account_id>/enable")
@admins
def enable(account_id: int) -> ResponseReturnValue:
    service.enable(service.get(account_id))
    return redirect(url_for("admin.index"))


def _role() -> Role:
    name = request.form.get("role", "")
    if name not in set(Role):
        raise InvalidRequest(_("There is no role named %(name)s.", name=name[:40]))
    return Role(name)


def _page(made: Account | None = None, **more: Any) -> str:
    return render_template("accounts/index.html", accounts=service.everybody(), roles=ROLES, made=made, **more)
