// What scripts add to server-made HTML, both to the page and to parts that arrive later.

import { localize } from "./times.js";

export function enhance(root) {
  localize(root);
  if (navigator.clipboard) {
    for (const button of root.querySelectorAll(".copy")) button.hidden = false;
  }
}

export async function copy(button) {
  await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
  const label = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = label), 1500);
}
