// The rows of names and values, and a row for each ${name} that the document holds.

import { placesIn } from "./strings.js";

const MOST_OFFERED = 50;

export class Parameters {
  #box;
  #add;
  #wanted = new Set();
  #secrets;

  constructor(box, secrets) {
    this.#box = box;
    this.#secrets = secrets;
    this.#add = box.querySelector("#add-param");
    this.#add.hidden = false;
    this.#add.addEventListener("click", () => this.#append().querySelector("input").focus());
    box.addEventListener("click", (event) => this.#remove(event));
    box.addEventListener("input", () => this.#veil());
    for (const row of this.#rows()) row.querySelector(".remove").hidden = false;
    this.#veil();
  }

  onChange(listener) {
    this.#box.addEventListener("input", listener);
  }

  /** What the API's `params` would be; null when the JSON cannot be read. */
  values() {
    const json = this.#box.querySelector("[name=params]").value.trim();
    try {
      const values = json ? JSON.parse(json) : {};
      for (const { name, value } of this.#filled()) values[name] = value;
      return values;
    } catch {
      return null;
    }
  }

  /** Whether every place of the document has a value. */
  complete() {
    const values = this.values() ?? {};
    return [...this.#wanted].every((name) => (values[name] ?? "") !== "");
  }

  /** The names and values as they stand. */
  get rows() {
    return this.#filled();
  }

  /** Puts values back into their rows. */
  restore(rows) {
    for (const { name, value } of rows) {
      const row = this.#rows().find((one) => fields(one).name === name) ?? this.#free();
      row.querySelector("[name=param_name]").value = name;
      row.querySelector("[name=param_value]").value = value;
    }
  }

  /** Makes a row for every place in the text that has none, and takes away those it made for places now gone. */
  offer(text) {
    this.#wanted = placesIn(text, MOST_OFFERED);
    const missing = new Set(this.#wanted);
    for (const row of this.#rows()) {
      const { name, value } = fields(row);
      if (row.dataset.offered && row.dataset.offered === name && !value && !missing.has(name)) row.remove();
      missing.delete(name);
    }
    for (const name of missing) this.#offerOne(name);
    this.#veil();
  }

  /** Shows dots in place of a value whose name is a secret's. */
  #veil() {
    for (const row of this.#rows()) {
      row.querySelector("[name=param_value]").type = this.#secrets.isName(fields(row).name) ? "password" : "text";
    }
  }

  #offerOne(name) {
    const row = this.#free();
    row.querySelector("[name=param_name]").value = name;
    row.dataset.offered = name;
  }

  #free() {
    return this.#rows().find((one) => !fields(one).name && !fields(one).value) ?? this.#append();
  }

  #append() {
    const row = this.#box.querySelector("#param-row").content.firstElementChild.cloneNode(true);
    row.querySelector(".remove").hidden = false;
    this.#add.before(row);
    return row;
  }

  #remove(event) {
    const row = event.target.closest(".remove")?.parentElement;
    if (!row) return;
    row.remove();
    this.#add.focus();
    this.#box.dispatchEvent(new Event("input"));
  }

  #rows() {
    return [...this.#box.querySelectorAll(".param")];
  }

  #filled() {
    return this.#rows().map(fields).filter(({ name, value }) => name || value);
  }
}

function fields(row) {
  return {
    name: row.querySelector("[name=param_name]").value.trim(),
    value: row.querySelector("[name=param_value]").value,
  };
}
