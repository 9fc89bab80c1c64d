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


def sentences() -> Iterator[str]:
    """Every template that is written out where a `Text` is made in the rules of documents."""
    for path in (ROOT / "datax_job").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "Text"
                and isinstance(node.args[0], ast.Constant)
            ):
                yield str(node.args[0].value)


def test_every_sentence_of_the_check_is_there_in_chinese_with_its_values() -> None:
    with (ROOT / "webapp" / "translations" / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    said = {template: catalogue.get(template) for template in sentences()}
    assert len(said) > 60
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


def test_who_asks_for_no_language_gets_english(visitor: Visitor) -> None:
    answer = visitor.send("POST", "/api/check", json={"job": WRONG}, headers={"X-CSRFToken": visitor.token()})
    assert "did you mean 'streamwriter'?" in answer.get_json()["problems"][0]["message"]
