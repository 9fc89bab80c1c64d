// Changes between dark and light at once: what was typed into the page stays.

const form = document.getElementById("theme");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { value } = event.submitter;
  const sent = new FormData(form);
  sent.set("theme", value);
  fetch(form.action, { method: "POST", body: sent, redirect: "manual", keepalive: true });
  document.documentElement.dataset.theme = value;
  for (const button of form.elements) {
    if (button.name === "theme") button.setAttribute("aria-pressed", button === event.submitter);
  }
});
