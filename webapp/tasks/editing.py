"""What a form with an editor shows: what was typed, what is wrong with it, and the words of the editor in the language of the page."""

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from datax_job import document as documents
from datax_job import secrets
from webapp.errors import AppError
from webapp.tasks import examples, form, wording
from webapp.tasks.form import Typed

# What is said of plugins and parameters beside the list of completions.
WORDS = {
    "required": _l("required"),
    "optional": _l("optional"),
    "default": _l("Default:"),
    "choices": _l("One of:"),
    "members": _l("Holds:"),
    "engines": _l("Engines that have it here:"),
    "needs": _l("Needs:"),
    "none": _l("none"),
}

# CodeMirror's own sentences, by which it asks for them.
PHRASES = {
    "Find": _l("Find"),
    "Replace": _l("Replace"),
    "next": _l("next"),
    "previous": _l("previous"),
    "all": _l("all"),
    "match case": _l("match case"),
    "by word": _l("by word"),
    "regexp": _l("regexp"),
    "replace": _l("replace"),
    "replace all": _l("replace all"),
    "close": _l("close"),
    "current match": _l("current match"),
    "replaced $ matches": _l("replaced $ matches"),
    "replaced match on line $": _l("replaced match on line $"),
    "on line": _l("on line"),
    "Go to line": _l("Go to line"),
    "go": _l("go"),
    "Completions": _l("Completions"),
    "Diagnostics": _l("Problems"),
    "No diagnostics": _l("No problem found."),
    "Fold line": _l("Fold line"),
    "Unfold line": _l("Unfold line"),
    "folded code": _l("folded part"),
    "unfold": _l("unfold"),
    "to": _l("to"),
    "Folded lines": _l("Folded lines"),
    "Unfolded lines": _l("Unfolded lines"),
    "Control character": _l("Control character"),
    "Selection deleted": _l("Selection deleted"),
}


def shown(typed: Typed, refusal: AppError | None) -> dict[str, Any]:
    problems = form.field_problems(refusal)
    return {
        "typed": typed,
        "problems": problems,
        "refused": refusal is not None,
        "phrases": {said: str(meant) for said, meant in PHRASES.items()},
        "editor_words": WORDS | wording.SEVERITIES,
        "secret_parts": secrets.PARTS,
        "secret_names": sorted(secrets.WHOLE),
        "found": form.document_problems(refusal),
        "engines": [engine.status() for engine in current_app.extensions["offers"].values()],
        "examples": examples.choices(current_app.config["SETTINGS"]),
        "limit": documents.MAX_BYTES,
        "more_open": any(typed.fields.get(name) or name in problems for name in form.MORE),
    }
