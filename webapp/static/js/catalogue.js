// What the server knows of plugins and their parameters, looked up by a place in the document.

const PARTS = ["reader", "writer", "transformer"];

export class Catalogue {
  constructor({ plugins, document }) {
    this.plugins = plugins;
    this.document = document;
  }

  static async load(url) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
    return new Catalogue(await answer.json());
  }

  ofKind(kind) {
    return this.plugins.filter((plugin) => plugin.kind === kind);
  }

  plugin(kind, name) {
    return this.plugins.find((plugin) => plugin.kind === kind && plugin.name === name);
  }

  /** What may stand in the object at a path of names; `plugin` is the name that the part of the document on this path has. */
  members(path, plugin) {
    const kind = partOf(path);
    if (!kind || path[3] !== "parameter") return below(this.document, path);
    return below(this.plugin(kind, plugin)?.parameters ?? [], path.slice(4));
  }
}

/** Which part of a job a path leads into: reader, writer or transformer. */
export function partOf(path) {
  return path[0] === "job" && path[1] === "content" && PARTS.includes(path[2]) ? path[2] : null;
}

function below(members, path) {
  return path.reduce((found, name) => found.find((member) => member.name === name)?.members ?? [], members);
}
