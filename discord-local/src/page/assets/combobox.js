// A text input with a list of suggestions (WAI-ARIA combobox): arrows move, Enter or Tab takes, Escape closes.

import { el, fill, freshId } from "./dom.js";

/**
 * Makes `input` a combobox. `options.load(text)` gives `[{name, value, hint}]`, perhaps later; `options.taken(choice)`
 * is called when one is taken, `options.edited()` when the text changes. `options.wait` ms pass after a key. A `load` that
 * gives null closes the list. In a `multiline` input arrows move the caret while the list is closed.
 */
export function combobox(input, options) {
  const id = freshId("list");
  const list = el("ul", { id, class: "list", role: "listbox", "aria-label": options.label ?? "Suggestions", hidden: true });
  // A box of several lines may not call itself a combobox; it says that a list belongs to it.
  const kind = options.multiline ? { "aria-haspopup": "listbox" } : { role: "combobox", "aria-expanded": "false" };
  const expanded = (is) => options.multiline || input.setAttribute("aria-expanded", String(is));
  Object.entries({
    ...kind,
    "aria-autocomplete": "list",
    "aria-controls": id,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  }).forEach(([name, value]) => input.setAttribute(name, value));
  const box = { choices: [], at: -1, asked: 0, timer: 0, list };

  box.close = () => {
    clearTimeout(box.timer);
    box.asked += 1;
    list.hidden = true;
    box.choices = [];
    box.at = -1;
    expanded(false);
    input.removeAttribute("aria-activedescendant");
  };

  box.isOpen = () => !list.hidden && box.choices.length > 0;

  const say = (text) => {
    box.choices = [];
    box.at = -1;
    fill(list, el("li", { class: "list-note", role: "presentation" }, text));
    list.hidden = false;
    expanded(true);
    input.removeAttribute("aria-activedescendant");
  };

  const point = (at) => {
    box.at = at;
    [...list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
    const row = list.children[at];
    if (row) {
      input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    }
  };

  const take = (choice) => {
    box.close();
    options.taken(choice);
  };

  const show = (choices) => {
    if (!choices.length) {
      say("No options match.");
      return;
    }
    box.choices = choices;
    const rows = choices.map((choice) =>
      el("li", {
        id: freshId("option"),
        role: "option",
        "aria-selected": "false",
        class: "list-row",
        // The input keeps the focus.
        on: { mousedown: (event) => event.preventDefault(), click: () => take(choice) },
      }, el("span", { class: "list-name" }, choice.name), choice.hint && el("span", { class: "list-hint" }, choice.hint)));
    fill(list, rows);
    list.hidden = false;
    expanded(true);
    // On a narrow window the list stands below its input, in a box that scrolls.
    list.scrollIntoView({ block: "nearest" });
    point(0);
  };

  box.open = async () => {
    box.asked += 1;
    const asked = box.asked;
    const waiting = setTimeout(() => asked === box.asked && say("Loading options…"), 150);
    try {
      const choices = await options.load(input.value);
      if (asked !== box.asked || document.activeElement !== input) return;
      if (choices === null) box.close();
      else show(choices);
    } catch (error) {
      if (asked === box.asked) say(error.message);
    } finally {
      clearTimeout(waiting);
    }
  };

  input.addEventListener("input", () => {
    options.edited?.();
    clearTimeout(box.timer);
    box.timer = setTimeout(box.open, options.wait ?? 0);
  });
  input.addEventListener("focus", () => box.open());
  input.addEventListener("click", () => list.hidden && box.open());
  input.addEventListener("blur", box.close);
  input.addEventListener("keydown", (event) => {
    const count = box.choices.length;
    if (event.key === "Escape" && !list.hidden) {
      box.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && list.hidden && !options.multiline) {
      box.open();
    } else if (event.key === "ArrowDown" && count) {
      point((box.at + 1) % count);
    } else if (event.key === "ArrowUp" && count) {
      point((box.at + count - 1) % count);
    } else if ((event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) && box.isOpen() && box.at >= 0) {
      take(box.choices[box.at]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  return box;
}

/** Those of `choices` that fit a text: names that begin with it first, then those that hold it. */
export function fitting(choices, text) {
  const typed = text.trim().toLowerCase();
  if (!typed) return choices;
  const names = choices.map((choice) => [choice, `${choice.name} ${choice.hint ?? ""}`.toLowerCase()]);
  const first = names.filter(([, name]) => name.startsWith(typed));
  const later = names.filter(([, name]) => !name.startsWith(typed) && name.includes(typed));
  return [...first, ...later].map(([choice]) => choice);
}
