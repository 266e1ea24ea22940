// Building elements. Text only ever becomes text nodes; nothing here parses markup.

/**
 * An element with attributes and children. `on` holds listeners, `vars` CSS variables, `data` data-attributes; `true`
 * sets an attribute without a value; `false`, `null` and `undefined` leave it, or the child, out.
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "vars") {
      for (const [variable, text] of Object.entries(value)) if (text) node.style.setProperty(variable, text);
    } else if (name === "data") {
      Object.assign(node.dataset, value);
    } else if (name === "value") {
      node.value = value;
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  add(node, children);
  return node;
}

/** Appends children; lists are flattened, nothing is skipped silently but what isn't there. */
export function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child);
  }
}

/** Replaces what is in a node. */
export function fill(node, ...children) {
  node.replaceChildren();
  add(node, children);
}

let last = 0;

/** An id that no other element has. */
export function freshId(prefix) {
  last += 1;
  return `${prefix}-${last}`;
}

const ICONS = {
  lock: "M5 7V5a3 3 0 0 1 6 0v2h1v7H4V7zm1.6 0h2.8V5a1.4 1.4 0 0 0-2.8 0z",
  eye: "M8 3c4 0 6.500 5 6.500 5S12 13 8 13 1.500 8 1.500 8 4 3 8 3zm0 2a3 3 0 1 0 0 6 3 3 0 0 0 0-6zm0 1.600a1.400 1.400 0 1 1 0 2.800 1.400 1.400 0 0 1 0-2.800z",
  file: "M3 1h6l4 4v10H3zm5.400 1.400V5.600h3.200z",
};

/** A small picture that says nothing to screen readers. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const node = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  node.setAttribute("viewBox", "0 0 16 16");
  node.setAttribute("class", "icon");
  node.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  path.setAttribute("fill-rule", "evenodd");
  node.append(path);
  return node;
}

/** Text that only screen readers say. */
export function hidden(text) {
  return el("span", { class: "hidden-text" }, text);
}

/** Bytes for people. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Shows a short text for a while. */
export function toast(text, isError = false) {
  const close = el("button", { type: "button", class: "plain", "aria-label": "Close" }, "×");
  const node = el("div", { class: isError ? "toast bad" : "toast" }, el("p", {}, text), close);
  const end = () => node.remove();
  close.addEventListener("click", end);
  document.getElementById("toasts").append(node);
  setTimeout(end, Math.min(20000, 5000 + text.length * 60));
}
