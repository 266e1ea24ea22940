// A slash command being filled in: one labelled input an option, required ones first, the others added as wanted.

import { packed, post } from "./api.js";
import { combobox, fitting } from "./combobox.js";
import { el, fill, freshId } from "./dom.js";

/** What a definition is called in the person's language, with the plain name where there is none. */
export function localized(thing, what, locale) {
  return thing[`${what}_localizations`]?.[locale] ?? thing[what];
}

/** Every command that can be run: subcommands of subcommands stand for themselves. */
export function flattened(commands, locale) {
  const walk = (node, words, label, top) => {
    const children = (node.options ?? []).filter((option) => option.type === 1 || option.type === 2);
    if (children.length) {
      return children.flatMap((child) => walk(child, `${words} ${child.name}`, `${label} ${localized(child, "name", locale)}`, top));
    }
    return [{ words, label, description: localized(node, "description", locale), options: node.options ?? [], application: top.application }];
  };
  const slash = commands.filter((command) => (command.type ?? 1) === 1);
  return slash.flatMap((command) => walk(command, command.name, localized(command, "name", locale), command));
}

/**
 * The form of a command. `context` has `place()` (person and channel), `state()`, `locale`; `send(body)` runs it and
 * throws what is refused; `cancel()` leaves it.
 */
export function commandForm(entry, context, send, cancel) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const grid = el("div", { class: "options" });
  const chips = el("div", { class: "chips" });
  const run = el("button", { type: "submit", class: "button primary" }, "Run");
  const leave = el("button", { type: "button", class: "button", on: { click: cancel } }, "Cancel");
  const title = el("p", { class: "command-title" }, el("strong", {}, `/${entry.label}`), el("span", { class: "sub" }, entry.description));
  const form = el("form", { class: "command", "aria-label": `/${entry.label}`, novalidate: true },
    el("div", { class: "command-head" }, title, leave), grid, chips, problem,
    el("div", { class: "command-end" }, el("span", { class: "sub keys" }, "Enter runs it, Escape leaves it"), run));
  const fields = new Map();
  const others = entry.options.filter((option) => !option.required);

  const values = (except) => {
    const shown = [...fields.values()].filter((field) => field.option.name !== except && field.filled());
    return Object.fromEntries(shown.map((field) => [field.option.name, field.value()]));
  };
  const suggest = async (option, text) => {
    const options = { ...values(option.name), [option.name]: text };
    const { choices } = await post("suggest", { ...context.place(), command: entry.words, options, focused: option.name });
    return choices;
  };
  const next = () => {
    const open = [...fields.values()].find((field) => field.option.required && !field.filled());
    if (open) open.input.focus();
  };
  const show = (option, focus) => {
    const field = optionField(option, { ...context, suggest, next, remove: option.required ? null : () => drop(option) });
    fields.set(option.name, field);
    grid.append(field.node);
    listOthers();
    if (focus) field.input.focus();
  };
  const drop = (option) => {
    fields.get(option.name).node.remove();
    fields.delete(option.name);
    listOthers();
    (chips.querySelector("button") ?? run).focus();
  };
  const listOthers = () => {
    const left = others.filter((option) => !fields.has(option.name));
    chips.hidden = !left.length;
    fill(chips, el("span", { class: "sub" }, "Optional:"), left.map((option) =>
      el("button", { type: "button", class: "chip", title: localized(option, "description", context.locale), on: { click: () => show(option, true) } }, `+ ${localized(option, "name", context.locale)}`)));
  };

  entry.options.filter((option) => option.required).forEach((option) => show(option, false));
  listOthers();

  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) cancel();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (run.disabled) return;
    problem.hidden = true;
    const wrong = [...fields.values()].filter((field) => !field.check());
    if (wrong.length) {
      wrong[0].input.focus();
      return;
    }
    run.disabled = true;
    try {
      const options = values(null);
      const files = await Promise.all([...fields.values()].filter((field) => field.option.type === 11 && field.filled()).map((field) => {
        // Two options may hold files of the same name; the option's name keeps them apart.
        const name = options[field.option.name];
        const twice = Object.entries(options).some(([other, value]) => other !== field.option.name && value === name);
        if (twice) options[field.option.name] = `${field.option.name}-${name}`;
        return packed(field.input.files[0], options[field.option.name]);
      }));
      await send({ command: entry.words, options, files });
    } catch (error) {
      fill(problem, error.message);
      problem.hidden = false;
    } finally {
      run.disabled = false;
    }
  });
  const focus = () => (form.querySelector("input") ?? run).focus();
  return { node: form, focus };
}

const KINDS = { 3: "text", 4: "whole number", 5: "true or false", 6: "person", 7: "channel", 8: "role", 9: "person or role", 10: "number", 11: "file" };

