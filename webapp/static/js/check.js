// Asks the server what is wrong with the document, and shows each problem beside its place.

export class Check {
  #button;
  #box;
  #parts;

  constructor(button, box, parts) {
    this.#button = button;
    this.#box = box;
    this.#parts = parts;
    button.hidden = false;
    button.addEventListener("click", () => this.#run());
    box.addEventListener("click", (event) => this.#jump(event));
    this.#mark();
  }

  async #run() {
    if (this.#button.ariaBusy === "true") return;
    this.#button.ariaBusy = "true"; // not disabled: that would take the focus from it
    this.#say(this.#box.dataset.checking);
    try {
      this.#show(await this.#ask());
    } catch (error) {
      this.#say(`${this.#box.dataset.failed} ${error.message}`);
    } finally {
      this.#button.ariaBusy = "false";
    }
  }

  async #ask() {
    const { editor, upload, parameters } = this.#parts;
    const job = upload.attached ? await upload.attached.text() : editor.text;
    const params = parameters.values();
    const answer = await fetch(this.#button.dataset.url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
      },
      body: JSON.stringify(params ? { job, params } : { job }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail);
    return body.problems;
  }

  #show(problems) {
    if (!problems.length) return this.#say(this.#box.dataset.none, "good");
    const list = document.createElement("ol");
    list.className = "problems";
    list.append(...problems.map((problem) => this.#item(problem)));
    this.#box.replaceChildren(list);
    this.#mark();
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

  #mark() {
    const places = [...this.#box.querySelectorAll("a.place")];
    this.#parts.editor.mark(places.map((place) => Number(place.dataset.line)));
  }

  #say(words, mood = "") {
    this.#box.replaceChildren(element("p", `summary ${mood}`, words));
    this.#mark();
  }
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
