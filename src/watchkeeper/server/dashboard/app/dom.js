// Builds elements, and patches the page into a new state without replacing what is the same.
// Text is only ever text: nothing here, or anywhere else, parses markup that comes with data.

const SVG = "http://www.w3.org/2000/svg";
// Symbols, because a form has its fields as properties: form.key would be the field of that id.
const KEY = Symbol("key");
const HANDLERS = Symbol("handlers");

export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") listen(node, value);
    else if (name === "key") node[KEY] = String(value);
    else if (name === "data") node.data = value;
    else if (name === "style") Object.entries(value).forEach(([k, v]) => node.style.setProperty(k, v));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) add(node, child);
    else node.append(child instanceof Node ? child : String(child));
  }
}

// One listener per type, which looks up what to do: a patched element then does the newest thing.
function listen(node, handlers) {
  for (const type of Object.keys(handlers)) {
    if (!node[HANDLERS]?.[type]) node.addEventListener(type, dispatch);
  }
  node[HANDLERS] = { ...node[HANDLERS], ...handlers };
}

function dispatch(event) {
  this[HANDLERS]?.[event.type]?.call(this, event);
}

// Turns `live` into `fresh`; focus, scroll, selection, open details and what was typed stay.
export function morph(live, fresh) {
  if (!isSame(live, fresh)) {
    live.replaceWith(fresh);
    return;
  }
  if (live.nodeType === Node.TEXT_NODE) {
    if (live.data !== fresh.data) live.data = fresh.data;
    return;
  }
  if (live.localName.includes("-")) {
    live.data = fresh.data; // an element of ours keeps its own attributes, and draws what is new
    return;
  }
  morphAttributes(live, fresh);
  if (fresh[HANDLERS]) listen(live, fresh[HANDLERS]);
  if (live.localName === "textarea") return;
  morphChildren(live, [...fresh.childNodes]);
  // Options must be there before one can be the chosen one.
  if (live.localName === "select" && live !== document.activeElement) live.value = fresh.value;
}

function isSame(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && one[KEY] === other[KEY];
}

function morphAttributes(live, fresh) {
  const keepsOpen = live.localName === "details" || live.localName === "dialog";
  for (const { name } of [...live.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "style" && !(keepsOpen && name === "open")) {
      live.removeAttribute(name);
      if (name === "value") live.value = "";
    }
  }
  for (const { name, value } of fresh.attributes) {
    if (name === "style" || (keepsOpen && name === "open")) continue;
    if (live.getAttribute(name) === value) continue;
    live.setAttribute(name, value);
    if (name === "value") live.value = value; // only where the page means another: typing stays
  }
  if (live.style && live.style.cssText !== fresh.style.cssText) live.style.cssText = fresh.style.cssText;
}

export function morphChildren(live, fresh) {
  const keyed = new Map();
  for (const node of live.childNodes) if (node[KEY] !== undefined) keyed.set(node[KEY], node);
  let place = live.firstChild;
  for (const node of fresh) {
    const found = node[KEY] === undefined ? nextLike(place, node) : keyed.get(node[KEY]);
    if (found && isSame(found, node)) {
      keyed.delete(node[KEY]);
      if (found === place) place = place.nextSibling;
      else live.insertBefore(found, place);
      morph(found, node);
    } else {
      live.insertBefore(node, place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

// The next without a key that is of the same kind: what stood before it may be gone.
function nextLike(place, node) {
  let found = place;
  while (found && !isSame(found, node)) found = found.nextSibling;
  return found;
}
