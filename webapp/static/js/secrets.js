// A text without its secrets, for what the browser keeps. The server's own rules decide what is sent; these are theirs in short.

const STRING = `"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|["'][^"'\\r\\n]*`;
const MEMBER = new RegExp(`(?:(["'])([^"'\\\\\\r\\n]{1,100})\\1|([A-Za-z_$][\\w$]{0,99}))(\\s*:\\s*)(${STRING}|-?[0-9][^\\s,}\\]]*)`, "gs");
const PLACE = /^["']\$\{([^${}\r\n]+)\}["']$/;
const USER_INFO = /(:\/\/[^\s/@:?#'"]*:)([^\s/?#'"]+)(?=@)/g;
const ORACLE = /(jdbc:oracle:[a-z0-9]{1,16}:[^\s/@:"']*\/)([^\s@"']+)(?=@)/gi;
const NAMED = /([?&;:,])([\w.%-]{1,64})=([^&;\s'"]+)/g;
const SQL = /\b((?:identified\s+(?:with\s+\S+\s+)?(?:by|as)|password)\s*[=(]?\s*')((?:[^'\\]|''|\\.)*)(?=')/gi;

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
    const params = new Set();
    const nothing = () => {
      found = true;
      return "";
    };
    const member = (whole, _quote, quoted, bare, colon, value) => {
      if (!this.isName(quoted ?? bare) || /^["']{2}$/.test(value)) return whole;
      const place = PLACE.exec(value);
      if (place) params.add(place[1]);
      return place ? whole : `${whole.slice(0, whole.length - value.length)}${nothing()}""`;
    };
    const rest = text
      .replace(MEMBER, member)
      .replace(USER_INFO, (_whole, before) => before + nothing())
      .replace(ORACLE, (_whole, before) => before + nothing())
      .replace(NAMED, (whole, before, name) => (this.isName(decoded(name)) ? `${before}${name}=${nothing()}` : whole))
      .replace(SQL, (_whole, before) => before + nothing());
    return { text: rest, found, params };
  }
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
