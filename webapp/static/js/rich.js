// CodeMirror in place of the text area. It lives in a shadow tree: only there may a script bring style rules under our security policy.

import {
  EditorSelection,
  EditorState,
  EditorView,
  autocompletion,
  bracketMatching,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  defaultKeymap,
  drawSelection,
  foldGutter,
  foldKeymap,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSelectionMatches,
  highlightSpecialChars,
  history,
  historyKeymap,
  hoverTooltip,
  indentOnInput,
  indentWithTab,
  job,
  keymap,
  lineNumbers,
  lintGutter,
  lintKeymap,
  placeholder,
  search,
  searchKeymap,
  setDiagnostics,
  syntaxTree,
} from "../dist/editor.js";
import { palette } from "./palette.js";
import { rangeOf } from "./ranges.js";

// CodeMirror knows `info` where we say `advice`.
const SEVERITIES = { error: "error", warning: "warning", advice: "info" };

export class Rich {
  #view;
  #words;

  /** `complete` and `explain` are CodeMirror's sources of completions and of what is said of the thing under the mouse. */
  constructor(host, { text, cursor, onChange, label, hint, words, phrases, complete, explain }) {
    this.#words = words;
    const attributes = { "aria-label": label, "aria-description": hint, autocapitalize: "none", spellcheck: "false", tabindex: "0" };
    const state = EditorState.create({
      doc: text,
      selection: EditorSelection.cursor(Math.min(cursor ?? 0, text.length)),
      extensions: [
        EditorState.phrases.of(phrases),
        EditorView.contentAttributes.of(attributes),
        EditorView.domEventHandlers({ drop: holdsFiles, paste: holdsFiles }),
        EditorView.updateListener.of((update) => update.docChanged && onChange()),
        placeholder(words.placeholder),
        writing({ complete, explain }),
        looks(),
      ],
    });
    const root = host.attachShadow({ mode: "open" });
    this.#view = new EditorView({ state, parent: root, root });
    if (cursor !== null) this.#view.focus();
  }

  get text() {
    return this.#view.state.doc.toString();
  }

  /** Replaces everything; it can be undone. */
  set text(value) {
    const { doc } = this.#view.state;
    this.#view.dispatch({
      changes: { from: 0, to: doc.length, insert: value },
      selection: { anchor: 0 },
      scrollIntoView: true,
      userEvent: "input.replace",
    });
  }

  get length() {
    return this.#view.state.doc.length;
  }

  get view() {
    return this.#view;
  }

  focus() {
    this.#view.focus();
  }

  goTo(line, column) {
    const { from, to } = rangeOf(this.#view.state, syntaxTree, { line, column });
    this.#view.dispatch({
      selection: { anchor: from, head: to },
      effects: EditorView.scrollIntoView(from, { y: "center" }),
    });
    this.#view.focus();
  }

  show(problems) {
    const { state } = this.#view;
    const diagnostics = problems
      .filter((problem) => problem.line)
      .map((problem) => ({
        ...rangeOf(state, syntaxTree, problem),
        severity: SEVERITIES[problem.severity] ?? "error",
        source: this.#words[problem.severity],
        message: problem.message,
      }));
    this.#view.dispatch(setDiagnostics(state, diagnostics));
  }
}

// A file is taken by the page, which also knows its name, and not pasted as text.
function holdsFiles(event) {
  const data = event.dataTransfer ?? event.clipboardData;
  return Boolean(data?.files.length);
}

function writing({ complete, explain }) {
  return [
    job(),
    history(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    // The list is accepted as soon as it is seen: in a string Enter means nothing else.
    autocompletion({ override: [complete], icons: false, interactionDelay: 0 }),
    hoverTooltip(explain),
    EditorState.tabSize.of(2),
    // What Enter is for here: Ctrl with it submits the form.
    keymap.of(
      [
        ...closeBracketsKeymap,
        ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"),
        ...searchKeymap,
        ...historyKeymap,
        ...foldKeymap,
        ...completionKeymap,
        ...lintKeymap,
        indentWithTab,
      ],
    ),
  ];
}

function looks() {
  return [
    lintGutter(),
    lineNumbers(),
    foldGutter(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    // What changes the direction of a line, or cannot be seen at all, is shown as a sign.
    highlightSpecialChars(),
    drawSelection(),
    search({ top: true }),
    palette,
  ];
}
