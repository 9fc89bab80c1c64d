// The text area of the document, with line numbers beside it: what there is until CodeMirror is, and where it is not.

export class Plain {
  #element;
  #gutter;
  #lines = 0;
  #marked = new Set();

  constructor(element, gutter) {
    this.#element = element;
    this.#gutter = gutter;
    element.addEventListener("input", () => this.#count());
    element.addEventListener("scroll", () => (gutter.scrollTop = element.scrollTop));
    this.#count();
  }

  get text() {
    return this.#element.value;
  }

  set text(value) {
    this.#element.value = value;
    this.#element.scrollTop = 0;
    this.#element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  get cursor() {
    return document.activeElement === this.#element ? this.#element.selectionStart : null;
  }

  focus() {
    this.#element.focus();
  }

  /** Puts the cursor at a place, both counted from 1, and selects the rest of its line. */
  goTo(line, column) {
    const lines = this.text.split("\n");
    const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const start = before + Math.min(column - 1, lines[line - 1]?.length ?? 0);
    this.#element.focus({ preventScroll: true });
    this.#element.setSelectionRange(start, before + (lines[line - 1]?.length ?? 0));
    const height = this.#element.scrollHeight / Math.max(lines.length, 1);
    this.#element.scrollTop = Math.max(0, (line - 4) * height);
    this.#element.scrollIntoView({ block: "nearest" });
  }

  /** Shows the numbers of lines with a problem as such. */
  show(problems) {
    this.#marked = new Set(problems.map((problem) => problem.line));
    this.#draw();
  }

  leave() {
    this.#element.hidden = true;
    this.#gutter.hidden = true;
  }

  #count() {
    const lines = this.text ? this.text.split("\n").length : 0;
    if (lines === this.#lines) return;
    this.#lines = lines;
    this.#marked = new Set();
    this.#draw();
  }

  #draw() {
    const parts = [];
    let plain = "";
    for (let line = 1; line <= this.#lines; line++) {
      if (!this.#marked.has(line)) {
        plain += `${line}\n`;
        continue;
      }
      const marked = document.createElement("span");
      marked.className = "marked";
      marked.textContent = `${line}\n`;
      parts.push(plain, marked);
      plain = "";
    }
    this.#gutter.replaceChildren(...parts, plain + (this.#lines ? "\n" : ""));
    this.#gutter.scrollTop = this.#element.scrollTop;
  }
}
