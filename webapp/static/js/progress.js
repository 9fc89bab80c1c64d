// How a run goes over time, as a chart, a sentence and a table.

import { rates, summary } from "./rates.js";

const EVERY = 5000;
const SOON = 250;
const HEIGHT = 200;
const language = document.documentElement.lang;
const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const byId = (id) => document.getElementById(id);

export async function showCourse(section) {
  let chart = null;
  for (;;) {
    const running = runs();
    const course = document.hidden && running ? null : await read(section.dataset.url);
    if (course && course.points.length > 1) {
      const shown = rates(course.points);
      tell(shown, course);
      chart = await draw(chart, section, shown);
    }
    if (!running && course) {
      section.hidden = !chart; // it was over too soon for a course
      return;
    }
    await pause(running);
  }
}

function runs() {
  return Boolean(byId("live-head").dataset.live);
}

/** Until the next look; the last one comes as soon as the run is over. */
async function pause(running) {
  for (let waited = 0; waited < EVERY && runs() === running; waited += SOON) {
    await new Promise((done) => setTimeout(done, SOON));
  }
}

async function read(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // the server is away for a moment; it is asked again
  }
}

function tell(shown, course) {
  const said = byId("course-said");
  const { rows, bytes, most } = summary(course.points, shown);
  const words = { rows: short.format(rows), bytes: size(bytes), most: short.format(most) };
  said.textContent = said.dataset.form.replace(/\{(\w+)\}/g, (_, name) => words[name]);
  byId("course-body").replaceChildren(...shown.seconds.map((_, index) => row(shown, index)));
  tellWaits(course.waits);
}

function row(shown, index) {
  const line = document.createElement("tr");
  const figures = [`${whole.format(shown.seconds[index])} s`, short.format(shown.rows[index]), size(shown.bytes[index])];
  for (const figure of figures) line.insertCell().textContent = figure;
  return line;
}

function tellWaits(waits) {
  byId("course-waits").hidden = !waits;
  if (!waits) return;
  document.querySelector(".course-bar .for-writer").style.width = `${waits.for_writer * 100}%`;
  document.querySelector(".course-bar .for-reader").style.width = `${waits.for_reader * 100}%`;
  byId("course-sentence").textContent = waits.sentence;
  byId("course-hint").textContent = byId("course-hint").dataset[waits.bottleneck] ?? "";
}

async function draw(chart, section, shown) {
  const data = [shown.seconds, shown.rows, shown.bytes];
  if (chart) chart.setData(data);
  return chart ?? (await create(section, data));
}

async function create(section, data) {
  const { default: UPlot } = await import("../dist/chart.js");
  const place = byId("course-chart");
  const chart = new UPlot(options(section, place.clientWidth), data, place);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  const recolour = () => chart.redraw(false, true);
  new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  return chart;
}

function options(section, width) {
  // A canvas knows nothing of custom properties, so the colours are asked of elements that have them.
  const colour = (selector) => () => getComputedStyle(section.querySelector(selector)).color;
  const text = colour(".note");
  const said = (format) => (_, values) => values.map(format);
  const axis = { stroke: text, size: 60, grid: { show: false }, values: said((value) => short.format(value)) };
  const series = (label, selector, scale) => ({ label, scale, stroke: colour(selector), width: 2, points: { show: false } });
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    scales: { x: { time: false }, rows: { range: fromZero }, bytes: { range: fromZero } },
    axes: [
      { stroke: text, grid: { show: false }, values: (_, values) => values.map((value) => `${short.format(value)} s`) },
      { ...axis, scale: "rows" },
      { ...axis, scale: "bytes", side: 1, values: said(size) },
    ],
    series: [
      { label: section.dataset.time },
      series(section.dataset.rows, ".course-rows", "rows"),
      { ...series(section.dataset.bytes, ".course-bytes", "bytes"), dash: [6, 4] },
    ],
  };
}

// Not as other figures are: in Chinese these are counted by ten thousands, and bytes are not.
function size(bytes) {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const unit = new Intl.NumberFormat(language, { style: "unit", unit: UNITS[step], unitDisplay: "narrow", maximumFractionDigits: 1 });
  return unit.format(bytes / 1000 ** step);
}

function fromZero(_, __, most) {
  return [0, most > 0 ? most * 1.1 : 1];
}
