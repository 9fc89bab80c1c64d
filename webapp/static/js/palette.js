// How CodeMirror looks here: our own colours, which follow the theme of the page by themselves. No picture is used, as a page may show
// none that its server did not send; what a colour says is said by a shape as well.

import { EditorView, HighlightStyle, syntaxHighlighting, tags } from "../dist/editor.js";

const small = "0.8125rem";
const buttons = {
  font: "inherit",
  minHeight: "1.8rem",
  padding: "0.1rem 0.6rem",
  border: "1px solid var(--line-strong)",
  borderRadius: "var(--radius-small)",
  background: "var(--surface)",
  color: "var(--text)",
};
const underline = (style, colour) => ({ background: "none", paddingBottom: 0, textDecoration: `underline ${style} ${colour} 1.5px`, textUnderlineOffset: "3px" });
const marker = (sign, colour) => ({ content: "normal", "&::before": { content: `"${sign}"`, color: colour, fontWeight: 700 } });
const said = (colour) => ({ borderLeft: `4px solid ${colour}`, padding: "0.3rem 0.7rem" });

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "transparent", fontSize: small },
  "&.cm-focused": { outline: "none" }, // the element around it has one
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
  ".cm-content": { padding: "0.7rem 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 0.9rem 0 0.4rem" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  ".cm-placeholder": { color: "var(--muted)" },
  "& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: "color-mix(in srgb, var(--accent) 28%, transparent)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--text)" },
  // Long lines are scrolled below it.
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--muted)", borderRight: "1px solid var(--line)" },
  ".cm-foldPlaceholder": { background: "var(--still-ground)", border: "1px solid var(--line)", color: "var(--still)", padding: "0 0.4em" },
  "&.cm-focused .cm-matchingBracket": { background: "var(--good-ground)", outline: "1px solid var(--good)" },
  "&.cm-focused .cm-nonmatchingBracket": { background: "var(--bad-ground)", outline: "1px solid var(--bad)" },
  ".cm-selectionMatch": { background: "color-mix(in srgb, var(--busy) 18%, transparent)" },
  ".cm-searchMatch": { background: "var(--warn-ground)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch-selected": { background: "color-mix(in srgb, var(--warn) 40%, transparent)" },
  ".cm-specialChar": { color: "var(--bad)" },
  ".cm-panels": { background: "var(--surface)", color: "var(--text)", borderColor: "var(--line)", fontFamily: "var(--sans)" },
  ".cm-panel.cm-search": { padding: "0.4rem 2rem 0.4rem 0.7rem" },
  ".cm-panel.cm-search label": { fontSize: small, whiteSpace: "nowrap" },
  ".cm-textfield": { ...buttons, fontFamily: "var(--mono)", fontSize: small },
  ".cm-button": { ...buttons, backgroundImage: "none", fontSize: small, cursor: "pointer" },
  ".cm-button:active": { backgroundImage: "none", background: "var(--sunken)" },
  ".cm-panel button[name=close]": { color: "var(--text)", fontSize: "1.2rem", cursor: "pointer" },
  "button:focus-visible, input:focus-visible": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-tooltip": { maxWidth: "min(34rem, 90vw)", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-small)", background: "var(--surface)", color: "var(--text)", fontFamily: "var(--sans)", overflow: "hidden", boxShadow: "0 4px 16px rgb(0 0 0 / 0.18)" },
  ".cm-tooltip.cm-tooltip-autocomplete": { overflow: "visible" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: small, maxHeight: "16em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.15rem 0.5rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--accent)", color: "var(--on-accent)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal", fontFamily: "var(--sans)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: 700 },
  ".cm-completionInfo": { maxWidth: "22rem", padding: "0" },
  ".about": { padding: "0.5rem 0.7rem", fontSize: small, lineHeight: "1.45", overflowWrap: "anywhere", whiteSpace: "normal" },
  ".about b": { fontFamily: "var(--mono)" },
  ".about p": { margin: "0.25rem 0 0" },
  ".about .facts": { color: "var(--muted)" },
  ".about code": { fontFamily: "var(--mono)", background: "var(--sunken)", padding: "0 0.3em", borderRadius: "3px" },
  ".cm-lintRange-error": underline("wavy", "var(--bad)"),
  ".cm-lintRange-warning": underline("dashed", "var(--warn)"),
  ".cm-lintRange-info": underline("dotted", "var(--busy)"),
  ".cm-lintRange-active": { backgroundColor: "var(--warn-ground)" },
  ".cm-lintPoint-error::after": { borderBottomColor: "var(--bad)" },
  ".cm-lintPoint-warning::after": { borderBottomColor: "var(--warn)" },
  ".cm-lintPoint-info::after": { borderBottomColor: "var(--busy)" },
  ".cm-gutter-lint": { width: "1.5em" },
  ".cm-lint-marker": { width: "1em", height: "1.5em", textAlign: "center" },
  ".cm-lint-marker-error": marker("✕", "var(--bad)"),
  ".cm-lint-marker-warning": marker("▲", "var(--warn)"),
  ".cm-lint-marker-info": marker("i", "var(--busy)"),
  ".cm-diagnosticText": { fontSize: small, whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  ".cm-diagnosticSource": { fontSize: small, opacity: 1, color: "var(--muted)" },
  ".cm-diagnostic-error": said("var(--bad)"),
  ".cm-diagnostic-warning": said("var(--warn)"),
  ".cm-diagnostic-info": said("var(--busy)"),
  ".cm-panel.cm-panel-lint ul [aria-selected]": { background: "var(--sunken)" },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--link)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: tags.number, color: "var(--busy)" },
  { tag: [tags.bool, tags.null, tags.literal], color: "var(--warn)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.separator, tags.bracket], color: "var(--text)" },
]);

export const palette = [theme, syntaxHighlighting(colours)];
