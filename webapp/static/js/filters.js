// The filter of the list: acts as soon as a choice is made, keeps the address short, and says times in the browser's zone.

const FOCUS = "focus-of-filter";

export function filters(form) {
  const moments = form.querySelectorAll("[data-moment]");
  for (const field of moments) showLocal(field);
  for (const zone of form.querySelectorAll(".zone")) zone.hidden = true;

  form.addEventListener("change", ({ target }) => {
    if (target.matches("select")) form.requestSubmit();
  });
  form.addEventListener("submit", () => sessionStorage.setItem(FOCUS, document.activeElement.name ?? ""));
  form.addEventListener("formdata", ({ formData }) => {
    for (const field of moments) if (field.value) formData.set(field.name, new Date(field.value).toISOString());
    for (const [name, value] of [...formData]) if (!value.trim()) formData.delete(name); // the address stays short
  });
  document.addEventListener("keydown", (event) => searchByKey(event, form.elements.text));
  restoreFocus(form);
}

function showLocal(field) {
  if (!field.dataset.moment) return;
  const moment = new Date(field.dataset.moment);
  moment.setMinutes(moment.getMinutes() - moment.getTimezoneOffset());
  field.value = moment.toISOString().slice(0, 16);
}

function searchByKey(event, field) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  event.preventDefault();
  field.focus();
  field.select();
}

// The page is a new one after each choice; who uses the keyboard goes on where they were.
function restoreFocus(form) {
  const name = sessionStorage.getItem(FOCUS);
  sessionStorage.removeItem(FOCUS);
  if (name && form.elements[name]?.focus) form.elements[name].focus({ preventScroll: true });
}
