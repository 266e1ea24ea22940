// The page: who one is, which channel is open, and what the server says about both.

import { get, listen, post } from "./api.js";
import { composer } from "./composer.js";
import { openForm } from "./dialog.js";
import { fill, toast } from "./dom.js";
import { follows, messageItem } from "./message.js";
import { localized } from "./command.js";
import { compare, grouped, showChannels, showControls, showPeople, showRoles } from "./sidebar.js";

const at = (id) => document.getElementById(id);
const scroller = at("scroller");
const list = at("messages");

const self = {
  state: null,
  person: null,
  channel: null,
  commands: [],
  limit: 100,
  // What went wrong with a message's buttons, by message.
  problems: new Map(),
  // The newest message and the pings that somebody has seen, by person and channel.
  seen: new Map(),
  watermark: "0",
  // What is on show, so that only what changed is built again.
  shown: new Map(),
  drawn: {},
  showing: "",
  refreshing: false,
  again: false,
  stuck: true,
};

const channelOf = (id) => self.state?.channels.find((channel) => channel.id === id) ?? null;
const currentChannel = () => channelOf(self.channel);
const place = () => ({ person: self.person, channel: self.channel });
const locale = () => self.state?.person?.locale ?? "en-US";

function guildHere() {
  const id = currentChannel()?.guild;
  return self.state?.guilds.find((guild) => guild.id === id) ?? null;
}

const names = {
  user: (id) => self.state.guilds.flatMap((guild) => guild.members).find((member) => member.id === id)?.name,
  role: (id) => self.state.guilds.flatMap((guild) => guild.roles).find((role) => role.id === id),
  channel: (id) => channelOf(id),
  open: (id) => openChannel(id),
  get now() {
    return self.state.now;
  },
};

// ---- where one is, in the address

function readAddress() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  return { person: parameters.get("person"), channel: parameters.get("channel") };
}

