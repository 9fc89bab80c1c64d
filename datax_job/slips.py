"""The slips that people make in JSON, and what to say to them. A value is never repeated: it may be a password."""

from datax_job.problem import Text

# What an input method or a word processor writes for the characters of JSON.
FULL_WIDTH = dict(zip("“”„‟‘’，：｛｝［］【】", '""""\'\',:{}[][]', strict=True))
_LITERALS = {"true", "false", "null"}


def full_width(character: str) -> Text:
    template = "%(wrong)s is a full-width or curly character; JSON is written with %(right)s"
    return Text(template, {"wrong": character, "right": FULL_WIDTH[character]})


def no_character(character: str) -> Text:
    """Why this, a NUL or a surrogate, cannot be part of a document."""
    if character == "\x00":
        return Text("a NUL character cannot be part of a job")
    return Text("half of a surrogate pair (U+%(code)s) is no character", {"code": f"{ord(character):04X}"})


def instead_of_a_value(word: str, beginning: str) -> Text:
    """`word` stands where a value should; `beginning` are the first characters there, whether they make a word or not."""
    if beginning == "${":
        return Text('a placeholder must stand in quotes: "${name}"; a number in quotes is read as a number')
    if word.lstrip("+-") in ("NaN", "Infinity"):
        return Text("%(word)s is no number that JSON has", {"word": word})
    if word.lower() in _LITERALS:
        return Text("%(word)s is written in small letters: %(right)s", {"word": word, "right": word.lower()})
    if word == "None":
        return Text("None is written null")
    if word:
        return Text("this is no value that JSON has; a text stands in double quotes")
    return Text("a value is expected here")
