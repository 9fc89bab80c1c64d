"""Writing a job in the browser: the editor, what it says as one types, and that nothing typed is lost."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.conftest import stream
from tests.e2e.conftest import SECONDS, Watch, drafts, editor, log_in, log_in_here, selected, until, write
from tests.stack import Stack

TRANSFER_BYTES = 600_000


def text(page: Page) -> str:
    """The whole document as the form would send it."""
    return page.input_value("#job")


@pytest.fixture
def new(page: Page) -> Page:
    """An empty form, its editor ready."""
    page.goto("/tasks/new")
    expect(page.locator("#starters option").first).to_be_attached()
    return page


def test_a_job_is_typed_with_completion_and_sent_by_keyboard(new: Page) -> None:
    editor(new).click()
    new.keyboard.type('{"jo')
    expect(new.locator(".cm-tooltip-autocomplete [aria-selected]")).to_contain_text("job")
    new.keyboard.press("Escape")
    new.keyboard.type('b": {"setting": {"speed": {"channel": 1}}, "content": [{"reader": {"name": "streamr')
    choice = new.locator(".cm-tooltip-autocomplete [aria-selected]")
    expect(choice).to_contain_text("streamreader")
    expect(new.locator(".cm-completionInfo")).to_contain_text("Makes rows: constants or random values")
    new.keyboard.press("Enter")
    expect(editor(new)).to_contain_text("sliceRecordCount")
    new.keyboard.press("Control+End")
    for _ in range(4):
        new.keyboard.press("ArrowLeft")
    new.keyboard.type(', "writer": {"name": "streamw')
    expect(choice).to_contain_text("streamwriter")
    new.keyboard.press("Enter")
    expect(new.locator("#problems-summary")).to_have_text("advice: 1")
    assert json.loads(text(new))["job"]["content"][0]["writer"]["name"] == "streamwriter"
    new.keyboard.press("Control+Enter")
    expect(new.locator("#live-head .badge")).to_have_text("succeeded", timeout=60 * SECONDS)


def test_parameters_are_offered_with_what_they_mean(new: Page) -> None:
    write(new, '{"job": {"content": [{"reader": {"name": "mysqlreader", "parameter": {}}}]}}')
    for _ in range(6):
        new.keyboard.press("ArrowLeft")
    new.keyboard.type('"fetch')
    expect(new.locator(".cm-completionInfo")).to_contain_text("fetchSize")
    expect(new.locator(".cm-completionInfo")).to_contain_text("Default: 1024")
    new.keyboard.press("Enter")
    assert '"parameter": {"fetchSize": 1024}' in text(new)
    editor(new).get_by_text('"fetchSize"').hover()
    expect(new.locator(".cm-tooltip-hover")).to_contain_text("fetchSize")


def test_a_problem_is_underlined_at_its_line_while_one_types(new: Page) -> None:
    write(new, json.dumps(stream(1), indent=2).replace("streamwriter", "streamwritr"))
    line = text(new)[: text(new).index("streamwritr")].count("\n") + 1
    wrong = new.locator(".cm-lintRange-error")
    expect(wrong).to_have_text('"streamwritr"')
    assert wrong.evaluate("mark => getComputedStyle(mark).textDecorationStyle") == "wavy"
    place = new.locator("#problems .place")
    expect(place).to_contain_text(f"line {line}, column")
    expect(new.locator("#problems-summary")).to_have_text("error: 1")
    place.click()
    assert "streamwritr" in selected(new)
    write(new, json.dumps(stream(1), indent=2))
    expect(wrong).to_have_count(0)
    expect(new.locator("#problems-summary")).to_have_text("No problem found.")


def test_what_stands_behind_wide_characters_is_underlined_where_it_stands(new: Page) -> None:
    write(
        new,
        json.dumps(stream(1)).replace('{"job"', '{"_a": "😀𝒳值\u202e", "job"').replace("streamwriter", "streamwritr"),
    )
    expect(new.locator(".cm-lintRange-error")).to_have_text('"streamwritr"')


def test_the_three_kinds_of_problems_differ_in_shape_and_a_list_is_underlined_by_its_name(new: Page) -> None:
    job = stream(1, colum=["x"])
    del job["job"]["setting"]["errorLimit"]
    job["job"]["content"][0]["reader"]["name"] = "streamreadr"
    write(new, json.dumps(job, indent=2))
    expect(new.locator(".cm-lintRange-warning")).to_have_text('"colum"')
    styles = {
        kind: new.locator(f".cm-lintRange-{kind}").first.evaluate("mark => getComputedStyle(mark).textDecorationStyle")
        for kind in ("error", "warning", "info")
    }
    assert styles == {"error": "wavy", "warning": "dashed", "info": "dotted"}
    signs = {
        kind: new.locator(f".cm-lint-marker-{kind}").first.evaluate(
            "mark => getComputedStyle(mark, '::before').content"
        )
        for kind in ("error", "warning", "info")
    }
    assert len(set(signs.values())) == 3


def test_comments_are_no_faults(new: Page) -> None:
    new.goto("/tasks/new?example=hello")
    expect(new.locator("#problems-summary")).to_have_text("No problem found.")
    assert new.locator(".cm-lintRange-error").count() == 0
    expect(new.locator("#engine-choice")).to_contain_text("For this document: duckdb.")


def test_an_engine_that_cannot_run_the_document_says_why(new: Page) -> None:
    new.select_option("[data-kind=reader]", "hdfsreader")
    new.get_by_role("button", name="Insert").click()
    expect(new.locator("#engine-choice")).to_contain_text("No engine can run this document")
    expect(new.locator("[data-obstacle=duckdb]")).to_contain_text("hdfsreader")


def test_a_template_has_a_place_for_each_sides_password(new: Page) -> None:
    new.select_option("[data-kind=reader]", "mysqlreader")
    new.select_option("[data-kind=writer]", "postgresqlwriter")
    new.get_by_role("button", name="Insert").click()
    names = new.locator("[name=param_name]")
    expect(names).to_have_count(2)
    assert [names.nth(0).input_value(), names.nth(1).input_value()] == ["source_password", "target_password"]
    assert json.loads(text(new))["job"]["content"][0]["reader"]["name"] == "mysqlreader"
    new.keyboard.press("Control+z")
    expect(editor(new)).to_have_text("Paste a DataX job here, or drop a file")


def test_places_in_comments_ask_for_no_parameter(new: Page) -> None:
    write(new, '{"a": "${one}", // ${two}\n "b": "\\"${three.x}", /* ${four} */ "${five}": 5}')
    names = new.locator("[name=param_name]")
    expect(names).to_have_count(3)
    assert [names.nth(n).input_value() for n in range(3)] == ["one", "three.x", "five"]


def test_the_format_button_keeps_comments_and_refuses_what_it_cannot_read(new: Page) -> None:
    write(new, '{ // why\n\'a\':[1,2],"b":{"c":{"d":1}}}')
    new.get_by_role("button", name="Format").click()
    assert text(new) == '{ // why\n  \'a\': [1, 2],\n  "b": {\n    "c": {"d": 1}\n  }\n}\n'
    write(new, '{"a": [}')
    new.get_by_role("button", name="Format").click()
    expect(new.locator("#format-note")).to_contain_text("Not formatted")
    assert text(new) == '{"a": [}'


def test_tab_indents_and_escape_then_tab_leaves(new: Page) -> None:
    expect(new.locator("#keys")).to_contain_text("Esc, then Tab leaves the editor")
    editor(new).click()
    new.keyboard.press("Tab")
    assert text(new).strip() == "" and text(new) != ""
    new.keyboard.press("Escape")
    new.keyboard.press("Tab")
    assert not new.evaluate("document.activeElement.matches('.editor-host')")


def test_a_reload_keeps_what_was_typed_but_no_password(new: Page) -> None:
    job = json.dumps(
        {"_note": "\u202eRTL </script> 值", "password": "hunter2", "url": "jdbc:mysql://u:hunter2@h/d", "x": "${day}"},
        ensure_ascii=False,
    )
    write(new, job)
    expect(new.locator("[name=param_name]").first).to_have_value("day")
    new.fill("[name=name]", "my work")
    new.get_by_text("Only check the document").click()
    new.locator("[name=param_value]").first.fill("2026-01-31")
    new.reload()
    expect(new.locator("#draft-note")).to_contain_text("What you had typed is back.")
    expect(editor(new)).to_contain_text("</script> 值")
    assert new.input_value("[name=name]") == "my work"
    assert new.get_by_label("Only check the document").is_checked()
    expect(new.locator("[name=param_value]").first).to_have_value("2026-01-31")
    assert "hunter2" not in new.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


def test_a_page_opened_anew_says_that_passwords_must_be_typed_again(new: Page) -> None:
    write(new, '{"password": "hunter2", "name": "kept"}')
    new.goto("/")
    new.goto("/tasks/new")
    expect(editor(new)).to_have_text('{"password": "", "name": "kept"}')
    expect(new.locator("#draft-note")).to_contain_text("Passwords are not kept: type them again.")
    new.get_by_role("button", name="Start afresh").click()
    expect(new.locator("#draft-note")).to_be_hidden()
    expect(editor(new)).to_have_text("Paste a DataX job here, or drop a file")


def test_a_refused_form_comes_back_as_it_was_typed_and_a_sent_one_leaves_nothing(new: Page, watch: Watch) -> None:
    wrong = json.dumps(stream(1), indent=2).replace("hello", "${who}").replace("streamwriter", "streamwritr")
    write(new, wrong)
    expect(new.locator("[name=param_name]").first).to_have_value("who")
    new.locator("[name=param_value]").first.fill("me & <you>")
    new.keyboard.press("Control+Enter")
    expect(new.locator("#problems [role=alert]")).to_contain_text("The document cannot run: 1 error.")
    watch.forgive("422")
    assert text(new) == wrong and new.locator("[name=param_value]").first.input_value() == "me & <you>"
    expect(new.locator(".cm-lintRange-error")).to_have_text('"streamwritr"')
    write(new, wrong.replace("streamwritr", "streamwriter"))
    new.keyboard.press("Control+Enter")
    expect(new.locator("#live-head .badge")).to_have_text("succeeded", timeout=60 * SECONDS)
    assert drafts(new) == []


def test_a_document_without_fault_may_still_lack_values(new: Page) -> None:
    write(new, json.dumps(stream(1), indent=2).replace("hello", "${who}"))
    expect(new.locator("#problems-summary")).to_contain_text("its parameters still need values")
    new.locator("[name=param_value]").first.fill("me")
    expect(new.locator("#problems-summary")).to_contain_text("No problem found.")


def test_a_session_that_ends_loses_nothing_typed(new: Page, stack: Stack) -> None:
    write(new, '{"job": "kept"}')
    new.fill("[name=name]", "typed for long")
    new.context.clear_cookies()
    new.get_by_role("button", name="Submit").click()
    expect(new.locator(".callout")).to_contain_text("Your session has ended")
    log_in_here(new, stack)
    expect(editor(new)).to_have_text('{"job": "kept"}')
    assert new.url.endswith("/tasks/new") and new.input_value("[name=name]") == "typed for long"
    other = stack.submit(stream(1))
    new.goto(f"/tasks/{other}")
    new.wait_for_load_state()
    new.goto("/tasks/new")
    expect(editor(new)).to_have_text('{"job": "kept"}')


def test_logging_out_leaves_no_draft_in_the_tab(new: Page) -> None:
    write(new, '{"a": 1}')
    until(new, "() => sessionStorage.length > 0")
    expect(new.locator("#problems .error").first).to_be_visible()
    new.get_by_role("button", name="Log out").click()
    new.wait_for_url(re.compile("/login"))
    assert drafts(new) == []


def test_a_document_of_the_largest_size_is_taken_and_stays_fluent(new: Page, tmp_path: Path) -> None:
    row = '    {"type": "string", "value": "</script>\u202e值 hello"},\r\n'
    rows = row * (7_900_000 // len(row.encode()))
    file = tmp_path / "large.json"
    file.write_bytes(b"\xef\xbb\xbf" + f'{{"job": [\r\n{rows}    1]}}'.encode())
    new.set_input_files("#file", file)
    expect(new.locator(".cm-line").first).to_have_text('{"job": [')
    editor(new).click()
    new.keyboard.press("Control+End")
    new.keyboard.type("// end")
    expect(new.locator(".cm-activeLine")).to_contain_text("1]}// end")
    assert new.locator(".cm-line").count() < 500, "only what is seen is drawn"
    expect(new.locator("#problems-summary")).to_contain_text("This document is long")
    until(new, "() => document.getElementById('job').value.endsWith('// end')")
    expected = file.read_bytes()[3:].decode().replace("\r\n", "\n") + "// end"
    assert text(new) == expected
    write(new, "{}")  # a page that holds what it cannot keep would ask before it is left


def test_deep_nesting_odd_line_ends_and_half_characters_do_no_harm(new: Page) -> None:
    deep = "[" * 200 + "]" * 200
    write(new, f'{{"job": {deep}}}')
    expect(new.locator("#problems .error").first).to_be_visible()
    new.get_by_role("button", name="Format").click()
    assert text(new).count("\n") > 200
    paste(new, '\ufeff{"a": "x\u2028y\u202e",\r\n"b": "\x00",\r"c": 1}')
    assert text(new) == '\ufeff{"a": "x\u2028y\u202e",\n"b": "\x00",\n"c": 1}'
    expect(new.locator("#problems .place").first).to_contain_text("line 2, column")
    expect(new.locator(".cm-specialChar").first).to_be_visible()
    new.evaluate(PASTE, "half")
    expect(new.locator("#problems")).to_contain_text("line 1")


PASTE = """text => {
  const content = document.querySelector('.editor-host').shadowRoot.querySelector('.cm-content');
  content.focus();
  document.querySelector('.editor-host').shadowRoot.getSelection?.()?.selectAllChildren(content);
  const data = new DataTransfer();
  data.setData('text/plain', text === 'half' ? '{"a": "\\ud800"}' : text);
  content.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true, composed: true}));
}"""


def paste(page: Page, what: str) -> None:
    """As the browser does with what comes from elsewhere, in place of everything."""
    editor(page).click()
    page.keyboard.press("Control+a")
    page.evaluate(PASTE, what)


def test_a_dropped_file_is_taken_by_the_page_and_names_the_task(new: Page) -> None:
    new.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(['{"dropped": 1}'], 'from <b>disk</b>.json', {type: 'application/json'}));
          const content = document.querySelector('.editor-host').shadowRoot.querySelector('.cm-content');
          content.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true, composed: true}));
        }"""
    )
    expect(editor(new)).to_have_text('{"dropped": 1}')
    assert new.input_value("[name=name]") == "from <b>disk</b>"


