"""The language of the pages: the one chosen in the page, else the browser's."""

import hashlib
import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, Flask, has_request_context, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from webapp.accounts.guard import LANGUAGE_KEY, public
from webapp.addresses import local
from webapp.config import ROOT
from webapp.extensions import babel

# Each with its own name for itself, which is what somebody who cannot read the others looks for.
LANGUAGES = {"en": "English", "zh": "中文"}
CATALOGUES = ROOT / "webapp" / "translations"

blueprint = Blueprint("language", __name__)


def init_app(app: Flask) -> None:
    folder = _compiled(app.config["SETTINGS"].var_dir / "translations")
    babel.init_app(app, locale_selector=_select, default_translation_directories=str(folder))
    app.register_blueprint(blueprint)
    app.context_processor(lambda: {"languages": LANGUAGES, "language": _current()})


@blueprint.post("/language")
@public
def choose() -> ResponseReturnValue:
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        session[LANGUAGE_KEY] = chosen
    return redirect(local(request.form.get("next", "")) or url_for("home.index"))


def _select() -> str | None:
    if not has_request_context():
        return None  # a command of this machine: its words are English
    chosen = session.get(LANGUAGE_KEY)
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES)


def _current() -> str:
    return str(get_locale() or "en").partition("_")[0]


def _compiled(parent: Path) -> Path:
    """The folder of the compiled catalogues. Its name is made of their sources' content, so a new version compiles anew."""
    sources = sorted(CATALOGUES.glob("*/LC_MESSAGES/*.po"))
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    for source in sources:
        target = parent / digest / source.relative_to(CATALOGUES).with_suffix(".mo")
        if not target.exists():
            _compile(source, target)
    return parent / digest


def _compile(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(f".{os.getpid()}")
    with source.open("rb") as given, draft.open("wb") as made:
        write_mo(made, read_po(given))
    draft.replace(target)  # several processes may start at the same moment
