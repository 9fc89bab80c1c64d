// What is said of a plugin or a parameter beside the list of completions and under the mouse.

export class About {
  #words;

  constructor(words) {
    this.#words = words;
  }

  /** The line beside a name in the list. */
  detail({ types, required }) {
    return `${types.join(" | ")}${required ? ` · ${this.#words.required}` : ""}`;
  }

  parameter(parameter) {
    const box = this.#box(parameter.name, this.#facts(parameter), parameter.description);
    if (parameter.default !== null) box.append(this.#line(this.#words.default, [JSON.stringify(parameter.default)]));
    if (parameter.choices.length) box.append(this.#line(this.#words.choices, parameter.choices));
    if (parameter.members.length) box.append(this.#line(this.#words.members, parameter.members.map(({ name }) => name)));
    return box;
  }

  plugin(plugin) {
    const { engines, none } = this.#words;
    const box = this.#box(plugin.name, plugin.kind, plugin.description);
    box.append(this.#line(engines, plugin.engines.length ? plugin.engines : [none]));
    const required = plugin.parameters.filter((parameter) => parameter.required).map(({ name }) => name);
    if (required.length) box.append(this.#line(this.#words.needs, required));
    return box;
  }

  #facts({ types, required }) {
    return `${types.join(" | ")} · ${required ? this.#words.required : this.#words.optional}`;
  }

  #box(name, facts, description) {
    const box = element("div", "about");
    box.append(element("b", "", name), " ", element("span", "facts", facts));
    if (description) box.append(element("p", "", description));
    return box;
  }

  #line(label, values) {
    const line = element("p", "facts", `${label} `);
    for (const [index, value] of values.entries()) line.append(index ? " " : "", element("code", "", value));
    return line;
  }
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
