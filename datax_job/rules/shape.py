"""The frame of a document: job, setting, content, and in each content a reader, a writer and perhaps transformers."""

from collections.abc import Iterator, Mapping
from typing import Any

from datax_job.finding import Finding, is_remark, meant, shown
from datax_job.pointers import child
from datax_job.problem import Severity, Text
from datax_job.view import Job

# The names DataX reads in each object of the frame, with the kind of value it expects there.
Frame = Mapping[str, type | None]
TOP: Frame = {"job": dict, "core": dict, "common": dict, "entry": dict, "plugin": dict}
JOB: Frame = {
    "setting": dict,
    "content": list,
    "jobInfo": None,
    "preHandler": dict,
    "postHandler": dict,
}
SETTING: Frame = {
    "speed": dict,
    "errorLimit": dict,
    "dryRun": None,
    "keyVersion": None,
}
SPEED: Frame = {"channel": None, "byte": None, "record": None}
ERROR_LIMIT: Frame = {"record": None, "percentage": None}
CONTENT: Frame = {"reader": dict, "writer": dict, "transformer": list, "taskId": None}
PART: Frame = {"name": str, "parameter": dict}
_KINDS: Mapping[type, str] = {dict: "an object", list: "a list", str: "text"}


def top_level(job: Job) -> Iterator[Finding]:
    """DataX looks for what to do under `job` alone; a name it does not know is passed over without a word."""
    yield from _frame(job.value, "", TOP)
    if "job" not in job.value:
        yield Finding("", Text('"job" is missing: a document is {"job": {"setting": {…}, "content": [{…}]}}'))
        return
    yield from _frame(job.get("job"), "/job", JOB)
    yield from _frame(job.get("job", "setting"), "/job/setting", SETTING)
    yield from _frame(job.get("job", "setting", "speed"), "/job/setting/speed", SPEED)
    yield from _frame(job.get("job", "setting", "errorLimit"), "/job/setting/errorLimit", ERROR_LIMIT)


def contents(job: Job) -> Iterator[Finding]:
    """Each content needs a reader and a writer, and each of these a name and parameters."""
    found = job.get("job", "content")
    if isinstance(job.get("job"), dict) and not found:
        yield Finding(
            "/job/content" if found is not None else "/job", Text("job.content must hold a reader and a writer")
        )
    for at, content in enumerate(found if isinstance(found, list) else ()):
        pointer = f"/job/content/{at}"
        yield from _kind(content, pointer, dict)
        if isinstance(content, dict):
            yield from _content(content, pointer)


def one_content(job: Job) -> Iterator[Finding]:
    """DataX runs the first content and never looks at another."""
    if len(job.contents) > 1:
        text = Text("only the first content is run; make this one a job of its own")
        yield Finding(job.contents[1][0], text, Severity.WARNING)


def _content(content: dict[str, Any], pointer: str) -> Iterator[Finding]:
    yield from _frame(content, pointer, CONTENT)
    for side in ("reader", "writer"):
        if side in content:
            yield from _part(content[side], f"{pointer}/{side}", needs_parameter=True)
        else:
            yield Finding(pointer, Text("%(side)s is missing here", {"side": side}))
    steps = content.get("transformer")
    for at, step in enumerate(steps if isinstance(steps, list) else ()):
        yield from _kind(step, f"{pointer}/transformer/{at}", dict)
        yield from _part(step, f"{pointer}/transformer/{at}", needs_parameter=False)


def _part(value: Any, pointer: str, *, needs_parameter: bool) -> Iterator[Finding]:
    if not isinstance(value, dict):
        return
    yield from _frame(value, pointer, PART)
    if not value.get("name"):
        yield Finding(pointer, Text("the name of the plugin is missing here"))
    if needs_parameter and "parameter" not in value:
        yield Finding(pointer, Text("parameter is missing here"))


def _frame(value: Any, pointer: str, frame: Frame) -> Iterator[Finding]:
    if not isinstance(value, dict):
        return
    for name, kind in frame.items():
        if kind is not None and value.get(name) is not None:
            yield from _kind(value[name], child(pointer, name), kind)
    for name in value:
        if name not in frame and not is_remark(name):
            yield Finding(child(pointer, name), _unknown(name, frame), Severity.WARNING)


def _kind(value: Any, pointer: str, kind: type) -> Iterator[Finding]:
    if not isinstance(value, kind):
        yield Finding(pointer, Text("this must be %(kind)s", {"kind": _KINDS[kind]}))


def _unknown(name: str, frame: Frame) -> Text:
    if right := meant(name, frame):
        return Text("DataX does not know %(name)r here; did you mean %(right)r?", {"name": shown(name), "right": right})
    return Text("DataX does not know %(name)r here and passes it over", {"name": shown(name)})
