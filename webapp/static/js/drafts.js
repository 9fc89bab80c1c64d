// What has been typed into the form of a new task and not been sent, kept by the browser for this tab alone.

const PREFIX = "draft:";

let left = false;

export function keep(path, draft) {
  if (!left) sessionStorage.setItem(PREFIX + path, JSON.stringify(draft));
}

/** The draft of a page, if this person left one. What somebody else left in the tab is forgotten. */
export function kept(path, user) {
  const draft = JSON.parse(sessionStorage.getItem(PREFIX + path) ?? "null");
  if (draft && draft.user !== user) forgetAll();
  return draft?.user === user ? draft : null;
}

export function forget(path) {
  sessionStorage.removeItem(PREFIX + path);
}

/** Who leaves takes everything along, also what would be kept on the way out. */
export function leave() {
  left = true;
  forgetAll();
}

function forgetAll() {
  for (const key of keys()) sessionStorage.removeItem(key);
}

/** Once the task is there its draft is of no use. */
export function forgetSent() {
  for (const key of keys()) if (JSON.parse(sessionStorage.getItem(key)).sent) sessionStorage.removeItem(key);
}

function keys() {
  return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
}