function optionField(option, context) {
  const id = freshId("option");
  const name = localized(option, "name", context.locale);
  const input = option.type === 11 ? el("input", { id, type: "file" }) : el("input", {
    id,
    type: "text",
    inputmode: option.type === 4 && !(option.min_value < 0) ? "numeric" : option.type === 4 || option.type === 10 ? "decimal" : null,
    maxlength: option.type === 3 ? option.max_length : null,
    placeholder: option.choices?.length ? "choose" : KINDS[option.type],
    autocomplete: "off",
  });
  input.setAttribute("aria-required", String(Boolean(option.required)));
  input.setAttribute("aria-describedby", `${id}-help ${id}-wrong`);
  const wrong = el("p", { id: `${id}-wrong`, class: "problem", role: "alert", hidden: true });
  const field = { option, input, chosen: null };
  const fixed = () => fixedChoices(option, context);
  const isFixed = fixed() !== null;

  field.filled = () => (option.type === 11 ? input.files.length > 0 : input.value.trim() !== "");
  field.value = () => {
    if (option.type === 11) return input.files[0].name;
    if (field.chosen && field.chosen.name === input.value) return field.chosen.value;
    const same = fixed()?.find((choice) => choice.name.toLowerCase() === input.value.trim().toLowerCase());
    return same ? same.value : input.value.trim();
  };
  field.check = () => {
    const text = complaint(option, field, isFixed ? fixed() : null);
    fill(wrong, text);
    wrong.hidden = !text;
    input.setAttribute("aria-invalid", String(Boolean(text)));
    return !text;
  };
  input.addEventListener("input", () => !wrong.hidden && field.check());

  let list = null;
  if (isFixed || option.autocomplete) {
    const load = (text) => {
      const whole = field.chosen?.name === text ? "" : text;
      if (isFixed) return fitting(fixed(), whole).slice(0, 100);
      return context.suggest(option, text);
    };
    const taken = (choice) => {
      field.chosen = choice;
      input.value = choice.name;
      if (!wrong.hidden) field.check();
      context.next();
    };
    list = combobox(input, { label: name, load, taken, wait: isFixed ? 0 : 120 }).list;
  }
  const star = option.required && el("span", { class: "star", "aria-hidden": "true" }, " *");
  field.node = el("div", { class: "option" },
    el("div", { class: "option-head" }, el("label", { for: id }, name, star),
      context.remove && el("button", { type: "button", class: "plain", "aria-label": `Remove ${name}`, on: { click: context.remove } }, "×")),
    el("div", { class: "option-input" }, input, list),
    el("p", { id: `${id}-help`, class: "sub" }, localized(option, "description", context.locale)), wrong);
  return field;
}

function complaint(option, field, fixed) {
  if (!field.filled()) return option.required ? "This option is required." : "";
  if (option.type === 11) return "";
  const value = field.value();
  if (fixed && !fixed.some((choice) => choice.value === value)) return "Choose one from the list.";
  if (field.chosen || fixed) return "";
  const length = [...String(value)].length;
  if (option.min_length && length < option.min_length) return `At least ${option.min_length} characters.`;
  if (option.max_length && length > option.max_length) return `At most ${option.max_length} characters.`;
  if (option.type === 4 && !/^-?\d+$/.test(value)) return "This has to be a whole number.";
  if (option.type === 10 && !Number.isFinite(Number(value))) return "This has to be a number.";
  if (option.type === 4 || option.type === 10) {
    if (option.min_value !== undefined && Number(value) < option.min_value) return `At least ${option.min_value}.`;
    if (option.max_value !== undefined && Number(value) > option.max_value) return `At most ${option.max_value}.`;
  }
  return "";
}

// What can be chosen without asking the bot: choices, truth values, people, roles, channels. Null: anything may be typed.
function fixedChoices(option, context) {
  if (option.choices?.length) return option.choices.map((choice) => ({ name: localized(choice, "name", context.locale), value: choice.value }));
  const { guild, channels } = context.here();
  const people = () => (guild?.members ?? []).map((member) => ({ name: member.name, value: member.id, hint: member.bot ? "app" : "" }));
  const roles = () => (guild?.roles ?? []).map((role) => ({ name: `@${role.name}`, value: role.id, hint: "role" }));
  const kinds = { text: 0, direct: 1, thread: 11 };
  const fits = (channel) => !option.channel_types?.length || option.channel_types.includes(kinds[channel.kind]);
  switch (option.type) {
    case 5: return [{ name: "True", value: "true" }, { name: "False", value: "false" }];
    case 6: return people();
    case 7: return channels.filter(fits).map((channel) => ({ name: `#${channel.name}`, value: channel.id }));
    case 8: return roles();
    case 9: return [...people(), ...roles()];
    default: return null;
  }
}
