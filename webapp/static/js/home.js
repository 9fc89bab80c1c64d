// The first page keeps itself fresh.

import { keepFresh } from "./live.js";

keepFresh(document.getElementById("home-live"));
