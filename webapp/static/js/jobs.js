// The list of saved jobs.

import { filters } from "./filters.js";
import { pick } from "./pick.js";
import { walk } from "./walk.js";

const form = document.getElementById("filters");
if (form) filters(form);
const list = document.getElementById("rows");
pick(list, document.getElementById("bulk"));
walk(list);
