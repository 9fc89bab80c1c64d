// Lines of a log as elements. Each is a block of its own, so that no mark of direction reaches beyond its line.

import { styled } from "./ansi.js";
import { level } from "./levels.js";

/** Some text of a log from line `number` on. Where it is `cut`, it begins in the midst of that line, whose number stands above it. */
export function rows(text, number, cut) {
  const block = document.createElement("div");
  const lines = text.split("\n");
  const last = lines.pop();
  lines.forEach((line, index) => {
    block.append(row(line, cut && index === 0 ? null : number + index, "\n"));
  });
  if (last) block.append(row(last, cut && lines.length === 0 ? null : number + lines.length, ""));
  return block;
}

function row(line, number, end) {
  const parts = styled(line.endsWith("\r") ? line.slice(0, -1) : line);
  const element = document.createElement("div");
  element.className = `row ${level(parts.map((part) => part.text).join(""))}`;
  if (number !== null) element.append(anchor(number));
  for (const { text, classes } of parts) element.append(classes ? span(text, classes) : text);
  element.append(end);
  return element;
}

// Its number is drawn by the style sheet: who copies lines wants no numbers among them. Keyboards go by the search, which sets the address.
function anchor(number) {
  const link = document.createElement("a");
  link.className = "no";
  link.href = `#log-L${number}`;
  link.dataset.line = number;
  link.tabIndex = -1;
  link.setAttribute("aria-hidden", "true");
  return link;
}

function span(text, classes) {
  const element = document.createElement("span");
  element.className = classes;
  element.textContent = text;
  return element;
}
