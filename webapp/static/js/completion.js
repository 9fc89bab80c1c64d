// Completion of plugins' names, of parameters and of the document's own members, and what is said of them under the mouse.

import { startCompletion, syntaxTree } from "../dist/editor.js";
import { partOf } from "./catalogue.js";
import { member, partAround, placeAt, plainText, pluginAround } from "./places.js";

export class Completion {
  #catalogue = null;
  #about;

  constructor(about, catalogue) {
    this.#about = about;
    catalogue.then((found) => (this.#catalogue = found));
  }

  /** CodeMirror's source of completions. */
  complete = (context) => {
    const place = this.#catalogue && placeAt(context.state, syntaxTree(context.state), context.pos);
    if (!place || (!place.token && !context.explicit)) return null;
    const options = place.role === "name" ? this.#names(context.state, place) : this.#values(context.state, place);
    if (!options.length) return null;
    const quoted = place.token && /["']/.test(context.state.sliceDoc(place.token.from, place.token.from + 1));
    return { from: place.token ? place.token.from + (quoted ? 1 : 0) : context.pos, options, validFor: /^[\w.$-]*$/ };
  };

  /** CodeMirror's source of what a hovered word means. */
  explain = (view, at, side) => {
    const place = this.#catalogue && placeAt(view.state, syntaxTree(view.state), side > 0 ? at + 1 : at);
    const dom = place?.token && this.#meaning(view.state, place);
    return dom ? { pos: place.token.from, end: place.token.to, above: true, create: () => ({ dom }) } : null;
  };

  #meaning(state, { role, path, token, object }) {
    const word = plainText(state, token);
    if (role === "name") {
      const found = this.#members(state, path, object).find(({ name }) => name === word);
      return found && this.#about.parameter(found);
    }
    const plugin = isPluginName(path) && this.#catalogue.plugin(partOf(path), word);
    return plugin ? this.#about.plugin(plugin) : null;
  }

  #members(state, path, node) {
    return this.#catalogue.members(path, pluginAround(state, node));
  }

  #names(state, { path, object, token }) {
    const taken = new Set(object.getChildren("Property").filter(({ from }) => from !== token?.from).map((each) => plainText(state, each.firstChild)));
    const part = partOf(path);
    const template = part && this.#catalogue.plugin(part, pluginAround(state, object))?.template.parameter;
    return this.#members(state, path, object)
      .filter(({ name }) => !taken.has(name))
      .map((parameter) => ({
        label: parameter.name,
        detail: this.#about.detail(parameter),
        boost: parameter.required ? 2 : 0,
        info: () => this.#about.parameter(parameter),
        apply: (view) => insertName(view, parameter, path.length === 4 ? template?.[parameter.name] : undefined),
      }));
  }

  #values(state, { path, object }) {
    if (isPluginName(path)) return this.#catalogue.ofKind(partOf(path)).map((plugin) => this.#plugin(plugin));
    const about = this.#members(state, path.slice(0, -1), object).find(({ name }) => name === path.at(-1));
    return about ? suggested(about).map((value) => ({ label: written(value), apply: (view) => insertValue(view, value) })) : [];
  }

  #plugin(plugin) {
    return {
      label: plugin.name,
      detail: plugin.engines.join(", "),
      boost: plugin.engines.length ? 2 : 0,
      info: () => this.#about.plugin(plugin),
      apply: (view) => insertPlugin(view, plugin),
    };
  }
}

function isPluginName(path) {
  return path.length === 4 && path[3] === "name" && partOf(path) !== null;
}

function suggested({ types, choices, default: usual }) {
  const values = choices.filter((choice) => !choice.endsWith("*"));
  if (types.includes("boolean")) values.push(true, false);
  if (usual !== null && !values.includes(usual)) values.push(usual);
  return values;
}

function written(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function insertName(view, parameter, example) {
  const place = placeNow(view);
  if (!place) return;
  const label = JSON.stringify(parameter.name);
  if (place.token?.parent.getChild(":")) return put(view, place, label, label.length);
  const value = JSON.stringify(example ?? parameter.default ?? empty(parameter), null, 2).replaceAll("\n", `\n${indentation(view)}`);
  const text = `${label}: ${value}`;
  const inner = /^["[{]/.test(value) && value.length > 1 ? 1 : 0;
  put(view, place, text + comma(view, place), text.length - value.length + inner, text.length - inner);
  if (suggested(parameter).length) startCompletion(view);
}

function insertValue(view, value) {
  const place = placeNow(view);
  if (!place) return;
  const text = JSON.stringify(value);
  put(view, place, text + comma(view, place), text.length);
}

/** The name, and where the part has no parameters yet those that it needs. */
function insertPlugin(view, plugin) {
  const place = placeNow(view);
  if (!place) return;
  const part = partAround(view.state, place.object);
  const label = JSON.stringify(plugin.name);
  if (part && member(view.state, part, "parameter")) return put(view, place, label + comma(view, place), label.length);
  const indent = indentation(view);
  const more = JSON.stringify(plugin.template.parameter ?? {}, null, 2).replaceAll("\n", `\n${indent}`);
  put(view, place, `${label},\n${indent}"parameter": ${more}${comma(view, place)}`, label.length);
}

function placeNow(view) {
  return placeAt(view.state, syntaxTree(view.state), view.state.selection.main.head);
}

function put(view, place, insert, anchor, head = anchor) {
  const at = view.state.selection.main.head;
  const { from, to } = place.token ?? { from: at, to: at };
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + anchor, head: from + head },
    userEvent: "input.complete",
    scrollIntoView: true,
  });
}

/** A comma where another member follows. */
function comma(view, { token }) {
  const rest = view.state.sliceDoc(token?.to ?? view.state.selection.main.head, undefined).slice(0, 2000);
  return /^\s*["'\w]/.test(rest) ? "," : "";
}

function indentation(view) {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  return /^[ \t]*/.exec(line.text)[0];
}

function empty({ types }) {
  return { array: [], object: {}, integer: 0, number: 0, boolean: true }[types[0]] ?? "";
}
