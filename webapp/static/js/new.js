// The form of a new task.

import { Check } from "./check.js";
import { Editor } from "./editor.js";
import { Parameters } from "./parameters.js";
import { Upload } from "./upload.js";

const form = document.getElementById("new");
const editor = new Editor(document.getElementById("job"), document.getElementById("gutter"));
const parameters = new Parameters(document.getElementById("params"));
const upload = new Upload(document.getElementById("file"), document.getElementById("attached"), editor);

upload.accept(editor.element.parentElement);
upload.onName((name) => {
  if (!form.elements.name.value) form.elements.name.value = name.slice(0, 200);
});
editor.onChange((text) => parameters.offer(text));
new Check(document.getElementById("check"), document.getElementById("problems"), { editor, upload, parameters });

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
