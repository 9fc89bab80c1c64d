// Speeds between the points of a run, whose figures are totals.

export function rates(points) {
  const seconds = [];
  const rows = [];
  const bytes = [];
  for (let index = 1; index < points.length; index++) {
    const [before, now] = [points[index - 1], points[index]];
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
