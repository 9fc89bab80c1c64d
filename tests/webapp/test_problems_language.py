"""What is wrong with a document is said in the language of the page."""

import ast
import json
import re
from collections.abc import Iterator

from babel.messages.pofile import read_po
from flask import Flask

from tests.conftest import stream
from tests.webapp.visitor import Visitor
from webapp.config import ROOT

WRONG = json.dumps(stream(1)).replace("streamwriter", "streamwritr")
SAID = "没有名为 'streamwritr' 的 writer；是否想写 'streamwriter'？"
PLACE = re.compile(r"%\(\w+\)[sdr]")


# What an engine prints, and what `flask doctor` says at a terminal, is English; a sentence of nothing but places says what others say.
NOT_OF_PAGES = {"inspection.py"}


def written(node: ast.expr, assigned: dict[str, list[str]]) -> list[str]:
    """The sentences that an argument may be: written there, one of two, or behind a name of the same function."""
    if isinstance(node, ast.IfExp):
        return written(node.body, assigned) + written(node.orelse, assigned)
    if isinstance(node, ast.Name):
        return assigned.get(node.id, [])
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def told_by(function: ast.AST) -> Iterator[str]:
    assigned: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).extend(written(node.value, {}))
    for node in ast.walk(function):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and called in ("Text", "JdbcError") and node.args:
            yield from written(node.args[0], assigned)
        elif isinstance(node, ast.Call) and called.endswith(".refuse") and len(node.args) > 1:
            yield from written(node.args[1], assigned)


def sentences() -> set[str]:
    """Every template of what is wrong with a document: by the check, the policy, an engine, or a look at what it names."""
    found = set[str]()
    for room in ("datax_job", "engines", "webapp"):
        for path in (ROOT / room).rglob("*.py"):
            tree = ast.parse(path.read_text())
            functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Module)]
            if path.name not in NOT_OF_PAGES:
                found |= {sentence for function in functions for sentence in told_by(function)}
    return {sentence for sentence in found if re.search("[A-Za-z]{2}", PLACE.sub("", sentence))}


def test_every_sentence_about_a_document_is_there_in_chinese_with_its_values() -> None:
    with (ROOT / "webapp" / "translations" / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    said = {template: catalogue.get(template) for template in sentences()}
    assert len(said) > 200
    assert [template for template, message in said.items() if not message or not message.string] == []
    for template, message in said.items():
        assert message and set(PLACE.findall(template)) == set(PLACE.findall(str(message.string)))


def test_the_check_of_the_page_speaks_its_language(app: Flask) -> None:
    visitor = Visitor(app, "zh-CN")
    visitor.log_in()
    answer = visitor.send("POST", "/api/check", json={"job": WRONG}, headers={"X-CSRFToken": visitor.token()})
    assert [problem["message"] for problem in answer.get_json()["problems"]] == [SAID]


def test_a_refused_form_speaks_it_too(app: Flask) -> None:
    visitor = Visitor(app, "zh-CN")
    visitor.log_in()
    page = visitor.post("/tasks/new", {"job": WRONG})
    assert page.status_code == 422 and "是否想写" in page.text


def test_what_policy_and_engine_refuse_is_told_in_it(app: Flask) -> None:
    visitor = Visitor(app, "zh-CN")
    visitor.log_in()
    outside = stream(1, path="/etc", fileName="x")
    assert "不在作业可用的目录" in visitor.post("/tasks/new", {"job": json.dumps(outside)}).text
    page = visitor.post("/tasks/new", {"job": json.dumps(stream(1, foo=1))})
    assert "内嵌引擎的 streamwriter 不认识参数 foo" in page.text


def test_who_asks_for_no_language_gets_english(visitor: Visitor) -> None:
    answer = visitor.send("POST", "/api/check", json={"job": WRONG}, headers={"X-CSRFToken": visitor.token()})
    assert "did you mean 'streamwriter'?" in answer.get_json()["problems"][0]["message"]
