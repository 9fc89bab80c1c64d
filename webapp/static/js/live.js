// Keeps parts of a page fresh: asks for them again at data-live every data-every milliseconds, until the answer says no more.

import { enhance } from "./enhance.js";
import { morph } from "./morph.js";

const LONGEST_PAUSE = 30000;

export async function keepFresh(element, show = showParts) {
  let failures = 0;
  while (element.dataset.live) {
    await pause(Math.min(Number(element.dataset.every) * 2 ** failures, LONGEST_PAUSE));
    if (document.hidden) continue;
    failures = (await refresh(element.dataset.live, show)) ? 0 : failures + 1;
  }
}

async function refresh(address, show) {
  try {
    const answer = await fetch(address);
    if (answer.redirected) location.reload(); // the session has ended, and the log-in asks to come back here
    if (!answer.ok || answer.redirected) return false;
    show(parsed(await answer.text()));
    return true;
  } catch {
    return false; // the server is away for a moment; the pause grows until it is back
  }
}

export function parsed(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  enhance(fresh);
  return fresh;
}

function showParts(fresh) {
  for (const part of [...fresh.children]) morph(document.getElementById(part.id), part);
}

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
