// Loaded by every page.

import { forgetSent, leave } from "./drafts.js";
import { copy, enhance } from "./enhance.js";

enhance(document);

document.addEventListener("click", (event) => {
  const button = event.target.closest(".copy");
  if (button) copy(button);
});

// A second press of a button would do a second time what the first is doing.
document.addEventListener("submit", (event) => {
  if (event.target.method === "get") return; // a file can be saved as often as one likes
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});

window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A page of a task or a job: what was typed for it is no draft any more. Nothing stays behind when somebody leaves.
if (document.querySelector("#live-head, [data-forget-drafts]")) forgetSent();
document.querySelector("form[action$='/logout']")?.addEventListener("submit", leave);
