// The form that runs a saved job: Ctrl+Enter sends it, and what is missing is where one goes on.

const form = document.getElementById("run");

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
(form.querySelector("[aria-invalid]") ?? form.querySelector("[name=param_value]"))?.focus();
