// Which engine `auto` would take for the document, and why each other one cannot run it.

export class Engines {
  #box;
  #line;

  constructor(box) {
    this.#box = box;
    this.#line = box.querySelector("#engine-choice");
  }

  /** The engine that is chosen in the form. */
  get asked() {
    return this.#box.querySelector("[name=engine]:checked")?.value ?? "auto";
  }

  onChoice(listener) {
    this.#box.addEventListener("change", listener);
  }

  /** What the check says of engines; nothing for null. */
  show(choice) {
    const { taken, nobody } = this.#line.dataset;
    this.#write(this.#line, choice && `${choice.name ? taken.replace("{name}", choice.name) : nobody} ${sentence(choice.reason)}`);
    for (const place of this.#box.querySelectorAll("[data-obstacle]")) {
      const found = choice?.others.find(({ name }) => name === place.dataset.obstacle);
      this.#write(place, found && `${place.dataset.label} ${found.reasons.join("; ")}`);
    }
  }

  #write(place, words) {
    if (place.textContent !== (words ?? "")) place.textContent = words ?? "";
    place.hidden = !words;
  }
}

function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
