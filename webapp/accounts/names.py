"""The names that people give accounts and tokens."""

from flask_babel import gettext as _

from webapp.errors import InvalidRequest

LONGEST = 80


def accept(text: str) -> str:
    """The name without blanks around it. Raises InvalidRequest for one that is empty, too long or cannot be seen."""
    name = text.strip()
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        raise InvalidRequest(_("A name has 1 to %(longest)s characters that can be seen.", longest=LONGEST))
    return name
