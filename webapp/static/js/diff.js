// Two versions of a document beside each other, or in one column, in place of the lines that came with the page.

import { EditorState, EditorView, MergeView, json, lineNumbers, unifiedMergeView } from "../dist/diff.js";
import { palette } from "./palette.js";

const marks = EditorView.theme({
  "&": { height: "auto" },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--bad-ground)" },
  "&.cm-merge-b .cm-changedLine, .cm-changedLine": { backgroundColor: "var(--good-ground)" },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": { background: "color-mix(in srgb, var(--bad) 30%, transparent)" },
  "&.cm-merge-b .cm-changedText": { background: "color-mix(in srgb, var(--good) 30%, transparent)" },
  ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: '"⋯"' },
  ".cm-collapsedLines": { background: "var(--sunken)", color: "var(--muted)", padding: "0.2rem 0.9rem" },
});

const box = document.getElementById("diff");
if (box) show(await texts());

async function texts() {
  const answers = await Promise.all([fetch(box.dataset.old), fetch(box.dataset.new)]);
  if (answers.some((answer) => !answer.ok)) return null;
  return Promise.all(answers.map(async (answer) => (await answer.json()).job));
}

// Where they cannot be had, the lines of the page stay.
function show(pair) {
  if (!pair) return;
  const [beside, below] = ["beside", "below"].map((name) => box.querySelector(`[data-${name}]`));
  const place = box.querySelector(".diff");
  const draw = (side) => {
    beside.ariaPressed = String(side);
    below.ariaPressed = String(!side);
    const host = document.createElement("div");
    host.className = "diff-host";
    place.replaceChildren(host);
    (side ? sideBySide : oneColumn)(host.attachShadow({ mode: "open" }), pair);
  };
  beside.hidden = below.hidden = false;
  beside.addEventListener("click", () => draw(true));
  below.addEventListener("click", () => draw(false));
  draw(matchMedia("(min-width: 56rem)").matches);
}

function sideBySide(root, [old, fresh]) {
  const { oldLabel, newLabel } = box.dataset;
  const view = new MergeView({
    a: { doc: old, extensions: looks(oldLabel) },
    b: { doc: fresh, extensions: looks(newLabel) },
    parent: root,
    root,
    gutter: true,
    collapseUnchanged: { margin: 3, minSize: 4 },
  });
  return view;
}

function oneColumn(root, [old, fresh]) {
  const changes = unifiedMergeView({ original: old, mergeControls: false, gutter: true, collapseUnchanged: { margin: 3, minSize: 4 } });
  return new EditorView({ doc: fresh, extensions: [...looks(box.dataset.newLabel), changes], parent: root, root });
}

function looks(label) {
  return [
    json(),
    lineNumbers(),
    EditorState.readOnly.of(true),
    EditorState.phrases.of({ "$ unchanged lines": box.dataset.unchanged }),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    EditorView.lineWrapping,
    palette,
    marks,
  ];
}
