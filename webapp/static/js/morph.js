// Turns one tree of elements into another by changing only what differs, so that focus, selection and scrolling stay.

export function morph(current, wanted) {
  if (!same(current, wanted)) {
    current.replaceWith(wanted);
    return;
  }
  if (current.nodeType !== Node.ELEMENT_NODE) {
    if (current.nodeValue !== wanted.nodeValue) current.nodeValue = wanted.nodeValue;
    return;
  }
  morphAttributes(current, wanted);
  morphChildren(current, wanted);
}

function same(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && key(one) === key(other);
}

function key(node) {
  return node.dataset?.key;
}

function morphAttributes(current, wanted) {
  for (const { name, value } of wanted.attributes) {
    if (current.getAttribute(name) !== value) current.setAttribute(name, value);
  }
  for (const { name } of [...current.attributes]) {
    if (!wanted.hasAttribute(name)) current.removeAttribute(name);
  }
}

function morphChildren(current, wanted) {
  const keyed = new Map([...current.children].filter(key).map((child) => [key(child), child]));
  let place = current.firstChild;
  for (const child of [...wanted.childNodes]) {
    const match = keyed.get(key(child)) ?? (place && same(place, child) ? place : null);
    if (match && match === place) place = place.nextSibling;
    else current.insertBefore(match ?? child, place);
    if (match) morph(match, child);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}
