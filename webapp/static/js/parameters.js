// The rows of names and values, and a row for each ${name} that the document holds.

const PLACE = /\$\{([^{}\s]{1,100})\}/g;
const MOST_OFFERED = 50;

export class Parameters {
  #box;
  #add;

  constructor(box) {
    this.#box = box;
    this.#add = box.querySelector("#add-param");
    this.#add.hidden = false;
    this.#add.addEventListener("click", () => this.#append().querySelector("input").focus());
    box.addEventListener("click", (event) => event.target.closest(".remove")?.parentElement.remove());
    for (const row of this.#rows()) row.querySelector(".remove").hidden = false;
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

  /** Makes a row for every place in the text that has none, and takes away those it made for places now gone. */
  offer(text) {
    const wanted = new Set([...text.matchAll(PLACE)].map((found) => found[1]).slice(0, MOST_OFFERED));
    for (const row of this.#rows()) {
      const { name, value } = fields(row);
      if (row.dataset.offered && row.dataset.offered === name && !value && !wanted.has(name)) row.remove();
      wanted.delete(name);
    }
    for (const name of wanted) this.#offerOne(name);
  }

  #offerOne(name) {
    const row = this.#rows().find((one) => !fields(one).name && !fields(one).value) ?? this.#append();
    row.querySelector("[name=param_name]").value = name;
    row.dataset.offered = name;
  }

  #append() {
    const row = this.#box.querySelector("#param-row").content.firstElementChild.cloneNode(true);
    row.querySelector(".remove").hidden = false;
    this.#add.before(row);
    return row;
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
