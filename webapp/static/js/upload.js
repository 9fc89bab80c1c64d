// A chosen or dropped file goes into the editor; one that is large for a text area or is not UTF-8 text is sent as it is.

const SHOWN_BYTES = 1024 * 1024;

export class Upload {
  #input;
  #note;
  #editor;
  #named = () => {};

  constructor(input, note, editor) {
    this.#input = input;
    this.#note = note;
    this.#editor = editor;
    input.addEventListener("change", () => this.#take());
    // What is typed after a file was attached is what is meant.
    editor.onInput(() => this.#detach());
  }

  get attached() {
    return this.#input.files[0];
  }

  onName(listener) {
    this.#named = listener;
  }

  /** Lets files be dropped there, and pasted. */
  accept(place) {
    const over = (on) => (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      place.classList.toggle("over", on);
    };
    place.addEventListener("dragover", over(true));
    place.addEventListener("dragleave", over(false));
    place.addEventListener("drop", (event) => {
      over(false)(event);
      this.#receive(event.dataTransfer.files);
    });
    place.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) event.preventDefault();
      this.#receive(event.clipboardData.files);
    });
  }

  #receive(files) {
    if (!files.length) return;
    this.#input.files = files;
    this.#take();
  }

  async #take() {
    const file = this.attached;
    if (!file) return this.#say("");
    const { limit, tooLarge, attached } = this.#input.dataset;
    if (file.size > Number(limit)) {
      this.#input.value = "";
      return this.#say(`${file.name}: ${tooLarge}`);
    }
    this.#named(file.name.replace(/\.[^.]*$/, ""));
    const shown = this.#editor.rich || file.size <= SHOWN_BYTES;
    const text = shown ? decoded(await file.arrayBuffer()) : null;
    if (text === null) return this.#say(`${attached} ${file.name}`);
    this.#editor.text = text;
  }

  #detach() {
    this.#input.value = "";
    this.#say("");
  }

  #say(words) {
    this.#note.textContent = words;
    this.#note.hidden = !words;
  }
}

function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
