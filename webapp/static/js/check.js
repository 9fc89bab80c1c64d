// Asks the server what is wrong with the document, on demand and as one types, and shows each problem at its place.

const AFTER_MS = 500;
// A longer document is looked at on demand only.
const LIVE_CHARACTERS = 1024 * 1024;

export class Check {
  #button;
  #box;
  #summary;
  #parts;
  #timer = 0;
  #asking = null;

  constructor(button, box, parts) {
    this.#button = button;
    this.#box = box;
    this.#summary = document.getElementById("problems-summary");
    this.#parts = parts;
    button.addEventListener("click", () => this.#run());
    box.addEventListener("click", (event) => this.#jump(event));
    parts.editor.show(this.#shown());
  }

  /** Looks when nothing has been typed for a moment. */
  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), AFTER_MS);
  }

  async #run() {
    clearTimeout(this.#timer);
    this.#button.ariaBusy = "true"; // not disabled: that would take the focus from it
    this.#say(this.#box.dataset.checking);
    try {
      await this.#ask(true);
    } catch (error) {
      if (error.name !== "AbortError") this.#say(`${this.#box.dataset.failed} ${error.message}`);
    } finally {
      this.#button.ariaBusy = "false";
    }
  }

  /** Nobody asked for it, so a failure is only worth a word where it stays: the next key tries again. */
  async #look() {
    const { editor, upload } = this.#parts;
    if (upload.attached) return;
    if (!editor.text.trim()) return this.#clear();
    if (editor.text.length > LIVE_CHARACTERS) return this.#say(this.#box.dataset.large);
    try {
      await this.#ask(false);
    } catch (error) {
      if (error.name !== "AbortError") this.#say(`${this.#box.dataset.failed} ${error.message}`);
    }
  }

  async #ask(demanded) {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const question = await this.#question(demanded);
    const answer = await fetch(this.#button.dataset.url, {
      method: "POST",
      signal: asking.signal,
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
      },
      body: JSON.stringify(question),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail);
    this.#show(body, question.params ? "none" : "noneYet");
  }

  /** While one types, a parameter that is still empty is no mistake yet. */
  async #question(demanded) {
    const { editor, upload, parameters, engines } = this.#parts;
    const job = upload.attached ? await upload.attached.text() : editor.text;
    const params = demanded || parameters.complete() ? parameters.values() : null;
    return { job, engine: engines.asked, ...(params && { params }) };
  }

  #show({ problems, engine }, none) {
    this.#parts.engines.show(engine);
    this.#parts.editor.show(problems);
    if (!problems.length) return this.#say(this.#box.dataset[none], "good");
    const list = document.createElement("ol");
    list.className = "problems";
    list.append(...problems.map((problem) => this.#item(problem)));
    this.#box.replaceChildren(list);
    this.#tell(this.#counted(problems), "");
  }

  #counted(problems) {
    return ["error", "warning", "advice"]
      .map((severity) => [this.#box.dataset[severity], problems.filter((problem) => problem.severity === severity).length])
      .filter(([, count]) => count)
      .map(([word, count]) => `${word}: ${count}`)
      .join(" · ");
  }

  #item({ severity, line, column, message, pointer }) {
    const item = element("li", `problem ${severity}`);
    item.append(element("span", "severity", this.#box.dataset[severity]), " ");
    if (line) item.append(this.#place(line, column ?? 1), " ");
    item.append(element("span", "message", message));
    if (pointer) item.append(" ", element("code", "pointer", pointer));
    return item;
  }

  #place(line, column) {
    const words = this.#box.dataset.place.replace("{line}", line).replace("{column}", column);
    const place = element("a", "place", words);
    place.href = `#L${line}`;
    place.dataset.line = line;
    place.dataset.column = column;
    return place;
  }

  #jump(event) {
    const place = event.target.closest("a.place");
    if (!place) return;
    event.preventDefault();
    this.#parts.editor.goTo(Number(place.dataset.line), Number(place.dataset.column));
  }

  /** The problems that came with the page. */
  #shown() {
    return [...this.#box.querySelectorAll(".problem")].map((item) => {
      const { line, column } = item.querySelector("a.place")?.dataset ?? {};
      const severity = ["advice", "warning"].find((name) => item.classList.contains(name)) ?? "error";
      return { line: Number(line), column: Number(column), severity, message: item.querySelector(".message").textContent };
    });
  }

  #clear() {
    this.#asking?.abort();
    this.#box.replaceChildren();
    this.#parts.editor.show([]);
    this.#parts.engines.show(null);
    this.#tell("", "");
  }

  #say(words, mood = "") {
    if (mood !== "good") this.#parts.editor.show([]);
    this.#box.replaceChildren();
    this.#tell(words, mood);
  }

  /** The one line that is read out: only when it says something else than before. */
  #tell(words, mood) {
    if (this.#summary.textContent !== words) this.#summary.textContent = words;
    this.#summary.className = `summary ${mood}`;
  }
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
