"""The words of the editor in the form of a new task, in the language of the page."""

from flask_babel import lazy_gettext as _l

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
