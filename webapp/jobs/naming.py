"""Names of jobs as names of files, and the other way round. Pure."""

import re
import unicodedata
from collections.abc import Iterator

from webapp.jobs.models import TAG_LENGTH

MANIFEST = "jobs.json"
ENDING = ".json"

# What some file system takes for something else than a part of a name, or shows otherwise than it is.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# A file's name has at most 255 bytes nearly everywhere; some go to the ending, and to a number.
MOST_BYTES = 200
# A page has so many to select.
MOST_SELECTED = 200


def file_of(name: str, taken: set[str]) -> str:
    """A file's name that no file system minds. `taken` has those given before, without case, and gets this one."""
    shown = "".join("_" if not character.isprintable() else character for character in name)
    stem = _FORBIDDEN.sub("_", shown).strip(" .") or "job"
    stem = stem.encode()[:MOST_BYTES].decode("utf-8", "ignore").strip(" .")
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    file = next(each for each in _numbered(stem) if each.casefold() not in taken)
    taken.add(file.casefold())
    return file


def _numbered(stem: str) -> Iterator[str]:
    if stem.casefold() + ENDING != MANIFEST:
        yield stem + ENDING
    number = 2
    while True:
        yield f"{stem} ({number}){ENDING}"
        number += 1


def job_of(path: str) -> str:
    """The name of the job in a file: the file's, without its ending."""
    return unicodedata.normalize("NFC", path.rpartition("/")[2][: -len(ENDING)]).strip()


def tags_of(path: str) -> list[str]:
    """The folders that a file lies in, as tags."""
    words = ("-".join(part.split()).replace(",", "-") for part in path.split("/")[:-1])
    return [tag for word in words if (tag := _seen(word)[:TAG_LENGTH])]


def _seen(word: str) -> str:
    lowered = unicodedata.normalize("NFC", word).lower()
    return "".join(character for character in lowered if character.isprintable())
