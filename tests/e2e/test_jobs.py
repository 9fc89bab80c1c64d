"""Saved jobs in a browser: save, edit, compare, run, import a folder, in both languages."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import stream
from tests.e2e.conftest import SECONDS, Watch, drafts, editor, log_in, write
from tests.stack import Stack


def saying(value: str) -> str:
    job = stream(1)
    job["job"]["content"][0]["reader"]["parameter"]["column"] = [{"type": "string", "value": value}]
    return json.dumps(job, indent=2)


def saved(stack: Stack, name: str, job: str, **fields: object) -> str:
    answer = stack.call("/api/jobs", {"name": name, "job": job, **fields})
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


def test_a_job_is_saved_edited_compared_restored_and_run(page: Page, stack: Stack, watch: Watch) -> None:
    page.goto("/jobs/new")
    write(page, saying("${word}"))
    page.fill("[name=name]", "says a word")
    page.fill("[name=tags]", "Words, e2e")
    expect(page.locator("[name=param_name]").first).to_have_value("word")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("says a word")
    expect(page.locator(".tags").first).to_contain_text("words")

    page.get_by_role("link", name="Edit", exact=True).click()
    expect(editor(page)).to_contain_text("${word}")
    write(page, saying("two ${word}"))
    page.locator("[name=param_value]").first.fill("hello")
    page.fill("[name=note]", "says more")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".versions")).to_contain_text("says more")
    assert drafts(page) == []

    page.get_by_role("link", name="Changes of version 2").click()
    expect(page.locator(".changes")).to_contain_text("hello")
    expect(page.locator(".diff-host .cm-changedLine").last).to_contain_text("two ${word}")
    page.get_by_role("button", name="One column").click()
    expect(page.locator(".diff-host .cm-deletedChunk")).to_contain_text('"${word}"')

    page.goto(page.url.split("/diff")[0] + "/versions/1")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".versions")).to_contain_text("version 1 restored")
    page.get_by_role("link", name="Run…").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("[aria-invalid]")).to_be_focused()
    watch.forgive("422")
    page.keyboard.type("bonjour")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#log pre")).to_contain_text("bonjour", timeout=30 * SECONDS)
    page.get_by_role("link", name="says a word").click()
    expect(page.locator(".runs .badge").first).to_have_text("succeeded")


def test_who_saves_second_loses_nothing(page: Page, stack: Stack, watch: Watch) -> None:
    job = saved(stack, "edited by two", saying("one"))
    page.goto(f"/jobs/{job}/edit")
    write(page, saying("mine"))
    stack.call(f"/api/jobs/{job}", {"job": saying("theirs")}, method="PATCH", headers={"If-Match": "*"})
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".callout.error")).to_contain_text("saved version 2 meanwhile")
    watch.forgive("412")
    expect(editor(page)).to_contain_text("mine")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".facts")).to_contain_text("3")
    assert "mine" in stack.call(f"/api/jobs/{job}").json()["job"]


def test_what_was_typed_for_a_task_becomes_a_job(page: Page, stack: Stack) -> None:
    page.goto("/tasks/new")
    write(page, saying("${carried}"))
    page.fill("[name=name]", "carried along")
    page.get_by_role("button", name="Save as a job…").click()
    expect(page.locator("h1")).to_have_text("New job")
    expect(editor(page)).to_contain_text("${carried}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("h1")).to_have_text("carried along")
    assert drafts(page) == []
    page.goto("/tasks/new")
    expect(editor(page)).not_to_contain_text("${carried}")


@pytest.mark.parametrize(("locale", "button"), [("en-GB", "Import 2 jobs"), ("zh-CN", "导入 2 个作业")])
def test_a_folder_is_imported_in_one_go(
    open_page: Callable[..., Page], stack: Stack, tmp_path: Path, locale: str, button: str
) -> None:
    folder = tmp_path / "mine"
    (folder / "night").mkdir(parents=True)
    (folder / f"first {locale}.json").write_text(saying("1"))
    (folder / "night" / f"second {locale}.json").write_text(saying("2"))
    (folder / "bad.json").write_text("{\n,")
    (folder / "notes.txt").write_text("no job")
    page = open_page(locale=locale)
    log_in(page, stack)
    page.goto("/jobs/import")
    page.set_input_files("[name=folder]", folder)
    expect(page.locator("#chosen")).to_contain_text("3")
    page.locator("button.primary").click()
    expect(page.locator(".selected").first).to_contain_text("bad.json")
    expect(page.locator(".selected").nth(1)).to_contain_text("night")
    page.get_by_role("button", name=button).click()
    expect(page.locator(".callout")).to_be_visible()
    found = stack.call("/api/jobs?tag=night").json()["items"]
    assert f"second {locale}" in [job["name"] for job in found]


def test_a_folder_can_be_dropped(page: Page, stack: Stack) -> None:
    page.goto("/jobs/import")
    page.evaluate(
        """() => {
            const file = (name) => ({name, isFile: true, file: (done) => done(new File(['{"job": {}}'], name))});
            const once = (all) => () => ({readEntries: (done) => done(all.splice(0, 1))});
            const folder = (name, all) => ({name, isFile: false, createReader: once(all)});
            const top = folder("top", [file("dropped.json"), file("x.txt"), folder("deep", [file("deeper.json")])]);
            const event = new Event("drop", {cancelable: true});
            event.dataTransfer = {items: [{webkitGetAsEntry: () => top}]};
            document.getElementById("drop").dispatchEvent(event);
        }"""
    )
    expect(page.locator("#chosen")).to_contain_text("2")
    page.locator("button.primary").click()
    expect(page.locator(".selected")).to_contain_text("dropped.json")
    expect(page.locator(".selected")).to_contain_text("deep/deeper.json")


def test_selected_jobs_are_saved_as_one_archive(page: Page, stack: Stack) -> None:
    saved(stack, "zip one", "{}", tags=["zipped"])
    saved(stack, "zip two", "{}", tags=["zipped"])
    page.goto("/jobs?tag=zipped")
    expect(page.locator("#bulk")).to_be_hidden()
    page.get_by_role("checkbox", name="Select zip one").check()
    for _ in range(2):
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as ZIP").click()
        assert re.fullmatch(r"jobs-[\d-]+\.zip", download.value.suggested_filename)
    page.locator("[name=text]").fill("two")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_pages_work_without_scripts(open_page: Callable[..., Page], stack: Stack) -> None:
    job = saved(stack, "plain", saying("one"))
    stack.call(f"/api/jobs/{job}", {"job": saying("two")}, method="PATCH", headers={"If-Match": "*"})
    page = open_page(java_script_enabled=False)
    log_in(page, stack)
    page.goto(f"/jobs/{job}/diff")
    expect(page.locator(".unified tr.added")).to_contain_text("two")
    page.goto(f"/jobs/{job}/run")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("h1")).to_have_text("plain")
