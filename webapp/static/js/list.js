// The list of tasks: filters as soon as a choice is made, and shows what changes.

import { keepFresh } from "./live.js";

const filters = document.getElementById("filters");
filters.addEventListener("change", () => filters.requestSubmit());

// Empty fields stay out of the address, so that it can be read and shared.
filters.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});

keepFresh(document.getElementById("rows"));
