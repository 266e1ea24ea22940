// Dialogs: a bot's form, and a picture at its full size. Both are native dialogs, so Escape and focus work by themselves.

import { el, fill, freshId } from "./dom.js";

/** Opens a form; `submit(values)` sends it, and its refusal is shown while the form stays open. */
export function openForm(form, submit) {
  const title = el("h2", { id: freshId("form") }, form.title);
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const inputs = form.inputs.map(formInput);
  const send = el("button", { type: "submit", class: "button primary" }, "Submit");
  const cancel = el("button", { type: "button", class: "button" }, "Cancel");
  const body = el("form", { novalidate: true },
    title,
    inputs.some((input) => input.required) && el("p", { class: "sub" }, "Fields marked * have to be filled in."),
    inputs.map((input) => input.node), problem, el("div", { class: "dialog-end" }, cancel, send));
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": title.id }, body);
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  body.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = inputs.filter((input) => !input.check());
    if (wrong.length) {
      wrong[0].input.focus();
      return;
    }
    send.disabled = true;
    fill(send, "Sending…");
    problem.hidden = true;
    try {
      await submit(Object.fromEntries(inputs.map((input) => [input.id, input.input.value])));
      dialog.close();
    } catch (error) {
      fill(problem, error.message);
      problem.hidden = false;
    } finally {
      send.disabled = false;
      fill(send, "Submit");
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  inputs[0]?.input.focus();
}

function formInput(given) {
  const id = freshId("input");
  const input = el(given.paragraph ? "textarea" : "input", {
    id,
    name: given.custom_id,
    type: given.paragraph ? null : "text",
    rows: given.paragraph ? 4 : null,
    maxlength: given.max_length,
    placeholder: given.placeholder || null,
    "aria-required": String(given.required),
    "aria-describedby": `${id}-note ${id}-wrong`,
    autocomplete: "off",
  });
  input.value = given.value;
  const note = el("p", { id: `${id}-note`, class: "sub count" });
  const wrong = el("p", { id: `${id}-wrong`, class: "problem", role: "alert", hidden: true });
  const length = () => [...input.value].length;
  const count = () => {
    const from = given.min_length > 0 ? `at least ${given.min_length}, ` : "";
    fill(note, `${length()} of ${given.max_length} characters${from ? ` (${from}at most ${given.max_length})` : ""}`);
  };
  const complaint = () => {
    if (length() === 0) return given.required ? `${given.label} is required.` : "";
    if (length() < given.min_length) return `At least ${given.min_length} characters.`;
    if (length() > given.max_length) return `At most ${given.max_length} characters.`;
    return "";
  };
  const check = () => {
    const text = complaint();
    fill(wrong, text);
    wrong.hidden = !text;
    input.setAttribute("aria-invalid", String(Boolean(text)));
    return !text;
  };
  input.addEventListener("input", () => {
    count();
    if (!wrong.hidden) check();
  });
  count();
  const star = given.required && el("span", { class: "star", "aria-hidden": "true" }, " *");
  const node = el("div", { class: "form-input" }, el("label", { for: id }, given.label, star), input, note, wrong);
  return { id: given.custom_id, required: given.required, input, node, check };
}

/** Shows a picture as large as the window allows. */
export function enlarge(url, name) {
  const close = el("button", { type: "button", class: "button" }, "Close");
  const open = el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, "Open original");
  const dialog = el("dialog", { class: "picture", "aria-label": name },
    el("img", { src: url, alt: name }), el("div", { class: "dialog-end" }, el("span", { class: "sub" }, name), open, close));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
