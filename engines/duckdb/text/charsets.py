"""Java's names of character sets, in Python's."""

import codecs

# Names that Java knows and Python does not.
_JAVA = {"x-gbk": "gbk", "ms936": "gbk", "windows-936": "gbk", "x-windows-949": "cp949", "windows-31j": "cp932"}


def codec(name: str) -> str | None:
    """Python's name for a Java character set, None where there is none. UTF-8 is always `utf-8`."""
    wanted = name.strip().lower()
    wanted = _JAVA.get(wanted, wanted)
    try:
        found = codecs.lookup(wanted)
    except LookupError:
        return None
    # Python's codecs include some that are no character sets at all, such as base64.
    if not getattr(found, "_is_text_encoding", True) or found.name in ("idna", "punycode", "unicode_escape", "utf-7"):
        return None
    return found.name
