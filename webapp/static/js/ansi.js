// The colours that programs put into their output, as names of classes. What else they tell a terminal is left out.

// A sequence of colours and the like; any other sequence; a title or a link; what is left of one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const SEQUENCE = /\x1b\[([\d;:]*)m|\x1b\[[ -?]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-Z\\^-~]?/g;
const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const WEIGHTS = { 1: "bold", 2: "faint", 3: "italic", 4: "underline", 7: "inverse", 9: "struck" };
const ENDS = { 22: ["bold", "faint"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["struck"] };

/** The parts of a line, each with the classes of its look. A line begins plain, so that it looks alike wherever one begins to read. */
export function styled(line) {
  if (!line.includes("\x1b")) return [{ text: line, classes: "" }];
  const look = { on: new Set(), colour: "", ground: "" };
  const parts = [];
  let at = 0;
  for (const found of line.matchAll(SEQUENCE)) {
    add(parts, line.slice(at, found.index), look);
    at = found.index + found[0].length;
    if (found[1] !== undefined) change(look, found[1].split(/[;:]/).map(Number));
  }
  add(parts, line.slice(at), look);
  return parts;
}

function add(parts, text, look) {
  if (!text) return;
  const names = [...look.on, look.colour && `text-${look.colour}`, look.ground && `ground-${look.ground}`];
  const classes = names.filter(Boolean).map((name) => `ansi-${name}`);
  parts.push({ text, classes: classes.join(" ") });
}

function change(look, codes) {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 38 || code === 48) {
      const [colour, length] = named(codes.slice(at + 1));
      look[code === 38 ? "colour" : "ground"] = colour;
      at += length;
    } else set(look, code);
  }
}

function set(look, code) {
  if (!code) Object.assign(look, { on: new Set(), colour: "", ground: "" });
  else if (WEIGHTS[code]) look.on.add(WEIGHTS[code]);
  else if (ENDS[code]) for (const name of ENDS[code]) look.on.delete(name);
  else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) look.colour = COLOURS[code % 10];
  else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) look.ground = COLOURS[code % 10];
  else if (code === 39) look.colour = "";
  else if (code === 49) look.ground = "";
}

// One of 256 colours, or of all, is said by the nearest of eight, which are readable on either ground. Returns how many codes it took, too.
function named([kind, ...codes]) {
  if (kind === 2) return [nearest(codes[0], codes[1], codes[2]), 4];
  if (kind !== 5) return ["", 0];
  const index = codes[0];
  if (index < 16) return [COLOURS[index % 8], 2];
  if (index >= 232) return [index < 244 ? "black" : "white", 2];
  const cube = index - 16;
  return [nearest(...[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) => step * 51)), 2];
}

function nearest(red, green, blue) {
  const most = Math.max(red, green, blue);
  if (!(most >= 64)) return "black";
  const bits = [red, green, blue].map((part, bit) => (part > most * 0.6 ? 1 << bit : 0));
  return COLOURS[bits[0] + bits[1] + bits[2]];
}
