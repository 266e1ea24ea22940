// Discord's Markdown as DOM nodes. What isn't understood stays as it was written.

import { el } from "./dom.js";

const SCHEMES = /^(https?:|mailto:)/i;

/** A link that opens elsewhere and tells nobody where it came from. */
export function link(url, ...children) {
  if (!SCHEMES.test(url)) return el("span", {}, ...children);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

/**
 * The blocks of a text: code, quotes, lists, headings, lines.
 * `names` resolves mentions: `user(id)`, `role(id)`, `channel(id)`, `open(channel)`, `now` in Unix milliseconds.
 */
export function markdown(text, names) {
  const root = document.createDocumentFragment();
  const pieces = text.split(/```/);
  pieces.forEach((piece, at) => {
    // Odd pieces stand between fences; an opening fence without an end is text.
    if (at % 2 === 1 && at + 1 < pieces.length) {
      const lines = piece.match(/^[\w+-]*\n/) ? piece.slice(piece.indexOf("\n") + 1) : piece;
      root.append(el("pre", {}, el("code", {}, lines.replace(/\n$/, ""))));
      return;
    }
    const whole = at % 2 === 1 ? `\`\`\`${piece}` : piece;
    const trimmed = at > 0 && at % 2 === 0 ? whole.replace(/^\n/, "") : whole;
    blocks(trimmed, names, root);
  });
  return root;
}

function blocks(text, names, root) {
  if (text === "") return;
  const lines = text.split("\n");
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) root.append(el("div", { class: "line" }, inline(paragraph.join("\n"), names)));
    paragraph = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    const heading = line.match(/^(#{1,3}) +(.+)/);
    if (heading) {
      flush();
      root.append(el("div", { class: `h h${heading[1].length}`, role: "heading", "aria-level": heading[1].length + 2 }, inline(heading[2], names)));
    } else if (line.startsWith("-# ")) {
      flush();
      root.append(el("div", { class: "sub" }, inline(line.slice(3), names)));
    } else if (/^>>> /.test(line)) {
      flush();
      root.append(el("blockquote", {}, inline([line.slice(4), ...lines.slice(at + 1)].join("\n"), names)));
      return;
    } else if (/^> /.test(line)) {
      flush();
      const quoted = [];
      while (at < lines.length && /^> ?/.test(lines[at])) quoted.push(lines[at++].replace(/^> ?/, ""));
      at -= 1;
      root.append(el("blockquote", {}, inline(quoted.join("\n"), names)));
    } else if (/^ *([-*]|\d+\.) +\S/.test(line)) {
      flush();
      at = list(lines, at, names, root) - 1;
    } else {
      paragraph.push(line);
    }
  }
  flush();
}

function list(lines, start, names, root) {
  const ordered = /^ *\d+\./.test(lines[start]);
  const first = ordered ? Number.parseInt(lines[start], 10) : null;
  const node = el(ordered ? "ol" : "ul", { start: first });
  let at = start;
  for (; at < lines.length; at += 1) {
    const item = lines[at].match(/^( *)([-*]|\d+\.) +(.+)/);
    if (!item || /\d/.test(item[2]) !== ordered) break;
    const depth = Math.min(2, Math.floor(item[1].length / 2));
    node.append(el("li", { class: depth ? `deep${depth}` : null }, inline(item[3], names)));
  }
  root.append(node);
  return at;
}

