// The left side: server, channels with their threads, and the picker of who one is. The right side: controls.

import { post } from "./api.js";
import { add, el, fill, icon, toast } from "./dom.js";

/** Everybody one can be, grouped by their highest role, as `[{label, people}]`. */
export function grouped(guild) {
  const people = guild.members.filter((member) => !member.bot);
  const named = new Map(guild.roles.filter((role) => !role.managed).map((role) => [role.id, role]));
  const highest = (member) => member.roles.filter((id) => named.has(id)).sort((a, b) => compare(b, a))[0];
  const groups = [...named.values()].map((role) => ({ label: role.name, people: people.filter((p) => highest(p) === role.id) }));
  groups.push({ label: "No role", people: people.filter((p) => !highest(p)) });
  return groups.filter((group) => group.people.length);
}

/** Ids by age: they are numbers too long for a number. */
export function compare(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export function rolesOf(guild, member) {
  return member.roles.map((id) => guild.roles.find((role) => role.id === id)).filter((role) => role && !role.managed);
}

/** Fills the picker; gives back nothing, keeps the choice. */
export function showPeople(select, state, chosen) {
  const many = state.guilds.length > 1;
  const groups = state.guilds.flatMap((guild) => grouped(guild).map((group) => ({ ...group, guild })));
  fill(select, groups.map((group) =>
    el("optgroup", { label: many ? `${group.guild.name}: ${group.label}` : group.label }, group.people.map((member) => {
      const others = rolesOf(group.guild, member).map((role) => role.name).filter((name) => name !== group.label);
      return el("option", { value: member.id }, others.length ? `${member.name} (also ${others.join(", ")})` : member.name);
    }))));
  select.value = chosen ?? "";
}

/** The chosen person's roles as coloured tags. */
export function showRoles(place, state, chosen) {
  const tags = state.guilds.flatMap((guild) => {
    const member = guild.members.find((member) => member.id === chosen);
    if (!member) return [];
    const roles = rolesOf(guild, member).map((role) => el("span", { class: "role", vars: { "--colour": role.color } }, role.name));
    return member.owner ? [el("span", { class: "role" }, "Owner"), ...roles] : roles;
  });
  fill(place, tags.length ? tags : "no role");
}

/** The list of channels. `unread(channel)` gives `{fresh, pings}`. */
export function showChannels(place, state, current, unread, open) {
  const nodes = [];
  for (const guild of state.guilds) {
    const own = state.channels.filter((channel) => channel.guild === guild.id);
    if (!own.length) continue;
    const texts = own.filter((channel) => channel.kind === "text");
    nodes.push(section(state.guilds.length > 1 ? guild.name : "Channels", texts.map((channel) => {
      const threads = own.filter((thread) => thread.parent === channel.id && (!thread.archived || thread.id === current));
      return entry(channel, threads, current, unread, open);
    })));
  }
  const direct = state.channels.filter((channel) => channel.kind === "direct");
  if (direct.length) nodes.push(section("Direct messages", direct.map((channel) => entry(channel, [], current, unread, open))));
  fill(place, nodes.length ? nodes : el("p", { class: "sub" }, "No channels here."));
}

function section(title, items) {
  return el("section", {}, el("h2", { class: "section" }, title), el("ul", {}, items));
}

function entry(channel, threads, current, unread, open) {
  const { fresh, pings } = unread(channel);
  const here = channel.id === current;
  const classes = ["channel", here && "here", fresh && !here && "fresh"].filter(Boolean).join(" ");
  const node = el("button", { type: "button", class: classes, "aria-current": here ? "page" : null, data: { channel: channel.id }, on: { click: () => open(channel.id) } },
    el("span", { class: "sign", "aria-hidden": "true" }, sign(channel)),
    el("span", { class: "channel-label" }, channel.name),
    channel.private && el("span", { class: "hidden-text" }, " (private)"),
    fresh && !here && el("span", { class: "hidden-text" }, ", unread"),
    pings > 0 && !here && el("span", { class: "badge", "aria-label": `${pings} mentions` }, String(pings)));
  const item = el("li", {}, node);
  if (threads.length) add(item, [el("ul", { class: "threads" }, threads.map((thread) => entry(thread, [], current, unread, open)))]);
  return item;
}

function sign(channel) {
  if (channel.kind === "thread") return "↳";
  if (channel.kind === "direct") return "@";
  return channel.private ? icon("lock") : "#";
}

/** The controls: a button each, with what it does below. */
export function showControls(place, controls, after) {
  fill(place, el("h2", {}, "Controls"), controls.map((control) => {
    const id = `control-${control.id}`;
    const button = el("button", { type: "button", class: "button wide", "aria-describedby": id }, control.label);
    button.addEventListener("click", async () => {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      try {
        const { text } = await post("control", { id: control.id });
        if (text) toast(text);
      } catch (error) {
        toast(error.message, true);
      }
      button.disabled = false;
      button.removeAttribute("aria-busy");
      button.focus();
      after();
    });
    return el("div", { class: "control" }, button, el("p", { id, class: "sub" }, control.help));
  }));
}
