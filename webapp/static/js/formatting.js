// The button that sets the document's lines anew.

import { ensureSyntaxTree } from "../dist/editor.js";
import { formatted } from "./format.js";

const LONGEST_MS = 10_000;

export class Format {
  constructor(button, note, rich) {
    button.addEventListener("click", () => {
      const done = format(rich.view);
      note.textContent = done ? "" : button.dataset.refused;
      note.hidden = done;
    });
  }
}

function format(view) {
  const { doc } = view.state;
  const tree = ensureSyntaxTree(view.state, doc.length, LONGEST_MS);
  const text = doc.toString();
  const insert = tree && formatted(text, tree);
  if (!insert) return text.trim() === "";
  if (insert === text) return true;
  view.dispatch({ changes: { from: 0, to: doc.length, insert }, selection: { anchor: 0 }, scrollIntoView: true, userEvent: "input.format" });
  view.focus();
  return true;
}
