/** What runs in the browser: plain JavaScript, as it is sent. Texts of others are only ever set as text. */
export const PAGE_SCRIPT: string = String.raw`
"use strict";
const $ = (id) => document.getElementById(id);
const history = new Map();
const MOST = 120;

function cell(row, text, label) {
  const td = document.createElement("td");
  td.textContent = text === undefined || text === null ? "\u2013" : String(text);
  td.dataset.label = label;
  row.append(td);
  return td;
}

function showMembers(members) {
  const body = $("members");
  body.replaceChildren();
  for (const member of members) {
    const row = document.createElement("tr");
    if (member.mode === "leader" || member.mode === "standalone") row.className = "leads";
    cell(row, member.sid, "server");
    cell(row, member.mode ?? "does not serve", "role");
    cell(row, member.epoch, "epoch");
    cell(row, member.zxid, "zxid");
    cell(row, member.lag, "lag");
    cell(row, member.connections, "connections");
    cell(row, member.nodes, "znodes");
    cell(row, member.error ?? member.address, "address");
    body.append(row);
  }
}

function plot(name, unit, value) {
  const values = history.get(name) ?? [];
  values.push(value);
  if (values.length > MOST) values.shift();
  history.set(name, values);
  let box = $("plot-" + name);
  if (box === null) {
    box = document.createElement("figure");
    box.id = "plot-" + name;
    const caption = document.createElement("figcaption");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 120 32");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "polyline"));
    box.append(caption, svg);
    $("plots").append(box);
  }
  const shown = Math.round(value * 100) / 100;
  const most = Math.max(...values);
  const text = name.replaceAll("-", " ") + ": " + shown + (unit === "" ? "" : " " + unit);
  box.querySelector("figcaption").textContent = text;
  const svg = box.querySelector("svg");
  svg.setAttribute("aria-label", text + ", at most " + Math.round(most * 100) / 100);
  const points = values.map((each, at) => {
    const x = 120 - (values.length - 1 - at);
    return x + "," + (31 - (most === 0 ? 0 : (each / most) * 30));
  });
  svg.querySelector("polyline").setAttribute("points", points.join(" "));
}

let before;
function show(live) {
  $("title").textContent = "Server " + live.server.sid + ", " + (live.server.mode ?? "does not serve");
  showMembers(live.members);
  for (const figure of live.figures) {
    if (figure.perSecond !== true) plot(figure.name, figure.unit, figure.value);
    else if (before !== undefined) {
      const last = before.figures.find(({ name }) => name === figure.name);
      const seconds = (live.atMs - before.atMs) / 1000;
      if (seconds > 0) plot(figure.name, "/s", Math.max(0, figure.value - last.value) / seconds);
    }
  }
  before = live;
}

async function refresh() {
  try {
    const response = await fetch("live", { cache: "no-store" });
    if (!response.ok) throw new Error("status " + response.status);
    show(await response.json());
    $("state").textContent = "live";
  } catch (error) {
    $("state").textContent = "no answer: " + error.message;
  }
  setTimeout(refresh, 1000);
}

async function openNode(item, path) {
  const button = item.querySelector("button");
  if (button.getAttribute("aria-expanded") === "true") {
    button.setAttribute("aria-expanded", "false");
    item.querySelector("ul")?.remove();
    return;
  }
  const response = await fetch("tree?path=" + encodeURIComponent(path), { cache: "no-store" });
  const node = await response.json();
  if (node.error !== undefined) {
    $("node").textContent = path + "\n" + node.error;
    return;
  }
  button.setAttribute("aria-expanded", "true");
  $("node").textContent = path + "\n" + JSON.stringify(node.stat, null, 1) + "\n\n" + (node.data ?? "(no data)");
  const list = document.createElement("ul");
  for (const name of node.children) list.append(nodeItem(path === "/" ? "/" + name : path + "/" + name, name));
  if (node.moreChildren > 0) {
    const more = document.createElement("li");
    more.textContent = "and " + node.moreChildren + " more";
    list.append(more);
  }
  item.append(list);
}

function nodeItem(path, name) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => void openNode(item, path));
  item.append(button);
  return item;
}

$("tree")?.addEventListener("keydown", (event) => {
  const buttons = [...$("tree").querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  const isOpen = document.activeElement.getAttribute("aria-expanded") === "true";
  if (event.key === "ArrowDown") buttons[at + 1]?.focus();
  else if (event.key === "ArrowUp") buttons[at - 1]?.focus();
  else if (event.key === "ArrowRight" && !isOpen) document.activeElement.click();
  else if (event.key === "ArrowLeft" && isOpen) document.activeElement.click();
  else return;
  event.preventDefault();
});

$("tree")?.append(nodeItem("/", "/"));
void refresh();
`;
