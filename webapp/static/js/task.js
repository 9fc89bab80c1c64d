// The page of one task.

import { keepFresh } from "./live.js";
import { Log } from "./log.js";
import { Finder } from "./log_find.js";
import { showCourse } from "./progress.js";

keepFresh(document.getElementById("live-head"));
const course = document.getElementById("course");
if (course) showCourse(course);
const box = document.getElementById("log");
const log = new Log(box, { note: document.getElementById("log-note"), end: document.getElementById("log-end") });
new Finder(log, box, document.getElementById("log-find"));
log.follow();

// An address with a line leads there: it can be sent to somebody else.
function showLine() {
  const line = /^#log-L([1-9]\d{0,14})$/.exec(location.hash)?.[1];
  if (!line) return;
  box.scrollIntoView({ block: "nearest" });
  log.show(Number(line));
}

addEventListener("hashchange", showLine);
showLine();

// A problem's place may lie in a document that is folded away.
document.addEventListener("click", (event) => {
  const place = event.target.closest("a.place");
  if (place) document.querySelector(place.hash)?.closest("details").setAttribute("open", "");
});
