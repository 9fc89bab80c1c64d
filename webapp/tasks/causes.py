"""Why a task failed, told in the reader's language. The row keeps what the engine said, and the hint in English."""

from typing import Any

from flask_babel import get_locale

from datax_job.diagnosis import explain
from webapp.retold import retold


def told(error: dict[str, Any] | None, result: Any = None) -> dict[str, Any] | None:
    """The error with `cause`, what it means in general, and `hint`; just as it is stored when nothing is known about it.

    A list has no `result` at hand. Then the few causes that only an exit state tells stay in English.
    """
    if error is None:
        return None
    exit_code, stderr = (result["exit_code"], result["stderr"]) if isinstance(result, dict) else (1, "")
    error = {**error, "message": error["message"] and retold(error["message"])}
    found = explain(error["code"], f"{error['message']}\n{stderr}", exit_code)
    language = str(get_locale()).partition("_")[0]
    # The stored hint shows whether this is the explanation that was found when the task ended.
    if found.hint["en"] != error["hint"] or language not in found.hint:
        return error
    message = None if error["message"] == found.cause["en"] else error["message"]
    return {**error, "cause": found.cause[language], "message": message, "hint": found.hint[language]}
