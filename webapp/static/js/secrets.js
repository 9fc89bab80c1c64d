// A text without its secrets, for what the browser keeps. The server's own rules decide what is sent; these are theirs in short.

// Space and comments, as much of them as anybody writes: what is bounded cannot be made slow.
const GAP = "(?:\\s|/\\*[^*]{0,200}\\*/|//[^\\n]{0,200}\\n){0,100}";
const NAME = new RegExp(`(?:(["'])([^"'\\\\\\r\\n]{1,100})\\1|(?<![\\w$])([A-Za-z_$][\\w$]{0,99}))${GAP}:${GAP}`, "g");
// A string, be it unfinished, a number, or all of a list or an object.
const VALUE = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|["'][^"'\r\n]*|-?[0-9][^\s,}\]]*|\[[^\]]*\]?|\{[^}]*\}?/sy;
// What stands for a secret that the server keeps, and what hides nothing.
const HARMLESS = /^(["'])(?:\*{6})?\1$/;
const PLACE = /^["']\$\{([^${}\r\n]+)\}["']$/;
const USER_INFO = /(:\/\/[^\s/@:?#'"]*:)([^\s/?#'"]+)(?=@)/g;
const ORACLE = /(jdbc:oracle:[a-z0-9]{1,16}:[^\s/@:"']*\/)([^\s@"']+)(?=@)/gi;
const NAMED = /([?&;:,])([\w.%-]{1,64})=([^&;\s'"]+)/g;
const SQL = /\b((?:identified\s{1,9}(?:with\s{1,9}\S{1,64}\s{1,9})?(?:by|as)|password)\s{0,9}[=(]?\s{0,9}')((?:[^'\\]|''|\\.)*)(?=')/gi;

export class Secrets {
  #parts;
  #names;

  constructor(parts, names) {
    this.#parts = parts;
    this.#names = new Set(names);
  }

  isName(name) {
    const plain = name.toLowerCase().replace(/[-_. *]/g, "");
    return this.#names.has(plain) || this.#parts.some((part) => plain.includes(part));
  }

  /** The text with nothing in place of each secret, whether there was one, and the parameters whose values are secrets. */
  cut(text) {
    let found = false;
    const nothing = (secret) => {
      if (/^(?:\*{6}|\$\{[^${}\r\n]+\})$/.test(secret)) return secret;
      found = true;
      return "";
    };
    const members = this.#withoutMembers(text);
    const rest = members.text
      .replace(USER_INFO, (_, before, secret) => before + nothing(secret))
      .replace(ORACLE, (_, before, secret) => before + nothing(secret))
      .replace(NAMED, (whole, before, name, secret) => (this.isName(decoded(name)) ? `${before}${name}=${nothing(secret)}` : whole))
      .replace(SQL, (_, before, secret) => before + nothing(secret));
    return { text: rest, found: found || members.found, params: members.params };
  }

  #withoutMembers(text) {
    const kept = [];
    const params = new Set();
    let at = 0;
    NAME.lastIndex = 0;
    for (let name = NAME.exec(text); name; name = NAME.exec(text)) {
      VALUE.lastIndex = NAME.lastIndex;
      const value = this.isName(name[2] ?? name[3]) && VALUE.exec(text)?.[0];
      const place = value && PLACE.exec(value);
      if (place) params.add(place[1]);
      if (!value || place || HARMLESS.test(value)) continue;
      kept.push(text.slice(at, NAME.lastIndex), '""');
      at = NAME.lastIndex += value.length;
    }
    return { text: kept.join("") + text.slice(at), found: kept.length > 0, params };
  }
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
