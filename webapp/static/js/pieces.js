// The part of a log that is in the page: pieces of text one after the other, by their offsets in the whole log.

import { rows } from "./rows.js";

// A line that has not ended is drawn again with what follows, unless it is longer than this.
const OPEN_CHARACTERS = 64 * 1024;

export class Pieces {
  #pre;
  #pieces = []; // [{node, start, end, line, breaks, cut, characters, open}]; `open` is the text of a line that has not ended
  #at; // where it is when there is none

  constructor(pre) {
    this.#pre = pre;
  }

  get start() {
    return this.#pieces[0]?.start ?? this.#at;
  }

  get end() {
    return this.#pieces.at(-1)?.end ?? this.#at;
  }

  /** The characters in the page: what was left out of a log has offsets, yet takes no room here. */
  get size() {
    return this.#pieces.reduce((sum, piece) => sum + piece.characters, 0);
  }

  get count() {
    return this.#pieces.length;
  }

  restart(at) {
    this.#pieces = [];
    this.#at = at;
    this.#pre.replaceChildren();
  }

  /** `line` is the number of the line that the text begins in, if that is known; else it goes on where the last one ended. */
  append({ text, start, end, line }) {
    const last = this.#pieces.at(-1);
    const goesOn = last?.open !== undefined;
    const joined = goesOn && last.open.length < OPEN_CHARACTERS;
    if (joined) this.#pieces.pop().node.remove();
    const first = joined ? last : { start, cut: goesOn, line: line ?? (last ? last.line + last.breaks : 1) };
    const whole = (joined ? last.open : "") + text;
    const cut = whole.lastIndexOf("\n") + 1;
    const middle = cut === 0 ? first.start : cut === whole.length ? end : end - new TextEncoder().encode(whole.slice(cut)).length;
    if (cut > 0) this.#push(whole.slice(0, cut), first.start, middle, first.line, first.cut);
    const [previous] = cut > 0 ? this.#pieces.slice(-1) : [];
    if (cut < whole.length) {
      const [number, isCut] = previous ? [previous.line + previous.breaks, false] : [first.line, first.cut];
      this.#push(whole.slice(cut), middle, end, number, isCut);
    }
  }

  prepend({ text, start, end, line }) {
    const piece = made(text, start, end, line, false);
    this.#pre.prepend(piece.node);
    this.#pieces.unshift(piece);
  }

  /** Takes whole pieces out of the page's top as long as so many characters are left. */
  trimTop(characters) {
    for (let size = this.size; this.#pieces.length > 1 && size - this.#pieces[0].characters > characters; ) {
      size -= this.#out(this.#pieces.shift());
    }
  }

  trimBottom(characters) {
    for (let size = this.size; this.#pieces.length > 1 && size - this.#pieces.at(-1).characters > characters; ) {
      size -= this.#out(this.#pieces.pop());
    }
  }

  row(number) {
    return this.#pre.querySelector(`a[data-line="${number}"]`)?.parentNode ?? null;
  }

  #out({ node, characters }) {
    node.remove();
    return characters;
  }

  #push(text, start, end, line, cut) {
    const piece = made(text, start, end, line, cut);
    this.#pre.append(piece.node);
    this.#pieces.push(piece);
  }
}

function made(text, start, end, line, cut) {
  const breaks = text.split("\n").length - 1;
  return { node: rows(text, line, cut), start, end, line, breaks, cut, characters: text.length, open: text.endsWith("\n") ? undefined : text };
}