function writeAddress() {
  const hash = `#${new URLSearchParams({ person: self.person ?? "", channel: self.channel ?? "" })}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
}

function openChannel(id) {
  self.channel = id;
  self.limit = 100;
  self.stuck = true;
  closeSidebar();
  refresh();
}

function bePerson(id) {
  self.person = id;
  self.limit = 100;
  self.stuck = true;
  refresh();
}

// ---- looking again

async function refresh() {
  if (self.refreshing) {
    self.again = true;
    return;
  }
  self.refreshing = true;
  try {
    do {
      self.again = false;
      await look();
    } while (self.again);
    online(true);
  } catch (error) {
    if (error.message === "The server doesn't answer.") online(false);
    else toast(error.message, true);
  } finally {
    self.refreshing = false;
  }
}

async function look() {
  const state = await get("state", { person: self.person }).catch((error) => {
    // Somebody who has gone: be the first one again.
    if (self.person === null) throw error;
    self.person = null;
    return get("state");
  });
  const people = state.guilds.flatMap((guild) => grouped(guild)).flatMap((group) => group.people);
  if (!people.some((member) => member.id === self.person)) {
    self.person = people[0]?.id ?? null;
    if (self.person === null) {
      self.state = state;
      draw([], 0);
    } else {
      self.again = true;
    }
    return;
  }
  if (!state.channels.some((channel) => channel.id === self.channel)) {
    self.channel = (state.channels.find((channel) => channel.kind === "text") ?? state.channels[0])?.id ?? null;
  }
  const where = { person: self.person, channel: self.channel };
  let seen = { messages: [], earlier: 0 };
  let commands = [];
  if (self.channel !== null) {
    [seen, { commands }] = await Promise.all([get("messages", { ...where, limit: self.limit }), get("commands", where)]);
  }
  // Meanwhile somebody may have gone elsewhere; then this is old.
  if (where.person !== self.person || where.channel !== self.channel) {
    self.again = true;
    return;
  }
  self.state = state;
  self.commands = commands;
  draw(seen.messages, seen.earlier);
}

// ---- drawing

// Runs `build` only if what it depends on has changed.
function once(name, value, build) {
  const key = JSON.stringify(value);
  if (self.drawn[name] === key) return;
  self.drawn[name] = key;
  build();
}

function draw(messages, earlier) {
  const { state } = self;
  const showing = `${self.person}/${self.channel}`;
  const fresh = showing !== self.showing;
  self.showing = showing;
  noteSeen(showing);
  const channel = currentChannel();
  const guild = guildHere() ?? state.guilds[0];
  once("head", [guild?.name, state.title, channel, state.notice], () => {
    fill(at("server-name"), guild?.name ?? "No server yet");
    fill(at("page-title"), state.title);
    fill(at("channel-name"), channel ? `${channel.kind === "text" ? "# " : channel.kind === "direct" ? "@ " : "↳ "}${channel.name}` : "No channel");
    fill(at("channel-topic"), channel?.topic ?? "");
    document.title = channel ? `${channel.name} – ${state.title}` : state.title;
    at("notice").hidden = !state.notice;
    fill(at("notice"), state.notice);
  });
  once("people", [state.guilds, self.person], () => {
    showPeople(at("person"), state, self.person);
    showRoles(at("roles"), state, self.person);
  });
  once("channels", [state.channels, state.guilds.map((g) => g.name), self.channel, state.channels.map(unread)], () => {
    const focused = document.activeElement?.dataset?.channel;
    showChannels(at("channels"), state, self.channel, unread, openChannel);
    if (focused) at("channels").querySelector(`[data-channel="${focused}"]`)?.focus();
  });
  once("controls", state.controls, () => {
    showControls(at("controls"), state.controls, refresh);
    at("open-controls").hidden = !state.controls.length;
    at("controls").hidden = !state.controls.length || narrow();
    at("open-controls").setAttribute("aria-expanded", String(!at("controls").hidden));
  });
  box.show(channel, fresh);
  drawMessages(messages, earlier, fresh);
  writeAddress();
}

function drawMessages(messages, earlier, fresh) {
  // Going elsewhere isn't news; what comes in afterwards is.
  at("log").setAttribute("aria-live", fresh ? "off" : "polite");
  if (fresh) {
    self.shown.clear();
    list.replaceChildren();
  }
  const kept = new Set(messages.map((message) => message.id));
  for (const [id, { node }] of self.shown) {
    if (!kept.has(id)) {
      node.remove();
      self.shown.delete(id);
    }
  }
  const before = messages.length ? self.shown.size : 0;
  const labels = self.commands.filter((command) => command.type === 3).map((command) => command.name);
  let previous = null;
  let last = null;
  for (const message of messages) {
    const compact = follows(message, previous);
    const problem = self.problems.get(message.id) ?? "";
    const key = JSON.stringify([message, compact, problem, labels, new Date(self.state.now).toDateString()]);
    const known = self.shown.get(message.id);
    let node = known?.node;
    if (known?.key !== key) {
      node = messageItem(message, compact, messageContext(problem));
      if (known) replace(known.node, node);
      self.shown.set(message.id, { key, node });
    }
    const expected = last ? last.nextSibling : list.firstChild;
    if (expected !== node) list.insertBefore(node, expected);
    last = node;
    previous = message;
  }
  at("earlier").hidden = earlier === 0;
  at("empty").hidden = messages.length > 0;
  fill(at("empty"), currentChannel() ? `This is the beginning of ${currentChannel().name}.` : "There is nothing that this person sees.");
  if (self.stuck || fresh) toEnd();
  else if (before < self.shown.size) at("newest").hidden = false;
  if (fresh) setTimeout(() => at("log").setAttribute("aria-live", "polite"), 50);
}

// A message that is built anew keeps the focus on the same button.
function replace(old, node) {
  const key = old.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  old.replaceWith(node);
  if (key) [...node.querySelectorAll("[data-key]")].find((part) => part.dataset.key === key && !part.disabled)?.focus();
}

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
  at("newest").hidden = true;
}

scroller.addEventListener("scroll", () => {
  self.stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  if (self.stuck) at("newest").hidden = true;
});
// Pictures arrive later and push the end down.
new ResizeObserver(() => self.stuck && toEnd()).observe(list);
new ResizeObserver(() => self.stuck && toEnd()).observe(scroller);
at("newest").addEventListener("click", toEnd);
at("earlier").addEventListener("click", () => {
  self.limit *= 2;
  self.stuck = false;
  refresh();
});

// ---- what is unread

function noteSeen(showing) {
  const channel = currentChannel();
  if (self.watermark === "0") {
    const newest = self.state.channels.map((known) => known.last_message ?? "0").sort(compare);
    self.watermark = newest.at(-1) ?? "0";
  }
  if (channel) self.seen.set(showing, { message: channel.last_message ?? "0", pings: channel.pings });
}

function unread(channel) {
  const seen = self.seen.get(`${self.person}/${channel.id}`) ?? { message: self.watermark, pings: 0 };
  return { fresh: compare(channel.last_message ?? "0", seen.message) > 0, pings: Math.max(0, channel.pings - seen.pings) };
}

// ---- doing things

function messageContext(problem) {
  return {
    names,
    now: self.state.now,
    person: self.person,
    problem,
    messageCommands: self.commands.filter((command) => command.type === 3).map((command) => ({ name: command.name, label: localized(command, "name", locale()) })),
    menuOptions,
    openChannel,
    press: (message, id) => component("press", message, { custom_id: id }),
    select: (message, id, values) => component("select", message, { custom_id: id, values }),
    useCommand: (message, name) => component("message-command", message, { name }),
    dismiss: (message) => component("dismiss", message, {}),
  };
}

// What a menu of people, roles or channels offers.
function menuOptions(part) {
  if (part.type === 3) return part.options ?? [];
  const guild = guildHere();
  const people = (guild?.members ?? []).map((member) => ({ label: member.name, value: member.id }));
  const roles = (guild?.roles ?? []).map((role) => ({ label: `@${role.name}`, value: role.id }));
  const kinds = { text: 0, direct: 1, thread: 11 };
  const fits = (channel) => !part.channel_types?.length || part.channel_types.includes(kinds[channel.kind]);
  const channels = self.state.channels.filter(fits).map((channel) => ({ label: `#${channel.name}`, value: channel.id }));
  const offered = { 5: people, 6: roles, 7: [...people, ...roles], 8: channels }[part.type] ?? [];
  const chosen = (part.default_values ?? []).map((value) => value.id);
  return offered.map((option) => ({ ...option, default: chosen.includes(option.value) }));
}

