// The list of tasks: shows what changes in it, tells of new tasks without moving what is read, and goes by keyboard.

import { filters } from "./filters.js";
import { keepFresh, parsed } from "./live.js";
import { morph } from "./morph.js";
import { pick } from "./pick.js";
import { localize } from "./times.js";
import { walk } from "./walk.js";

const RELATIVE_EVERY = 15000;

const list = document.getElementById("rows");
filters(document.getElementById("filters"));
pick(list, document.getElementById("bulk"));
walk(list);
keepFresh(document.getElementById("news"), showNews);
setInterval(() => localize(list), RELATIVE_EVERY);

function showNews(fresh) {
  morph(document.getElementById("news"), fresh.querySelector("#news"));
  for (const row of fresh.querySelectorAll("tr")) {
    const shown = list.querySelector(`tr[data-key="${CSS.escape(row.dataset.key)}"]`);
    if (shown) morph(shown, row);
  }
  localize(list); // the rows that were not asked for again are as old as the others
  if (list.querySelector("[data-newer]") && !list.querySelector("tbody")) showNewest(); // nobody reads an empty list
}

async function showNewest() {
  const before = new Set([...list.querySelectorAll("tr")].map((row) => row.dataset.key));
  const answer = await fetch(list.dataset.rows);
  if (answer.redirected || !answer.ok) return location.reload();
  morph(list, parsed(await answer.text()).querySelector("#rows"));
  for (const row of list.querySelectorAll("tbody tr")) row.classList.toggle("new", !before.has(row.dataset.key));
  list.dispatchEvent(new Event("rows"));
}

list.addEventListener("click", async (event) => {
  if (event.target.closest("[data-newer]")) {
    event.preventDefault();
    await showNewest();
    scrollTo({ top: 0, behavior: "smooth" });
    list.querySelector("tbody a")?.focus({ preventScroll: true });
  }
  const further = event.target.closest("[data-further]");
  if (further) {
    event.preventDefault();
    searchFurther(further);
  }
});

// A page of a search looks through so many tasks only: go on until one is found, or all have been looked through.
async function searchFurther(link) {
  const note = document.getElementById("searched");
  link.setAttribute("aria-disabled", "true");
  for (let found = link; found; ) {
    const answer = await fetch(found.dataset.further);
    if (answer.redirected || !answer.ok) return location.assign(found.href);
    const fresh = parsed(await answer.text());
    const searched = fresh.querySelector("#searched");
    if (fresh.querySelector("tbody tr") || !searched) return location.assign(found.href);
    note.replaceChildren(...searched.childNodes);
    found = fresh.querySelector("[data-further]");
  }
}
