// Reads pieces of a log from the server.

/** `whole` says that the text is all that lies between `start` and `end`: else a line in it tells how much was left out there. */
export class LogReader {
  #address;
  #attempt;

  /** Of the attempt that is given; else of the latest one, which may change. */
  constructor(address, attempt) {
    this.#address = address;
    this.#attempt = attempt;
  }

  async read(wanted, signal) {
    const answer = await this.#ask(this.#address, wanted, signal);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const said = (name) => Number(answer.headers.get(name) ?? Number.NaN);
    const end = said("X-Log-Next-Offset");
    const offset = said("X-Log-Offset");
    const exact = end - bytes.length; // a few bytes more than the offset, if that was in the midst of a character
    const whole = exact >= offset && exact < offset + 4;
    return {
      bytes,
      whole,
      start: whole ? exact : offset,
      end,
      line: said("X-Log-Line") || undefined,
      size: said("X-Log-Size"),
      attempt: answer.headers.get("X-Log-Attempt"),
      complete: answer.headers.get("X-Log-Complete") === "true",
      get text() {
        return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      },
    };
  }

  /** The same piece without the rest of a line that it begins in, unless it is all in that line. */
  async readLines(wanted, signal) {
    const piece = await this.read(wanted, signal);
    const cut = piece.whole && piece.start > 0 ? piece.bytes.indexOf(10) + 1 : 0;
    if (cut === 0 || cut === piece.bytes.length) return piece;
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(piece.bytes.subarray(cut));
    return { ...piece, text, start: piece.start + cut, line: piece.line + 1 };
  }

  async search(wanted, signal) {
    return (await this.#ask(`${this.#address}/search`, wanted, signal)).json();
  }

  async #ask(address, wanted, signal) {
    const query = new URLSearchParams(wanted);
    if (this.#attempt) query.set("attempt", this.#attempt);
    const answer = await fetch(`${address}?${query}`, { signal });
    if (!answer.ok) throw new Error(`the log was refused with ${answer.status}`);
    return answer;
  }
}
