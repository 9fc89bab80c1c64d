// The language of job documents for CodeMirror: what is coloured, folded and indented.
import { LRLanguage, LanguageSupport, continuedIndent, foldInside, foldNodeProp, indentNodeProp } from "@codemirror/language";
import { styleTags, tags } from "@lezer/highlight";
import { parser } from "./job.grammar";

const language = LRLanguage.define({
  name: "job",
  parser: parser.configure({
    props: [
      styleTags({
        "PropertyName!": tags.propertyName,
        String: tags.string,
        Number: tags.number,
        "True False": tags.bool,
        Null: tags.null,
        Word: tags.literal,
        LineComment: tags.lineComment,
        BlockComment: tags.blockComment,
        ": ,": tags.separator,
        "[ ]": tags.squareBracket,
        "{ }": tags.brace,
      }),
      indentNodeProp.add({
        Object: continuedIndent({ except: /^\s*\}/ }),
        Array: continuedIndent({ except: /^\s*\]/ }),
      }),
      foldNodeProp.add({ "Object Array": foldInside }),
    ],
  }),
  languageData: {
    closeBrackets: { brackets: ["[", "{", '"'] },
    commentTokens: { line: "//", block: { open: "/*", close: "*/" } },
    indentOnInput: /^\s*[}\]]$/,
  },
});

export const job = () => new LanguageSupport(language);
