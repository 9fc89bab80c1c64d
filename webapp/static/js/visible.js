// A browser allows a server six connections. A tab that nobody looks at gives its own back, or the seventh tab would hang.

let looking = new AbortController();

document.addEventListener("visibilitychange", () => {
  if (document.hidden) looking.abort();
  else looking = new AbortController();
});

/** Waits until somebody looks at the page. Returns the signal that nobody does any more. */
export async function visible() {
  while (document.hidden) await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
  return looking.signal;
}
