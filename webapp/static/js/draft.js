// Nothing typed is lost when the page is loaded again: the form is kept for this tab, without its secrets.

import { forget, keep, kept } from "./drafts.js";

const AFTER_MS = 400;
// What browsers keep for a page is limited; a longer document asks before it is left.
const LONGEST = 2_000_000;
// What stands for a secret that the server keeps.
const MASK = "******";
// What the document and its parameters are has a way of its own.
const OWN_WAY = new Set(["csrf_token", "secrets_of", "job", "file", "param_name", "param_value", "params"]);

export class Draft {
  #form;
  #note;
  #parts;
  #path = location.pathname + location.search;
  #timer = 0;
  #changed = false;
  #unsaved = false;
  #sent = false;

  constructor(form, note, parts) {
    this.#form = form;
    this.#note = note;
    this.#parts = parts;
    note.querySelector("button").addEventListener("click", () => this.#drop());
  }

  /** Puts back what was typed, unless the server has just sent it back or the browser has put it back itself. */
  restore() {
    const draft = "refused" in this.#form.dataset ? null : kept(this.#path, this.#form.dataset.user);
    if (!draft) return;
    // It was not taken, as it is still here: no other task's page may forget it.
    keep(this.#path, { ...draft, sent: false });
    const { editor, parameters } = this.#parts;
    const browsers = editor.text !== editor.element.defaultValue.replaceAll("\r\n", "\n");
    for (const { name, value, checked } of draft.fields) this.#restore(name, value, checked);
    this.#form.elements.params.value = draft.params;
    if (!browsers) editor.text = draft.text;
    parameters.restore(draft.rows);
    this.#show(draft.cutRows || (draft.cut && !browsers));
  }

  /** From now on what is typed is kept. */
  watch() {
    const soon = () => this.#soon();
    this.#form.addEventListener("input", soon);
    this.#parts.editor.onInput(soon);
    this.#form.addEventListener("submit", () => this.#submit());
    addEventListener("pagehide", () => this.#changed && this.#keep());
    addEventListener("beforeunload", (event) => this.#unsaved && !this.#sent && event.preventDefault());
    if ("refused" in this.#form.dataset) this.#soon();
  }

  #soon() {
    this.#changed = true;
    this.#sent = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), AFTER_MS);
  }

  #submit() {
    this.#sent = true;
    if (this.#changed) this.#keep();
  }

  #keep() {
    clearTimeout(this.#timer);
    const { editor } = this.#parts;
    this.#unsaved = editor.text.length > LONGEST;
    if (this.#unsaved) return forget(this.#path);
    try {
      keep(this.#path, this.#taken());
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      this.#unsaved = true;
    }
  }

  #taken() {
    const { editor, parameters, secrets } = this.#parts;
    const document = secrets.cut(editor.text);
    const params = secrets.cut(this.#form.elements.params.value);
    const hidden = ({ name, value }) => value && value !== MASK && (secrets.isName(name) || document.params.has(name));
    const rows = parameters.rows.map((row) => (hidden(row) ? { name: row.name, value: "" } : row));
    const cutRows = params.found || parameters.rows.some(hidden);
    const fields = [...this.#form.elements]
      .filter(({ name }) => name && !OWN_WAY.has(name))
      .map(({ name, value, checked }) => ({ name, value, checked }));
    const user = this.#form.dataset.user;
    return { user, sent: this.#sent, text: document.text, cut: document.found, params: params.text, rows, cutRows, fields };
  }

  #restore(name, value, checked) {
    for (const field of this.#form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (!["radio", "checkbox"].includes(field.type)) field.value = value;
      else if (field.value === value) field.checked = checked && !field.disabled;
    }
  }

  #show(cut) {
    this.#note.hidden = false;
    this.#note.querySelector(".cut").hidden = !cut;
  }

  #drop() {
    this.#changed = false;
    this.#unsaved = false;
    forget(this.#path);
    location.assign(location.href);
  }
}
