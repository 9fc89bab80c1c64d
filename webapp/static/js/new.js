// The form of a new task.

import { About } from "./about.js";
import { Catalogue } from "./catalogue.js";
import { Check } from "./check.js";
import { Draft } from "./draft.js";
import { Editor } from "./editor.js";
import { Engines } from "./engines.js";
import { Parameters } from "./parameters.js";
import { Secrets } from "./secrets.js";
import { Starters } from "./starters.js";
import { Upload } from "./upload.js";

const AFTER_MS = 150;

const form = document.getElementById("new");
const words = document.getElementById("editor-words").dataset;
const label = document.getElementById("job-label");
const editor = new Editor(document.getElementById("job"), document.getElementById("gutter"));
const secrets = new Secrets(form.dataset.secretParts.split(" "), form.dataset.secretNames.split(" "));
const parameters = new Parameters(document.getElementById("params"), secrets);
const engines = new Engines(document.getElementById("engines"));
const upload = new Upload(document.getElementById("file"), document.getElementById("attached"), editor);
const check = new Check(document.getElementById("check"), document.getElementById("problems"), { editor, upload, parameters, engines });
const draft = new Draft(form, document.getElementById("draft-note"), { editor, parameters, secrets });

upload.accept(editor.element.parentElement);
upload.onName((name) => {
  if (!form.elements.name.value) form.elements.name.value = name.slice(0, 200);
});
label.addEventListener("click", () => editor.focus());

// Every key of a long document would be felt if each of them were looked through at once.
let offering = 0;
editor.onInput(() => {
  clearTimeout(offering);
  offering = setTimeout(() => parameters.offer(editor.text), AFTER_MS);
  check.soon();
});
parameters.onChange(() => check.soon());
engines.onChoice(() => check.soon());

draft.restore();
parameters.offer(editor.text);
draft.watch();

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

const catalogue = Catalogue.load(words.catalogue);
try {
  await enrich();
} catch (error) {
  // The text area does all but these.
  for (const id of ["format", "keys"]) document.getElementById(id).hidden = true;
  throw error;
} finally {
  if (editor.text.trim() && !("refused" in form.dataset)) check.soon();
}
new Starters(document.getElementById("starters"), await catalogue, editor);

async function enrich() {
  const [{ Completion }, { Format }] = await Promise.all([import("./completion.js"), import("./formatting.js")]);
  const completion = new Completion(new About(words), catalogue);
  const rich = await editor.enrich({
    label: label.textContent,
    hint: document.getElementById("keys").textContent.trim(),
    words,
    phrases: JSON.parse(words.phrases),
    complete: completion.complete,
    explain: completion.explain,
  });
  new Format(document.getElementById("format"), document.getElementById("format-note"), rich);
}
