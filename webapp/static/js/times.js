// Says each <time> in the browser's zone and the page's language. Its title keeps the UTC; one that is said relative to now keeps both.

const language = document.documentElement.lang;
const said = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const ago = new Intl.RelativeTimeFormat(language, { style: "short", numeric: "auto" });

// The largest unit that fits; beyond the last one a date says more.
const UNITS = [
  ["second", 1, 60],
  ["minute", 60, 60],
  ["hour", 3600, 24],
  ["day", 86400, 7],
];

export function localize(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if ("relative" in time.dataset) {
      time.dataset.utc ??= time.title;
      time.title = `${said.format(moment)}\n${time.dataset.utc}`;
    }
    const text = "relative" in time.dataset ? relative(moment) : said.format(moment);
    if (time.textContent !== text) time.textContent = text;
  }
}

function relative(moment) {
  const seconds = Math.max(0, (Date.now() - moment) / 1000);
  for (const [unit, length, most] of UNITS) {
    if (seconds < length * most) return ago.format(-Math.floor(seconds / length), unit);
  }
  return day.format(moment);
}
