// The strings of a job document, found without reading the rest of it: it may be unfinished, and it may be long.

const MARK = /["']|\/[/*]/g;
const PLACE = /\$\{([^${}\r\n]{1,100})\}/g;

/** The names of the `${name}` places in strings, each once, in the order of the text; comments hold none. */
export function placesIn(text, most) {
  const names = new Set();
  if (!text.includes("${")) return names;
  for (const string of stringsOf(text)) {
    if (!string.includes("${")) continue;
    for (const [, name] of string.matchAll(PLACE)) {
      names.add(name);
      if (names.size === most) return names;
    }
  }
  return names;
}

function* stringsOf(text) {
  MARK.lastIndex = 0;
  for (let found = MARK.exec(text); found; found = MARK.exec(text)) {
    const from = found.index;
    const comment = found[0].length > 1;
    MARK.lastIndex = comment ? endOfComment(text, from) : endOfString(text, from);
    if (!comment) yield text.slice(from + 1, MARK.lastIndex);
  }
}

function endOfComment(text, from) {
  const end = text[from + 1] === "/" ? text.indexOf("\n", from) : text.indexOf("*/", from + 2) + 1;
  return end > 0 ? end + 1 : text.length;
}

function endOfString(text, from) {
  for (let at = text.indexOf(text[from], from + 1); at >= 0; at = text.indexOf(text[from], at + 1)) {
    let slashes = at;
    while (text[slashes - 1] === "\\") slashes--;
    if ((at - slashes) % 2 === 0) return at + 1;
  }
  return text.length;
}
