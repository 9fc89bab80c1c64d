// A log that follows its end while the task runs, and shows any other part of it. Only a part is in the page, whatever the size of the whole.

import { LogReader } from "./log_reader.js";
import { Pieces } from "./pieces.js";
import { visible } from "./visible.js";

const PIECE_BYTES = 128 * 1024;
const KEPT_CHARACTERS = 1024 * 1024;
const MOST_BYTES = 1024 * 1024; // the server gives no more at once
const WAIT_SECONDS = 20;
const RETRY_MILLISECONDS = 3000;
// What comes next is there before somebody has scrolled to it.
const NEAR_PIXELS = 800;
// A line that is shown has so many before it.
const LINES_BEFORE = 100;

export class Log {
  #box;
  #note;
  #end;
  #reader;
  #pieces;
  #attempt;
  #fixed;
  #size;
  #complete;
  #following = true;
  #lost = false;
  #loading = false;
  #marked = null;
  #turn = new AbortController(); // aborted when another part of the log is shown
  #wake = () => {};

  constructor(box, { note, end }) {
    const { url, attempt, fixed, start, next, line, complete, size } = box.dataset;
    this.#box = box;
    this.#note = note;
    this.#end = end;
    this.#fixed = fixed === "true";
    this.#reader = new LogReader(url, this.#fixed ? attempt : "");
    this.#attempt = attempt;
    this.#complete = complete === "true";
    this.#size = Number(size);
    const pre = box.querySelector("pre");
    const text = pre.textContent;
    this.#pieces = new Pieces(pre);
    this.#pieces.restart(Number(start));
    if (text) this.#pieces.append({ text, start: Number(start), end: Number(next), line: Number(line) });
    box.addEventListener("scroll", () => this.#scrolled());
    box.addEventListener("keydown", (event) => this.#pressed(event));
    end.addEventListener("click", () => this.showEnd());
    this.#toEnd();
  }

  get reader() {
    return this.#reader;
  }

  /** Shows a line, in its place among others. */
  async show(number) {
    this.#following = false;
    if (!this.#pieces.row(number) && !(await this.#load(number))) return;
    this.#marked = number;
    this.#changed();
    const row = this.#pieces.row(number);
    if (row) this.#scrollTo(row);
    this.#scrolled();
  }

  async showEnd() {
    const wanted = { offset: Math.max(0, this.#size - PIECE_BYTES), limit: MOST_BYTES, numbered: true };
    if (!this.#attached && !(await this.#restart(wanted))) return;
    this.#toEnd();
    this.#wake();
  }

  async follow() {
    while (!this.#complete) {
      if (this.#waits) await new Promise((done) => (this.#wake = done));
      const signals = [await visible(), this.#turn.signal];
      try {
        if (!this.#waits) await this.#step(AbortSignal.any(signals));
        this.#lost = false;
      } catch {
        if (signals.some((signal) => signal.aborted)) continue;
        this.#lost = true;
        await new Promise((done) => setTimeout(done, RETRY_MILLISECONDS));
      }
      this.#tell();
    }
  }

  get #attached() {
    return this.#pieces.end >= this.#size;
  }

  // Nobody sees what comes while another part is shown, or when there is more below than anybody has read.
  get #waits() {
    return !this.#following && (!this.#attached || this.#pieces.size > KEPT_CHARACTERS);
  }

  async #step(signal) {
    const offset = this.#pieces.end;
    const piece = await this.#reader.read({ offset, limit: PIECE_BYTES, wait: WAIT_SECONDS }, signal);
    if (offset !== this.#pieces.end) return; // its end was taken out while earlier lines were shown
    if (piece.attempt !== this.#attempt && this.#pieces.end > 0) return this.#begin(piece.attempt);
    this.#attempt = piece.attempt;
    this.#took(piece);
    if (this.#following && piece.size - piece.end > MOST_BYTES) return this.showEnd(); // it grows faster than anybody reads
    await this.#append(piece, signal);
  }

  // The next attempt's log begins anew.
  #begin(attempt) {
    this.#attempt = attempt;
    this.#size = 0;
    this.#marked = null;
    this.#pieces.restart(0);
  }

  #took({ size, complete, end }) {
    this.#size = Math.max(size, end);
    this.#complete ||= complete;
  }

  async #append(piece, signal) {
    if (piece.bytes.length === 0) return;
    this.#pieces.append(piece);
    if (!piece.whole && piece.end < piece.size) {
      // Behind what was left out lines are counted anew.
      const next = await this.#reader.read({ offset: piece.end, limit: PIECE_BYTES, numbered: true }, signal);
      this.#took(next);
      if (next.bytes.length > 0) this.#pieces.append(next);
    }
    this.#trimTop();
    if (this.#following) this.#toEnd();
    this.#changed();
  }

  #trimTop() {
    const before = this.#box.scrollHeight;
    this.#pieces.trimTop(KEPT_CHARACTERS);
    this.#box.scrollTop -= before - this.#box.scrollHeight;
  }

  // Lines may be so long that there is no room for those before.
  async #load(number) {
    const before = await this.#restart({ line: Math.max(1, number - LINES_BEFORE) });
    return before && (this.#pieces.row(number) !== null || this.#restart({ line: number }));
  }

  /** Shows another part. Returns whether it is there now: somebody may have asked for yet another one, or the server be away. */
  async #restart(wanted) {
    this.#turn.abort();
    this.#turn = new AbortController();
    const { signal } = this.#turn;
    const piece = await this.#tried(this.#reader.readLines({ limit: PIECE_BYTES, ...wanted }, signal));
    if (!piece || signal.aborted) return false;
    this.#took(piece);
    this.#pieces.restart(piece.start);
    if (piece.bytes.length > 0) this.#pieces.append(piece);
    this.#changed();
    return true;
  }

  async #tried(reading) {
    try {
      const answer = await reading;
      this.#lost = false;
      return answer;
    } catch (error) {
      this.#lost = error.name !== "AbortError";
      this.#tell();
      return null;
    }
  }

  async #extend(load) {
    if (this.#loading) return;
    this.#loading = true;
    const { start, end } = this.#pieces;
    await this.#tried(load(this.#turn.signal));
    this.#loading = false;
    if (start !== this.#pieces.start || end !== this.#pieces.end) this.#scrolled();
  }

  async #later(signal) {
    const offset = this.#pieces.end;
    const piece = await this.#reader.read({ offset, limit: PIECE_BYTES }, signal);
    if (signal.aborted || offset !== this.#pieces.end) return;
    this.#took(piece);
    await this.#append(piece, signal);
  }

  async #earlier(signal) {
    const until = this.#pieces.start;
    const found = [await this.#reader.readLines({ offset: Math.max(0, until - PIECE_BYTES), limit: PIECE_BYTES, numbered: true }, signal)];
    while (found.at(-1).end < until && found.at(-1).bytes.length > 0) {
      const at = found.at(-1).end;
      found.push(await this.#reader.read({ offset: at, limit: until - at, numbered: true }, signal));
    }
    if (signal.aborted) return;
    const below = this.#box.scrollHeight - this.#box.scrollTop;
    for (const piece of found.reverse()) this.#pieces.prepend(piece);
    this.#box.scrollTop = this.#box.scrollHeight - below;
    this.#pieces.trimBottom(KEPT_CHARACTERS);
    this.#changed();
  }

  #scrolled() {
    const below = this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight;
    this.#following = below < 24 && (this.#following || this.#attached);
    this.#tell();
    if (this.#pieces.start > 0 && this.#box.scrollTop < NEAR_PIXELS) this.#extend((signal) => this.#earlier(signal));
    else if (!this.#following && !this.#attached && below < NEAR_PIXELS) this.#extend((signal) => this.#later(signal));
    this.#wake();
  }

  #pressed(event) {
    if (event.target !== this.#box || event.altKey || event.metaKey) return;
    if (event.key === "Home") this.show(1);
    else if (event.key === "End") this.showEnd();
    else return;
    event.preventDefault();
  }

  #toEnd() {
    this.#following = true;
    this.#tell();
    this.#box.scrollTop = this.#box.scrollHeight;
  }

  #scrollTo(row) {
    const [box, place] = [this.#box.getBoundingClientRect(), row.getBoundingClientRect()];
    if (place.top < box.top || place.bottom > box.bottom) this.#box.scrollTop += place.top - box.top - this.#box.clientHeight / 3;
  }

  #changed() {
    this.#box.querySelector(".row.marked")?.classList.remove("marked");
    if (this.#marked !== null) this.#pieces.row(this.#marked)?.classList.add("marked");
    this.#box.dispatchEvent(new Event("rows"));
  }

  #tell() {
    const { following, paused, lost } = this.#note.dataset;
    const words = this.#lost ? lost : this.#complete ? "" : this.#following ? following : paused;
    if (this.#note.textContent !== words) this.#note.textContent = words;
    this.#end.hidden = this.#following;
  }
}
