// The document that is being written. The text area is what the form sends; CodeMirror takes its place on the page as soon as it is loaded.

import { Plain } from "./plain.js";

// Copying a longer text into the text area at every key would be felt.
const COPIED_AT_ONCE = 100_000;
const COPIED_AFTER_MS = 300;

export class Editor {
  #surface;
  #listeners = [];
  #copying = 0;
  #problems = [];

  constructor(element, gutter) {
    this.element = element;
    this.#surface = new Plain(element, gutter);
    element.addEventListener("input", () => this.#tell());
    element.form?.addEventListener("submit", () => this.#copy());
    addEventListener("pagehide", () => this.#copy());
  }

  get text() {
    return this.#surface.text;
  }

  set text(value) {
    this.#surface.text = value;
  }

  /** Whether documents of any size can be shown. */
  get rich() {
    return !(this.#surface instanceof Plain);
  }

  onInput(listener) {
    this.#listeners.push(listener);
  }

  focus() {
    this.#surface.focus();
  }

  goTo(line, column) {
    this.#surface.goTo(line, column);
  }

  /** Underlines problems, each with `line`, `column`, `severity` and `message`. */
  show(problems) {
    this.#problems = problems;
    this.#surface.show(problems);
  }

  /** Puts CodeMirror in place of the text area; where it cannot be loaded the text area stays. */
  async enrich(options) {
    const { Rich } = await import("./rich.js");
    const plain = this.#surface;
    const host = document.createElement("div");
    host.className = "editor-host";
    this.element.after(host);
    const onChange = () => this.#changed();
    this.#surface = new Rich(host, { ...options, text: plain.text, cursor: plain.cursor, onChange });
    plain.leave();
    this.#surface.show(this.#problems);
    return this.#surface;
  }

  #changed() {
    clearTimeout(this.#copying);
    if (this.#surface.length < COPIED_AT_ONCE) this.#copy();
    else this.#copying = setTimeout(() => this.#copy(), COPIED_AFTER_MS);
    this.#tell();
  }

  #copy() {
    if (this.rich) this.element.value = this.text;
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}
