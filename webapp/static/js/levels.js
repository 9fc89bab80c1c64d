// What a line of a log is about. Errors are those that the server's search knows, in `webapp/logs/places.py`.

const LEVEL = /(?<!\w)(?:(ERROR|FATAL|SEVERE)|(WARN|WARNING)|(DEBUG|TRACE))(?!\w)/g;
const BEGINNING = /^(?:Caused by: |Traceback \(|Exception in thread )/;
const TRACE = /^(?:\s+at \S|\s+\.\.\. \d+ |\s+File "|\s*Suppressed: )/;
const WITHIN = 100;

export function level(line) {
  if (BEGINNING.test(line)) return "error";
  if (TRACE.test(line)) return "trace";
  const found = [...line.slice(0, WITHIN + 8).matchAll(LEVEL)].filter((one) => one.index <= WITHIN);
  if (found.some((one) => one[1])) return "error";
  return found.length === 0 ? "" : found[0][2] ? "warn" : "debug";
}
