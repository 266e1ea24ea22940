// A message as a list item: author, text, embeds, files, thread, buttons and menus.

import { enlarge } from "./dialog.js";
import { el, icon, size } from "./dom.js";
import { inline, link, markdown } from "./markdown.js";

const STYLES = { 1: "primary", 2: "", 3: "success", 4: "danger", 5: "link" };

/** The time of a message: short today and yesterday by the server's clock, with its date before that. */
export function when(ms, now) {
  const date = new Date(ms);
  const today = new Date(now);
  const days = Math.round((new Date(today).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(date);
  if (days === 0) return `Today at ${time}`;
  if (days === 1) return `Yesterday at ${time}`;
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** Whether a message stands under the one before it without a head of its own. */
export function follows(message, before) {
  return Boolean(before) && before.author.id === message.author.id && !message.reply && !message.used
    && before.ephemeral === message.ephemeral && message.timestamp - before.timestamp < 5 * 60000;
}

/**
 * The list item. `context` has `names`, `now`, `person`, `problem` (what went wrong with its components), and does
 * `press`, `select`, `dismiss`, `openChannel`, `messageCommands`, `useCommand`.
 */
export function messageItem(message, compact, context) {
  const classes = ["message"];
  if (compact) classes.push("compact");
  if (message.ephemeral) classes.push("ephemeral");
  if (message.pings_you) classes.push("pings");
  return el("li", { class: classes.join(" "), data: { id: message.id } },
    above(message, context),
    !compact && avatar(message.author),
    el("div", { class: "message-body" },
      head(message, compact, context),
      message.loading && el("p", { class: "loading" }, el("span", { class: "dots", "aria-hidden": "true" }), `${message.author.name} is thinking…`),
      message.content && el("div", { class: "content" }, markdown(message.content, context.names), message.edited && edited(message)),
      message.embeds.map((embed) => embedCard(embed, context)),
      message.attachments.length > 0 && el("div", { class: "files" }, message.attachments.map(attachment)),
      message.components.map((row) => componentRow(row, message, context)),
      context.problem && el("p", { class: "problem", role: "alert" }, context.problem),
      message.thread && threadCard(message.thread, context),
      message.ephemeral && onlyYou(message, context)),
    tools(message, context));
}

function avatar(author) {
  return el("span", { class: author.bot ? "avatar bot" : "avatar", vars: { "--colour": author.color }, "aria-hidden": "true" }, initials(author.name));
}

function initials(name) {
  return [...name.trim()].slice(0, 1).join("").toUpperCase();
}

function above(message, context) {
  if (message.reply) {
    const { author, content } = message.reply;
    const text = author ? [el("strong", { vars: { "--colour": author.color } }, author.name), " ", inline(content.split("\n")[0] || "Click to see attachment", context.names)] : "Original message was deleted";
    return el("p", { class: "above" }, el("span", { class: "corner", "aria-hidden": "true" }), text);
  }
  if (message.used) {
    return el("p", { class: "above" }, el("span", { class: "corner", "aria-hidden": "true" }),
      el("strong", {}, message.used.user), " used ", el("span", { class: "mention" }, `/${message.used.command}`));
  }
  return null;
}

function head(message, compact, context) {
  const time = el("time", { datetime: new Date(message.timestamp).toISOString(), title: new Date(message.timestamp).toISOString() }, when(message.timestamp, context.now));
  const pin = message.pinned && el("span", { class: "tag pin", title: "Pinned" }, "Pinned");
  if (compact) return el("span", { class: "hidden-text" }, `${message.author.name}, `, time.textContent);
  return el("div", { class: "message-head" },
    el("strong", { class: "author", vars: { "--colour": message.author.color } }, message.author.name),
    message.author.bot && el("span", { class: "tag" }, "APP"), time, pin,
    !message.content && message.edited && edited(message));
}

function edited(message) {
  return el("span", { class: "edited", title: new Date(message.edited).toISOString() }, " (edited)");
}

function embedCard(embed, context) {
  const colour = typeof embed.color === "number" ? `#${embed.color.toString(16).padStart(6, "0")}` : null;
  const { author, title, description, fields, footer, thumbnail, image } = embed;
  const linked = (text, url, ...children) => (url ? link(url, ...children) : children);
  const stamp = embed.timestamp ? when(Date.parse(embed.timestamp), context.now) : "";
  const foot = [footer?.text, stamp].filter(Boolean).join(" · ");
  const small = thumbnail && picture(thumbnail, `Thumbnail${title ? ` of ${title}` : ""}`, "thumbnail");
  return el("article", { class: "embed", vars: { "--stripe": colour } },
    el("div", { class: "embed-text" },
      author?.name && el("p", { class: "embed-author" }, linked("", author.url, author.name)),
      title && el("h3", {}, linked("", embed.url, inline(title, context.names))),
      description && el("div", { class: "content" }, markdown(description, context.names)),
      fields?.length > 0 && el("dl", { class: "fields" }, fields.map((field) =>
        el("div", { class: field.inline ? "field inline" : "field" }, el("dt", {}, inline(field.name, context.names)), el("dd", {}, markdown(field.value, context.names)))))),
    small,
    image && picture(image, title ? `Picture: ${title}` : "Picture", "embed-picture"),
    foot && el("p", { class: "embed-foot" }, foot));
}

// A picture of this server, to be clicked; one from elsewhere stays a link, because the page loads nothing from there.
function picture(given, name, kind) {
  if (given.foreign) return el("p", { class: `${kind} foreign` }, link(given.url, "Picture elsewhere"));
  return pictureButton(given.url, name, kind);
}

function pictureButton(url, name, kind) {
  return el("button", { type: "button", class: `picture-button ${kind}`, "aria-label": `${name}, enlarge`, on: { click: () => enlarge(url, name) } },
    el("img", { src: url, alt: name }));
}

function attachment(file) {
  if (file.picture) return pictureButton(file.url, file.description || file.name, "attached");
  return el("a", { class: "file", href: file.url, download: file.name },
    icon("file"),
    el("span", {}, el("strong", {}, file.name), el("span", { class: "sub" }, size(file.size))));
}

function threadCard(thread, context) {
  const count = `${thread.messages} ${thread.messages === 1 ? "message" : "messages"} ›`;
  return el("button", { type: "button", class: "thread-card", on: { click: () => context.openChannel(thread.id) } },
    el("strong", {}, thread.name), el("span", { class: "open" }, count));
}

function onlyYou(message, context) {
  return el("p", { class: "only-you" }, icon("eye"), " Only you can see this · ",
    el("button", { type: "button", class: "as-link", on: { click: () => context.dismiss(message) } }, "Dismiss message"));
}

// What can be done with a message: its message commands, and removing it. Shown on hover and focus.
function tools(message, context) {
  const commands = message.ephemeral ? [] : context.messageCommands;
  const own = message.author.id === context.person && !message.ephemeral;
  if (!commands.length && !own) return null;
  return el("div", { class: "tools" },
    commands.map((command) => el("button", { type: "button", class: "small", on: { click: () => context.useCommand(message, command.name) } }, command.label)),
    own && el("button", { type: "button", class: "small", on: { click: () => context.dismiss(message) } }, "Delete"));
}

function componentRow(row, message, context) {
  return el("div", { class: "row" }, (row.components ?? []).map((part) => component(part, message, context)));
}

function component(part, message, context) {
  if (part.type === 2) return button(part, message, context);
  if ([3, 5, 6, 7, 8].includes(part.type)) return menu(part, message, context);
  return null;
}

function emoji(given) {
  return given?.name ? `${given.id ? `:${given.name}:` : given.name} ` : "";
}

function button(part, message, context) {
  const text = `${emoji(part.emoji)}${part.label ?? ""}`.trim();
  if (part.style === 5) {
    const node = link(part.url, text, el("span", { "aria-hidden": "true" }, " ↗"));
    node.classList.add("button");
    return node;
  }
  const node = el("button", { type: "button", class: `button ${STYLES[part.style] ?? ""}`, disabled: Boolean(part.disabled), data: { key: part.custom_id } }, text);
  node.addEventListener("click", async () => {
    node.disabled = true;
    node.setAttribute("aria-busy", "true");
    await context.press(message, part.custom_id);
    node.disabled = Boolean(part.disabled);
    node.removeAttribute("aria-busy");
    if (document.activeElement === document.body) node.focus();
  });
  return node;
}

function menu(part, message, context) {
  const offered = context.menuOptions(part);
  const least = part.min_values ?? 1;
  const most = Math.min(part.max_values ?? 1, offered.length || 1);
  const placeholder = part.placeholder || "Make a selection";
  if (most > 1) return manyMenu(part, message, context, offered, least, most, placeholder);
  const node = el("select", { class: "menu", "aria-label": placeholder, disabled: Boolean(part.disabled), data: { key: part.custom_id } },
    el("option", { value: "" }, placeholder),
    offered.map((option) => el("option", { value: option.value, selected: Boolean(option.default) }, option.description ? `${option.label} — ${option.description}` : option.label)));
  if (!offered.some((option) => option.default)) node.value = "";
  node.addEventListener("change", async () => {
    const values = node.value === "" ? [] : [node.value];
    if (values.length >= least) await context.select(message, part.custom_id, values);
  });
  return node;
}

function manyMenu(part, message, context, offered, least, most, placeholder) {
  const boxes = offered.map((option) => {
    const box = el("input", { type: "checkbox", value: option.value });
    box.checked = Boolean(option.default);
    return el("label", { class: "check" }, box, el("span", {}, option.label, option.description && el("span", { class: "sub" }, option.description)));
  });
  const apply = el("button", { type: "button", class: "button primary" }, "Choose");
  const chosen = () => boxes.map((label) => label.querySelector("input")).filter((box) => box.checked).map((box) => box.value);
  apply.addEventListener("click", () => context.select(message, part.custom_id, chosen()));
  const range = least === most ? `${most}` : `${least} to ${most}`;
  return el("details", { class: "many" }, el("summary", {}, placeholder),
    el("fieldset", { disabled: Boolean(part.disabled) }, el("legend", {}, `Choose ${range}`), boxes, apply));
}
