// Selecting rows: all of the page, a range with Shift, and how many they are.

export function pick(list, bar) {
  if (!bar) return;
  let last = null;

  list.addEventListener("click", ({ target, shiftKey }) => {
    if (target.id === "pick-all") for (const box of boxes()) box.checked = target.checked;
    if (!target.matches("tbody [type=checkbox]")) return;
    if (shiftKey && last?.isConnected) range(boxes(), last, target);
    last = target;
  });
  list.addEventListener("change", show);
  list.addEventListener("rows", show);
  bar.addEventListener("change", show);
  bar.querySelector("[data-clear]").addEventListener("click", () => {
    for (const box of boxes()) box.checked = false;
    bar.elements.all.checked = false;
    show();
  });
  addEventListener("pageshow", show); // the browser may bring back what was selected
  bar.classList.add("by-script");
  show();

  function boxes() {
    return [...list.querySelectorAll("tbody [type=checkbox]")];
  }

  function show() {
    const all = boxes();
    const count = all.filter((box) => box.checked).length;
    const top = document.getElementById("pick-all");
    if (top) {
      top.hidden = false;
      top.checked = count > 0 && count === all.length;
      top.indeterminate = count > 0 && count < all.length;
    }
    if (!count) bar.elements.all.checked = false;
    bar.hidden = !count;
    const said = bar.querySelector("[data-count]");
    said.textContent = bar.elements.all.checked ? said.dataset.all : said.dataset.count.replace("{}", count);
  }
}

function range(all, from, to) {
  const [first, last] = [all.indexOf(from), all.indexOf(to)].sort((one, other) => one - other);
  for (const box of all.slice(first, last + 1)) box.checked = to.checked;
}
