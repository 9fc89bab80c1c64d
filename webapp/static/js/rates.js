// Speeds between the points of a run, whose figures are totals.

// An engine reports when it likes, and is looked at when it suits the worker: from one look to the next there may be no report, or two.
const FEWEST_SECONDS = 5;

export function rates(points) {
  const seconds = [];
  const rows = [];
  const bytes = [];
  let first = 0;
  for (let index = 1; index < points.length; index++) {
    const now = points[index];
    while (first + 1 < index && now.seconds - points[first + 1].seconds >= FEWEST_SECONDS) first++;
    const before = points[first];
    const time = now.seconds - before.seconds;
    if (time <= 0) continue;
    seconds.push(now.seconds);
    rows.push((now.records - before.records) / time);
    bytes.push((now.bytes - before.bytes) / time);
  }
  return { seconds, rows, bytes };
}

export function summary(points, shown) {
  const last = points.at(-1);
  const time = last.seconds || 1;
  return { rows: last.records / time, bytes: last.bytes / time, most: Math.max(0, ...shown.rows) };
}
