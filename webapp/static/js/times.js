// Says each <time> in the browser's zone and the page's language. Its title keeps the UTC.

const said = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "medium",
  timeStyle: "medium",
  hourCycle: "h23",
});

export function localize(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.textContent = said.format(new Date(time.dateTime));
  }
}
