// CodeMirror's comparison of two documents.
export { MergeView, unifiedMergeView } from "@codemirror/merge";
export { json } from "@codemirror/lang-json";
export { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
export { EditorState } from "@codemirror/state";
export { EditorView, lineNumbers } from "@codemirror/view";
export { tags } from "@lezer/highlight";
