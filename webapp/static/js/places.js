// Where in a document the cursor stands, read from the editor's tree, which is there for an unfinished document too.

const KEPT_WORDS = new Set(["String", "Word", "True", "False", "Null", "Number"]);

/**
 * The place at a position: `role` is "name" or "value", `path` the names that lead to the object (of a name) or to the member (of a value),
 * `token` the node that is being written, `object` the object around it. Null in comments, and outside of every object.
 */
export function placeAt(state, tree, at) {
  let node = tree.resolveInner(at, -1);
  if (/Comment/.test(node.name)) return null;
  let token = null;
  if (node.parent?.name === "PropertyName") node = node.parent;
  if (node.name === "PropertyName" || KEPT_WORDS.has(node.name)) {
    if (behind(state, node, at)) return null;
    token = node;
    node = node.parent;
  }
  if (token?.name === "PropertyName") return name(state, node.parent, token);
  while (!["Property", "Object", "Array", "JobDocument"].includes(node.name)) node = node.parent;
  if (node.name === "Object") return token || closed(node, at) ? null : name(state, node, null);
  if (node.name !== "Property" || (!token && node.lastChild?.name !== ":")) return null;
  return { role: "value", path: pathOf(state, node), token, object: node.parent };
}

/** The text of a token without its quotes. */
export function plainText(state, token) {
  const text = state.sliceDoc(token.from, token.to);
  return text.replace(/^(["'])([\s\S]*)\1$/, "$2").replace(/^["']/, "");
}

/** The names that lead to a property or an object, from the outside in. */
export function pathOf(state, node) {
  const path = [];
  for (let each = node; each; each = each.parent) {
    if (each.name === "Property") path.unshift(plainText(state, each.firstChild));
  }
  return path;
}

/** A member of an object by its name. */
export function member(state, object, wanted) {
  return object.getChildren("Property").find((each) => plainText(state, each.firstChild) === wanted) ?? null;
}

/** The object of the reader, writer or transformer that a node stands in: the outermost one below that name. */
export function partAround(state, node) {
  let object = null;
  for (let each = node; each; each = each.parent) {
    if (each.name === "Object") object = each;
    if (each.name === "Property" && pathOf(state, each).length === 3) return object;
  }
  return null;
}

/** The plugin's name in the part that a node stands in. */
export function pluginAround(state, node) {
  const part = partAround(state, node);
  const found = part && member(state, part, "name")?.getChild("String");
  return found ? plainText(state, found) : null;
}

function name(state, object, token) {
  return { role: "name", path: pathOf(state, object), token, object };
}

function behind(state, token, at) {
  const quoted = /["']/.test(state.sliceDoc(token.from, token.from + 1));
  const ended = quoted && token.to - token.from > 1 && state.sliceDoc(token.to - 1, token.to) === state.sliceDoc(token.from, token.from + 1);
  return ended && at === token.to;
}

function closed(object, at) {
  return object.lastChild?.name === "}" && at >= object.to;
}
