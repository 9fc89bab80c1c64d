// A log that follows its end while the task runs. Only a part of it is kept in the page, whatever the size of the whole.

const PIECE_BYTES = 256 * 1024;
const KEPT_BYTES = 4 * 1024 * 1024;
const WAIT_SECONDS = 20;
const RETRY_MILLISECONDS = 3000;

export class Log {
  #box;
  #pre;
  #parts;
  #pieces; // [{node, start, end}] by offsets in the whole log
  #attempt;
  #complete;
  #following = true;
  #lost = false;

  constructor(box, parts) {
    this.#box = box;
    this.#parts = parts;
    this.#pre = box.querySelector("pre");
    this.#attempt = box.dataset.attempt;
    this.#complete = box.dataset.complete === "true";
    const start = Number(box.dataset.start);
    const node = this.#pre.firstChild ?? this.#pre.appendChild(document.createTextNode(""));
    this.#pieces = [{ node, start, end: Number(box.dataset.next) }];
    box.addEventListener("scroll", () => this.#scrolled());
    parts.end.addEventListener("click", () => this.#toEnd());
    parts.earlier.addEventListener("click", () => this.#showEarlier());
    this.#toEnd();
  }

  async follow() {
    while (!this.#complete) {
      const watched = await visible();
      try {
        await this.#step(watched);
        this.#lost = false;
      } catch {
        if (watched.aborted) continue;
        this.#lost = true;
        await new Promise((done) => setTimeout(done, RETRY_MILLISECONDS));
      }
      this.#tell();
    }
  }

  async #step(signal) {
    const from = this.#pieces.at(-1).end;
    const { text, next, size, attempt, complete } = await this.#read(from, PIECE_BYTES, WAIT_SECONDS, signal);
    const behind = this.#following && size - next > KEPT_BYTES;
    if (attempt !== this.#attempt && from > 0) return this.#restart(attempt, 0);
    if (behind) return this.#restart(attempt, size - PIECE_BYTES);
    this.#attempt = attempt;
    this.#complete = complete;
    if (text) this.#append(text, from, next);
  }

  // The next attempt's log begins anew; and of one that grows faster than it can be followed only the end is shown.
  #restart(attempt, start) {
    this.#attempt = attempt;
    for (const piece of this.#pieces) piece.node.remove();
    const node = this.#pre.appendChild(document.createTextNode(""));
    this.#pieces = [{ node, start, end: start }];
  }

  async #read(offset, limit, wait, signal) {
    const answer = await fetch(`${this.#box.dataset.url}?offset=${offset}&limit=${limit}&wait=${wait}`, { signal });
    if (!answer.ok) throw new Error(`the log was refused with ${answer.status}`);
    return {
      text: await answer.text(),
      start: Number(answer.headers.get("X-Log-Offset")),
      size: Number(answer.headers.get("X-Log-Size")),
      attempt: answer.headers.get("X-Log-Attempt"),
      next: Number(answer.headers.get("X-Log-Next-Offset")),
      complete: answer.headers.get("X-Log-Complete") === "true",
    };
  }

  #append(text, start, end) {
    const node = document.createTextNode(text);
    this.#pre.append(node);
    this.#pieces.push({ node, start, end });
    if (!this.#following) return;
    while (end - this.#pieces[1].start > KEPT_BYTES) this.#pieces.shift().node.remove();
    this.#toEnd();
  }

  async #showEarlier() {
    const end = this.#pieces[0].start;
    let start = Math.max(0, end - PIECE_BYTES);
    let text = "";
    for (let at = start; at < end; ) {
      const piece = await this.#read(at, end - at, 0);
      if (piece.next <= at) break;
      text += piece.text;
      start = Math.min(start, piece.start); // before what was left out, if it began among that
      at = piece.next;
    }
    const node = document.createTextNode(text);
    const below = this.#box.scrollHeight - this.#box.scrollTop;
    this.#pre.prepend(node);
    this.#pieces.unshift({ node, start, end });
    this.#tell();
    this.#box.scrollTop = this.#box.scrollHeight - below;
  }

  #scrolled() {
    this.#following = this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < 24;
    this.#tell();
  }

  #toEnd() {
    this.#following = true;
    this.#tell();
    this.#box.scrollTop = this.#box.scrollHeight;
  }

  #tell() {
    const { note, earlier, end } = this.#parts;
    const { following, paused, lost } = note.dataset;
    const words = this.#complete ? "" : this.#lost ? lost : this.#following ? following : paused;
    if (note.textContent !== words) note.textContent = words;
    earlier.hidden = this.#pieces[0].start === 0;
    end.hidden = this.#following;
  }
}

// A browser allows a server six connections. A tab that nobody looks at gives its own back, or the seventh tab would hang.
let looking = new AbortController();

document.addEventListener("visibilitychange", () => {
  if (document.hidden) looking.abort();
  else looking = new AbortController();
});

/** Waits until somebody looks at the page. Returns the signal that nobody does any more. */
async function visible() {
  while (document.hidden) await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
  return looking.signal;
}
