// Narrows the list of plugins while one types; the address keeps what was typed, and the server understands it too.

const field = document.getElementById("find");

function narrow() {
  const words = field.value.trim().toLowerCase().split(/\s+/);
  const rows = [...document.querySelectorAll("[data-words]")];
  for (const row of rows) row.hidden = !words.every((word) => row.dataset.words.includes(word));
  for (const group of document.querySelectorAll(".kind")) group.hidden = !group.querySelector("[data-words]:not([hidden])");
  document.getElementById("nothing").hidden = rows.some((row) => !row.hidden);
}

function keep() {
  const address = new URL(location.href);
  address.search = field.value.trim() ? new URLSearchParams({ q: field.value.trim() }) : "";
  history.replaceState(null, "", address);
}

field.addEventListener("input", () => {
  narrow();
  keep();
});
