"""Java's names of character sets, in Python's."""

import codecs
import contextlib

GBK_ERRORS = "datax-gbk"
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


def errors(codec: str) -> str:
    """The name of what is done about a character or bytes that the character set does not have."""
    return GBK_ERRORS if codec == "gbk" else "replace"


def _second_try(error: UnicodeError) -> tuple[str | bytes, int]:
    """Java's GBK knows what Python's does not, above all the euro sign: two bytes that GB18030 has too."""
    if isinstance(error, UnicodeEncodeError):
        made = error.object[error.start].encode("gb18030", "replace")
        return (made if len(made) == 2 else b"?"), error.start + 1
    if isinstance(error, UnicodeDecodeError):
        pair = error.object[error.start : error.start + 2]
        with contextlib.suppress(UnicodeDecodeError):
            return pair.decode("gb18030"), error.start + len(pair)
    return codecs.replace_errors(error)


codecs.register_error(GBK_ERRORS, _second_try)
