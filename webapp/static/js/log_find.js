// Searches the whole log, also where it is not in the page, and goes from one line that was found to the next.

const PAUSE_MILLISECONDS = 300;
const PAGE_LINES = 1000;
// Who has found so many types more of what is looked for.
const MOST_LINES = 10000;
const MOST_MARKS = 2000;
const language = document.documentElement.lang;
const number = new Intl.NumberFormat(language);

export class Finder {
  #log;
  #box;
  #form;
  #field;
  #said;
  #search = new AbortController();
  #lines = [];
  #more = false;
  #at = -1;

  constructor(log, box, form) {
    this.#log = log;
    this.#box = box;
    this.#form = form;
    this.#field = form.elements.text;
    this.#said = form.querySelector("[role=status]");
    let pause = 0;
    this.#field.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => this.#begin(), PAUSE_MILLISECONDS);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(pause);
      if (this.#field.value !== this.#form.dataset.searched) this.#begin();
      else this.#go(1);
    });
    form.addEventListener("keydown", (event) => this.#pressed(event));
    form.querySelector("[data-previous]").addEventListener("click", () => this.#go(-1));
    form.querySelector("[data-error]").addEventListener("click", () => this.#firstError());
    box.addEventListener("rows", () => this.#highlight());
  }

  #pressed(event) {
    if (event.target !== this.#field) return;
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      this.#go(-1);
    } else if (event.key === "Escape" && this.#field.value) {
      event.preventDefault();
      this.#field.value = "";
      this.#begin();
    }
  }

  async #begin() {
    const text = this.#field.value;
    this.#form.dataset.searched = text;
    const signal = this.#reset();
    this.#highlight();
    if (!text) return this.#tell("");
    await this.#through({ text, limit: PAGE_LINES }, signal, () => this.#at < 0 && this.#go(1));
    if (!signal.aborted) this.#told();
  }

  async #firstError() {
    const signal = this.#reset();
    await this.#through({ level: "error", limit: 1 }, signal, () => this.#search.abort());
    if (this.#lines.length > 0) {
      this.#tell("");
      await this.#visit(this.#lines[0]);
    } else if (!signal.aborted) this.#tell(this.#said.dataset.noError);
  }

  #reset() {
    this.#search.abort();
    this.#search = new AbortController();
    this.#lines = [];
    this.#at = -1;
    return this.#search.signal;
  }

  // Asks page by page, each of which is a bounded part of the log.
  async #through(wanted, signal, found) {
    let offset = 0;
    this.#more = true;
    try {
      while (this.#more && !signal.aborted) {
        const page = await this.#log.reader.search({ ...wanted, offset }, signal);
        offset = page.next_offset;
        // The line where one page ends and the next begins may be in both.
        this.#lines.push(...page.lines.map(({ line }) => line).filter((line) => line !== this.#lines.at(-1)));
        this.#more = !page.complete && this.#lines.length < MOST_LINES;
        if (this.#lines.length > 0) found();
        else this.#tell(this.#said.dataset.searching.replace("{}", Math.floor((100 * offset) / page.size)));
      }
    } catch (error) {
      if (error.name !== "AbortError") this.#tell(this.#said.dataset.lost);
    }
  }

  async #go(step) {
    const count = this.#lines.length;
    if (count === 0) return;
    this.#at = (this.#at + step + count) % count;
    this.#told();
    await this.#visit(this.#lines[this.#at]);
  }

  async #visit(line) {
    history.replaceState(history.state, "", `#log-L${line}`);
    await this.#log.show(line);
  }

  #told() {
    const { none, place } = this.#said.dataset;
    const count = number.format(this.#lines.length) + (this.#more || this.#lines.length >= MOST_LINES ? "+" : "");
    this.#tell(this.#lines.length === 0 ? none : place.replace("{at}", number.format(this.#at + 1)).replace("{count}", count));
  }

  #tell(words) {
    this.#said.textContent = words;
  }

  // What is looked for, in the lines that are in the page. A browser that cannot mark text without changing it marks the line alone.
  #highlight() {
    if (!globalThis.Highlight) return;
    const marks = new Highlight();
    const wanted = (this.#form.dataset.searched ?? "").toLowerCase();
    if (wanted) for (const range of ranges(this.#box, wanted)) marks.add(range);
    CSS.highlights.set("log-found", marks);
  }
}

function* ranges(box, wanted) {
  const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  let count = 0;
  while (texts.nextNode() && count < MOST_MARKS) {
    const text = texts.currentNode.data.toLowerCase();
    for (let at = text.indexOf(wanted); at >= 0 && count < MOST_MARKS; at = text.indexOf(wanted, at + wanted.length)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, at);
      range.setEnd(texts.currentNode, Math.min(at + wanted.length, texts.currentNode.length));
      count++;
      yield range;
    }
  }
}
