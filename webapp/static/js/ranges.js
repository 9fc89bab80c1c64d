// Where in an editor's text a problem stands that the server found.

const WORDS = new Set(["String", "Number", "Word", "True", "False", "Null", "PropertyName"]);
// What is underlined need not be longer than what is read.
const LONGEST = 200;

/** The part of the text to underline for a line and a column, both counted from 1, columns in characters and not in halves of them. */
export function rangeOf(state, syntaxTree, { line, column }) {
  const row = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  const from = Math.min(row.from + halves(row.text, (column ?? 1) - 1 + hidden(row)), row.to);
  const node = syntaxTree(state).resolveInner(from, 1);
  const named = nameOf(node, row);
  if (named) return named;
  const end = WORDS.has(node.name) && node.from === from ? node.to : from + 1;
  return { from, to: Math.min(end, row.to, from + LONGEST) };
}

/** An object or a list that is some member's value is underlined by the member's name: a bracket alone is hardly seen. */
function nameOf(node, row) {
  const name = /^[{[]$/.test(node.name) && node.parent.parent?.name === "Property" && node.parent.parent.firstChild;
  return name && name.from >= row.from ? { from: name.from, to: Math.min(name.to, name.from + LONGEST) } : null;
}

// The server does not count a byte order mark.
function hidden(row) {
  return row.number === 1 && row.text.startsWith("\ufeff") ? 1 : 0;
}

function halves(text, characters) {
  let at = 0;
  for (let left = characters; left > 0 && at < text.length; left--) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}
