// The page of one task.

import { keepFresh } from "./live.js";
import { Log } from "./log.js";
import { showCourse } from "./progress.js";

keepFresh(document.getElementById("live-head"));
const course = document.getElementById("course");
if (course) showCourse(course);
new Log(document.getElementById("log"), {
  note: document.getElementById("log-note"),
  earlier: document.getElementById("log-earlier"),
  end: document.getElementById("log-end"),
}).follow();

// A problem's place may lie in a document that is folded away.
document.addEventListener("click", (event) => {
  const place = event.target.closest("a.place");
  if (place) document.querySelector(place.hash)?.closest("details").setAttribute("open", "");
});
