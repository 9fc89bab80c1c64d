// Going through the rows of a list by keyboard: j and k, or the arrows; x selects.

export function walk(list) {
  list.addEventListener("keydown", (event) => {
    const row = event.target.closest("tbody tr");
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    if (step) {
      const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
      next?.querySelector("a").focus();
      event.preventDefault();
    } else if (event.key === "x") {
      row.querySelector("[type=checkbox]")?.click();
    }
  });
}
