"""The JSON API of plugins."""

from flask import Response, current_app, request
from flask_babel import get_locale
from flask_openapi import APIBlueprint

from webapp.accounts.guard import viewers
from webapp.plugins import service
from webapp.plugins.schemas import Catalogue
from webapp.refusals import refusals
from webapp.requests import declared

blueprint = APIBlueprint(
    "plugins_api",
    __name__,
    url_prefix="/api",
    abp_security=[{"token": []}],
    abp_responses=refusals(401, 403, 429),
)


@blueprint.get("/plugins", summary="The plugins", responses={"200": Catalogue})
@viewers
@declared
def plugins() -> Response:
    """Every reader, writer and transformer with its parameters, in the language of the request, as an editor needs them.

    The answer has an `ETag`: ask again with `If-None-Match`, and get 304 as long as no engine has got or lost a plugin.
    """
    statuses = [engine.status() for engine in current_app.extensions["offers"].values()]
    settings = current_app.config["SETTINGS"].engines
    found = service.known(statuses, settings, str(get_locale() or "en"))
    response = Response(found.model_dump_json(), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept-Language", "Cookie", "Authorization"))
    response.add_etag()
    response.make_conditional(request)
    return response