def test_an_edited_task_keeps_its_masked_secrets_through_a_reload(new: Page, stack: Stack) -> None:
    job = stream(1)
    job["job"]["content"][0]["reader"]["parameter"]["password"] = "hunter2"
    job["job"]["content"][0]["reader"]["parameter"]["column"][0]["value"] = "${token}"
    task = stack.submit(job, params={"token": "hunter3"}, type="validate")
    new.goto(f"/tasks/new?edit={task}")
    expect(editor(new)).to_contain_text('"password": "******"')
    value = new.locator("[name=param_value]").first
    expect(value).to_have_value("******")
    assert value.get_attribute("type") == "password"
    new.fill("[name=name]", "edited")
    new.goto("/")
    new.goto(f"/tasks/new?edit={task}")
    expect(new.locator("#draft-note")).to_be_visible()
    expect(editor(new)).to_contain_text('"password": "******"')
    expect(value).to_have_value("******")
    assert new.input_value("[name=name]") == "edited"
    assert "hunter" not in new.content()


@pytest.mark.parametrize(("locale", "saying"), [("en-GB", "No problem found."), ("zh-CN", "没有发现问题。")])
def test_the_editor_speaks_both_languages_and_fits_a_phone(
    open_page: Callable[..., Page], stack: Stack, locale: str, saying: str
) -> None:
    page = open_page(locale=locale, viewport={"width": 390, "height": 800}, color_scheme="dark")
    log_in(page, stack)
    page.goto("/tasks/new?example=hello")
    expect(page.locator("#problems-summary")).to_have_text(saying)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    editor(page).click()
    page.keyboard.press("Control+f")
    words = page.locator(".cm-search").inner_text()
    assert ("match case" in words) == (locale == "en-GB") and ("区分大小写" in words) == (locale == "zh-CN")
    page.keyboard.press("Escape")
    editor(page).get_by_text('"streamreader"').hover()
    meaning = {"en-GB": "Makes rows", "zh-CN": "生成数据"}[locale]
    expect(page.locator(".cm-tooltip-hover")).to_contain_text(meaning)


def test_the_first_load_with_the_editor_is_small(open_page: Callable[..., Page], stack: Stack) -> None:
    page = open_page()
    log_in(page, stack)
    devtools = page.context.new_cdp_session(page)
    sizes = transfers(devtools)
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto("/tasks/new")
    expect(page.locator("#starters option").first).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert 100_000 < sum(sizes) <= TRANSFER_BYTES


def transfers(devtools: CDPSession) -> list[float]:
    """Grows with the bytes of each answer as they come over the wire."""
    sizes: list[float] = []
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    return sizes
