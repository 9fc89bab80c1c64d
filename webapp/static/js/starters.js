// A new job from a reader and a writer, with the parameters that both need.

const PLACE = /\$\{([^${}\r\n]+)\}/g;

export class Starters {
  #box;
  #catalogue;
  #editor;

  constructor(box, catalogue, editor) {
    this.#box = box;
    this.#catalogue = catalogue;
    this.#editor = editor;
    for (const kind of ["reader", "writer"]) this.#fill(this.#select(kind), kind);
    box.querySelector("button").addEventListener("click", () => this.#insert());
  }

  #select(kind) {
    return this.#box.querySelector(`[data-kind=${kind}]`);
  }

  #fill(select, kind) {
    const { here, elsewhere } = this.#box.dataset;
    const plugins = this.#catalogue.ofKind(kind).toSorted((one, other) => one.name.localeCompare(other.name));
    for (const [label, ready] of [[here, true], [elsewhere, false]]) {
      const group = document.createElement("optgroup");
      group.label = label;
      const named = plugins.filter((plugin) => plugin.engines.length > 0 === ready);
      group.append(...named.map(({ name }) => new Option(name, name, name === `stream${kind}`, name === `stream${kind}`)));
      if (named.length) select.append(group);
    }
  }

  #insert() {
    const [reader, writer] = ["reader", "writer"].map((kind) => this.#catalogue.plugin(kind, this.#select(kind).value).template);
    this.#editor.text = `${JSON.stringify(jobOf(reader, writer), null, 2)}\n`;
    this.#editor.focus();
  }
}

function jobOf(reader, writer) {
  const shared = both(reader, writer);
  const content = { reader: renamed(reader, shared, "source"), writer: renamed(writer, shared, "target") };
  return { job: { setting: { speed: { channel: 1 }, errorLimit: { record: 0 } }, content: [content] } };
}

/** The places that reader and writer name alike, but which are two things: each side's password. */
function both(reader, writer) {
  const [ours, theirs] = [reader, writer].map((part) => new Set(Array.from(JSON.stringify(part).matchAll(PLACE), ([, name]) => name)));
  return new Set([...ours].filter((name) => theirs.has(name)));
}

function renamed(part, shared, side) {
  const rename = (whole, name) => (shared.has(name) ? `\${${side}_${name}}` : whole);
  return JSON.parse(JSON.stringify(part), (_key, value) => (typeof value === "string" ? value.replace(PLACE, rename) : value));
}
