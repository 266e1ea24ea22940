// The server's side: JSON in and out, and word that something changed.

/** What the server refused, as a sentence for people. */
export class Refusal extends Error {}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refusal("The server doesn't answer.");
  }
  let body = null;
  try {
    body = await answer.json();
  } catch {
    body = null;
  }
  if (!answer.ok) throw new Refusal(body?.error ?? `The server refused this (${answer.status}).`);
  return body;
}

/** Reads; parameters that are null are left out. */
export function get(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  const query = new URLSearchParams(given).toString();
  return ask(`/local/${path}${query ? `?${query}` : ""}`, { headers: { Accept: "application/json" } });
}

/** Does something. */
export function post(path, body) {
  const headers = { "Content-Type": "application/json", "X-Discord-Local": "page" };
  return ask(`/local/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Calls `changed` after every change, and `online` when the connection comes and goes. The browser reconnects. */
export function listen(changed, online) {
  let source = null;
  const open = () => {
    source = new EventSource("/local/events");
    source.addEventListener("open", () => online(true));
    source.addEventListener("message", changed);
    source.addEventListener("error", () => {
      online(false);
      // After some refusals a browser gives up for good; then it is opened anew.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 2000);
    });
  };
  open();
}

/** A file of the browser as the server takes it. */
export async function packed(file, name = file.name) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return { name, type: file.type, data: btoa(text) };
}