// Every rule's expression is anchored where the text stands; the first that fits is taken.
const RULES = [
  [/^\\([^\w\s])/, (m) => m[1]],
  [/^(`+)([\s\S]*?[^`])\1(?!`)/, (m) => el("code", {}, m[2].replace(/^ (.*) $/, "$1"))],
  [/^<@!?(\d+)>/, (m, names) => mention(`@${names.user(m[1]) ?? "unknown-user"}`)],
  [/^<@&(\d+)>/, (m, names) => roleMention(names.role(m[1]))],
  [/^<#(\d+)>/, (m, names) => channelMention(m[1], names)],
  [/^<\/([^:>\n]{1,100}):\d+>/, (m) => mention(`/${m[1]}`)],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m, names) => timestamp(Number(m[1]) * 1000, m[2] ?? "f", names.now)],
  [/^<a?:(\w+):\d+>/, (m) => `:${m[1]}:`],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], m[1])],
  [/^\[([^\]\n]+)\]\(<?((?:https?|mailto):[^\s)>]+)>?(?: +"[^"\n]*")?\)/, (m, names) => link(m[2], inline(m[1], names))],
  [/^https?:\/\/[^\s<]+[^\s<.,:;"'!?)\]}*_~|]/, (m) => link(m[0], m[0])],
  [/^\*\*\*(?=\S)([\s\S]*?\S)\*\*\*/, (m, names) => el("strong", {}, el("em", {}, inline(m[1], names)))],
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)/, (m, names) => el("strong", {}, inline(m[1], names))],
  [/^__(?=\S)([\s\S]*?\S)__(?!_)/, (m, names) => el("u", {}, inline(m[1], names))],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (m, names) => el("s", {}, inline(m[1], names))],
  [/^\|\|([\s\S]+?)\|\|/, (m, names) => spoiler(inline(m[1], names))],
  [/^\*(?=\S)((?:\*\*|[^*])*?[^\s*])\*(?!\*)/, (m, names) => el("em", {}, inline(m[1], names))],
  [/^_(?=\S)((?:__|[^_])*?\S)_(?![\w_])/, (m, names, before) => (/\w/.test(before) ? null : el("em", {}, inline(m[1], names)))],
  [/^@(everyone|here)\b/, (m) => mention(m[0])],
];

/** A text's inline parts as a fragment. */
export function inline(text, names) {
  const root = document.createDocumentFragment();
  let plain = "";
  const flush = () => {
    if (plain) root.append(plain);
    plain = "";
  };
  let at = 0;
  while (at < text.length) {
    const found = special(text, at) ? rule(text.slice(at), names, text[at - 1] ?? "") : null;
    if (found) {
      flush();
      root.append(found.node);
      at += found.length;
    } else if (text[at] === "\n") {
      flush();
      root.append(el("br"));
      at += 1;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return root;
}

function special(text, at) {
  return "\\`<[*_~|@".includes(text[at]) || (text[at] === "h" && text.startsWith("http", at));
}

function rule(rest, names, before) {
  for (const [expression, make] of RULES) {
    const match = rest.match(expression);
    if (!match) continue;
    const node = make(match, names, before);
    if (node !== null) return { node, length: match[0].length };
  }
  return null;
}

function mention(text) {
  return el("span", { class: "mention" }, text);
}

function roleMention(role) {
  return el("span", { class: "mention", vars: { "--mention": role?.color } }, `@${role?.name ?? "unknown-role"}`);
}

function channelMention(id, names) {
  const channel = names.channel(id);
  if (!channel) return mention("#no-access");
  return el("button", { type: "button", class: "mention", on: { click: () => names.open(id) } }, `#${channel.name}`);
}

function spoiler(inner) {
  const node = el("button", { type: "button", class: "spoiler", "aria-expanded": "false", "aria-label": "Spoiler: show" }, el("span", {}, inner));
  node.addEventListener("click", () => {
    node.classList.add("open");
    node.setAttribute("aria-expanded", "true");
    node.removeAttribute("aria-label");
  });
  return node;
}

const FORMATS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

function timestamp(ms, style, now) {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return "Invalid date";
  const text = style === "R" ? relative(ms - now) : new Intl.DateTimeFormat(undefined, FORMATS[style]).format(date);
  const full = new Intl.DateTimeFormat(undefined, FORMATS.F).format(date);
  return el("time", { class: "stamp", datetime: date.toISOString(), title: full }, text);
}

const UNITS = [["year", 31557600000], ["month", 2629800000], ["day", 86400000], ["hour", 3600000], ["minute", 60000], ["second", 1000]];

function relative(difference) {
  const [unit, length] = UNITS.find(([, length]) => Math.abs(difference) >= length) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(difference / length), unit);
}