async function component(path, message, body) {
  self.problems.delete(message.id);
  const say = (text) => {
    if (text) self.problems.set(message.id, text);
    refresh();
  };
  try {
    const answer = await post(path, { ...place(), message: message.id, ...body });
    answered(answer, null, say);
  } catch (error) {
    say(error.message);
  }
  await refresh();
}

/** What becomes of an answer: a form opens, silence is told, everything else is in the channel already. */
function answered(answer, label, say) {
  if (answer.answer === "form") {
    openForm(answer.form, (values) => submit(answer.form, values, say));
  } else if (answer.answer === "no_answer") {
    say(label ? `${label}: The application did not respond.` : "This interaction failed: the application did not respond.");
  }
  refresh();
}

async function submit(form, values, say) {
  const answer = await post("submit", { person: self.person, form: form.interaction, values });
  if (answer.answer === "no_answer") throw new Error("Something went wrong: the application did not respond. Try again.");
  answered(answer, form.title, say);
}

const box = composer(at("composer"), {
  place,
  name: () => self.state.person?.name ?? "",
  here: () => ({ guild: guildHere(), channels: self.state.channels.filter((channel) => channel.guild === currentChannel()?.guild) }),
  locale,
  commands: () => self.commands,
  answered,
  changed: () => {
    self.stuck = true;
    refresh();
  },
});

// ---- the frame

function narrow() {
  return matchMedia("(max-width: 900px)").matches;
}

function closeSidebar() {
  document.body.classList.remove("sidebar-open");
  at("open-sidebar").setAttribute("aria-expanded", "false");
}

at("skip").addEventListener("click", (event) => {
  event.preventDefault();
  (at("composer").querySelector("textarea, input:not([type=file])") ?? at("composer")).focus();
});
at("open-sidebar").addEventListener("click", () => {
  const open = document.body.classList.toggle("sidebar-open");
  at("open-sidebar").setAttribute("aria-expanded", String(open));
  if (open) at("person").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("sidebar-open")) {
    closeSidebar();
    at("open-sidebar").focus();
  }
});
// Beside the open sidebar, a tap closes it.
document.querySelector("main").addEventListener("click", (event) => {
  if (document.body.classList.contains("sidebar-open") && !at("open-sidebar").contains(event.target)) closeSidebar();
});
at("open-controls").addEventListener("click", () => {
  at("controls").hidden = !at("controls").hidden;
  at("open-controls").setAttribute("aria-expanded", String(!at("controls").hidden));
});
at("person").addEventListener("change", () => bePerson(at("person").value));

function online(is) {
  at("offline").hidden = is;
}

({ person: self.person, channel: self.channel } = readAddress());
addEventListener("hashchange", () => {
  const { person, channel } = readAddress();
  if (!person || (person === self.person && channel === self.channel)) return;
  [self.person, self.channel, self.stuck] = [person, channel, true];
  refresh();
});
listen(refresh, (is) => {
  online(is);
  if (is) refresh();
});
