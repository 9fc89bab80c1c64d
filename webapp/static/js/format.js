// Sets a document's lines anew. Only the space between its words changes: comments, quotes and numbers stay as they were written.

const INDENT = "  ";
// What has nothing nested in it stays on one line up to here.
const WIDTH = 100;
const WORDS = new Set(["String", "PropertyName", "Number", "Word", "True", "False", "Null", "LineComment", "BlockComment", "{", "}", "[", "]", ":", ","]);

/** The document as it should look, or null where something in it cannot be read. `tree` must be of the whole text. */
export function formatted(text, tree) {
  const words = wordsOf(text, tree);
  if (!words || !matched(words)) return null;
  const layout = new Layout();
  for (const word of words) layout.add(word);
  return `${layout.text.trim()}\n`;
}

function wordsOf(text, tree) {
  const words = [];
  let broken = false;
  tree.iterate({
    enter(node) {
      if (node.type.isError) broken = true;
      if (!WORDS.has(node.name)) return true;
      const before = text.slice(words.at(-1)?.to ?? 0, node.from);
      words.push({ kind: node.name, text: text.slice(node.from, node.to), from: node.from, to: node.to, alone: before.includes("\n") });
      return false;
    },
  });
  return broken ? null : words;
}

/** Tells each opening bracket whether all up to its end fits on its line. False where brackets do not match. */
function matched(words) {
  const open = [];
  for (const word of words) {
    if (word.kind === "{" || word.kind === "[") {
      if (open.length) open.at(-1).nested = true;
      open.push(Object.assign(word, { width: 0, nested: false, empty: true }));
      if (open.length > 1) open.at(-2).empty = false;
    } else if (word.kind === "}" || word.kind === "]") {
      const opened = open.pop();
      if (!opened || opened.kind !== (word.kind === "}" ? "{" : "[")) return false;
      opened.flat = opened.empty || (!opened.nested && !opened.commented && opened.width <= WIDTH);
    } else if (open.length) {
      const inner = open.at(-1);
      inner.empty = false;
      inner.width += word.text.length + 1;
      inner.commented ||= word.kind.endsWith("Comment");
    }
  }
  return open.length === 0;
}

class Layout {
  text = "";
  #open = [];
  #last = null;

  add(word) {
    const closes = word.kind === "}" || word.kind === "]";
    const opened = closes ? this.#open.pop() : null;
    this.text += this.#gap(word, opened) + word.text;
    if (word.kind === "{" || word.kind === "[") this.#open.push(word);
    this.#last = word;
  }

  /** What stands between the word before and this one. */
  #gap(word, opened) {
    const last = this.#last;
    if (!last) return "";
    if (last.kind === "LineComment" || (word.kind.endsWith("Comment") && word.alone)) return this.#line();
    if (word.kind.endsWith("Comment")) return " ";
    if (opened) return opened.flat ? "" : this.#line();
    if (word.kind === "," || word.kind === ":") return "";
    if (last.kind === ":") return " ";
    const around = this.#open.at(-1);
    if (around?.flat) return last === around ? "" : " ";
    return last.kind === "BlockComment" && !word.alone ? " " : this.#line();
  }

  #line() {
    return `\n${INDENT.repeat(this.#open.length)}`;
  }
}
