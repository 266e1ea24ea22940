// The box at the bottom: text, files, and "/" for commands.

import { packed, post } from "./api.js";
import { combobox, fitting } from "./combobox.js";
import { commandForm, flattened } from "./command.js";
import { el, fill, size } from "./dom.js";

/** How long a command's form waits for a refusal before it makes room; the answer may take much longer. */
const PATIENCE_MS = 400;

/**
 * Builds the composer in `root`. `context`: `place()`, `name()` (of the person), `here()`, `locale()`, `commands()`,
 * `answered(answer, label)`, `changed()`.
 */
export function composer(root, context) {
  const status = el("div", { class: "composer-status" });
  const slot = el("div", { class: "composer-slot" });
  const text = el("textarea", { id: "composer-text", rows: 1, "aria-label": "Message" });
  const files = el("input", { id: "composer-files", type: "file", multiple: true, class: "hidden-text" });
  const attach = el("label", { for: "composer-files", class: "attach", title: "Attach files" }, el("span", { "aria-hidden": "true" }, "+"), el("span", { class: "hidden-text" }, "Attach files"));
  const chosen = el("div", { class: "chosen", hidden: true });
  const send = el("button", { type: "submit", class: "button primary" }, "Send");
  const self = { commands: [], files: [], locked: "" };

  const palette = combobox(text, {
    label: "Commands",
    multiline: true,
    load: (typed) => {
      if (!/^\/[^\n]*$/.test(typed)) return null;
      reload();
      if (self.commands.some((entry) => typed.startsWith(`/${entry.words} `))) return null;
      const rows = self.commands.map((entry) => ({ name: `/${entry.label}`, hint: entry.description, app: entry.application, entry }));
      return fitting(rows, typed.length > 1 ? typed : "");
    },
    taken: (row) => start(row.entry),
    edited: () => {
      grow();
      reload();
      const entry = self.commands.find((entry) => text.value === `/${entry.words} `);
      if (entry) start(entry);
    },
  });
  palette.list.classList.add("palette");
  const form = el("form", { class: "composer-row" }, attach, files, el("div", { class: "composer-input" }, text, palette.list), send);
  root.append(status, slot);

  const grow = () => {
    text.style.setProperty("height", "auto");
    text.style.setProperty("height", `${Math.min(text.scrollHeight + 2, 200)}px`);
  };

  const reload = () => {
    self.commands = flattened(context.commands(), context.locale());
  };

  const start = (entry) => {
    palette.close();
    text.value = "";
    grow();
    problem("");
    const commandContext = { place: context.place, here: context.here, locale: context.locale() };
    const made = commandForm(entry, commandContext, (body) => run(body, `/${entry.label}`), plain);
    fill(slot, made.node);
    made.focus();
  };

  // Back to text.
  const plain = () => {
    fill(slot, chosen, form);
    if (!text.disabled) text.focus();
  };

  // A refusal of the client comes at once and keeps the form; whatever takes longer goes on without it.
  const run = async (body, label) => {
    const answer = post("run", { ...context.place(), ...body });
    context.changed();
    const late = new Promise((resolve) => setTimeout(() => resolve("late"), PATIENCE_MS));
    const first = await Promise.race([answer, late]);
    plain();
    if (first !== "late") {
      settle(first, label);
      return;
    }
    waiting(`${label} is running…`);
    answer.then((late) => {
      waiting("");
      settle(late, label);
    }, (error) => problem(`${label}: ${error.message}`));
  };

  const settle = (answer, label) => context.answered(answer, label, problem);

  const line = (classes, role, content) => fill(status, content && el("p", { class: classes, role }, content,
    el("button", { type: "button", class: "plain", "aria-label": "Close", on: { click: () => fill(status) } }, "×")));
  const problem = (message) => line("problem", "alert", message);
  const waiting = (message) => line("sub", "status", message);

  const listFiles = () => {
    chosen.hidden = !self.files.length;
    fill(chosen, self.files.map((file, at) => el("span", { class: "chip" }, `${file.name} (${size(file.size)}) `,
      el("button", { type: "button", class: "plain", "aria-label": `Remove ${file.name}`, on: { click: () => { self.files.splice(at, 1); listFiles(); } } }, "×"))));
  };
  files.addEventListener("change", () => {
    self.files.push(...files.files);
    files.value = "";
    listFiles();
    text.focus();
  });

  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !event.defaultPrevented) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = text.value;
    if (!typed.trim() && !self.files.length) return;
    problem("");
    send.disabled = true;
    try {
      if (typed.startsWith("/")) {
        await run({ line: typed }, typed.split(" ")[0]);
      } else {
        const body = { text: typed, files: await Promise.all(self.files.map((file) => packed(file))) };
        await post("say", { ...context.place(), ...body });
        self.files = [];
        listFiles();
      }
      text.value = "";
      grow();
      context.changed();
    } catch (error) {
      problem(error.message);
    } finally {
      send.disabled = false;
      text.focus();
    }
  });

  /** Shows what may be done in the channel; `fresh` if it is another one or somebody else's. */
  self.show = (channel, fresh) => {
    const name = channel ? `${channel.kind === "direct" ? "@" : channel.kind === "thread" ? "" : "#"}${channel.name}` : "";
    const may = channel && (channel.can_write || channel.can_command);
    const label = !channel ? "No channel" : !channel.can_write ? may ? "You can't write here — / for commands" : "You can't write here" : `Message ${name} as ${context.name()} — / for commands`;
    text.placeholder = label;
    text.setAttribute("aria-label", label);
    text.disabled = !may;
    send.disabled = !may;
    attach.hidden = !channel?.can_attach || !channel?.can_write;
    if (fresh) {
      self.commands = [];
      problem("");
      palette.close();
      text.value = "";
      self.files = [];
      listFiles();
      fill(slot, chosen, form);
      grow();
    }
  };
  self.focus = () => text.focus();
  return self;
}
