/** What runs in the page of a run: plain JavaScript, as it is sent. Texts of the run are only ever set as text or drawn. */
export const PAGE_SCRIPT: string = String.raw`
"use strict";
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const { atMs, lane: laneOf, topic: topicOf, text: textOf, texts, arrows, topics, lanes } = data;
const count = atMs.length;
const picture = $("picture");
const dark = matchMedia("(prefers-color-scheme: dark)");
const LABELS = 130, TOP = 22, ROWS = 60, MAX_MARKS = 20000, MAX_ARROWS = 3000;
const NAMES = { violation: "violations", fault: "faults and repairs", world: "starts and ends", peer: "decisions", packet: "packets", notification: "votes", file: "disk", client: "clients", ping: "pings" };
const COLORS = {
  light: { violation: "#c4001a", fault: "#b34700", world: "#6b4e00", peer: "#1c2126", packet: "#0b5cad", notification: "#7a3fb0", file: "#19703a", client: "#a0246e", ping: "#7b8794" },
  dark: { violation: "#ff6b7a", fault: "#ffa25c", world: "#e0c060", peer: "#e4e9ee", packet: "#7ab8ff", notification: "#c9a0ff", file: "#72d499", client: "#ff9ad0", ping: "#8d99a5" },
};
const STATES = {
  light: { down: "#e2e2e2", recovering: "#f1ead2", looking: "#efe3fb", leading: "#cfeeda", following: "#d8e8fa", observing: "#dff3f3", paused: "#f8dfcd" },
  dark: { down: "#0a0c0e", recovering: "#37321d", looking: "#33254a", leading: "#17402a", following: "#1a3350", observing: "#173c3c", paused: "#4a2e1a" },
};

/** Lanes as they are drawn: the world, the servers by number, the clients. */
const order = lanes.map((_, at) => at).sort((one, other) => {
  const rank = (at) => ["world", "server", "client"].indexOf(lanes[at].kind);
  return rank(one) - rank(other) || lanes[one].name.localeCompare(lanes[other].name, "en", { numeric: true });
});
const hiddenLanes = new Set(order.filter((at) => lanes[at].kind === "client").slice(12));
const hiddenTopics = new Set([topics.indexOf("ping")]);
let query = "", fromMs = atMs[0] ?? 0, toMs = Math.max(data.endMs, fromMs + 1), chosen = -1;
/** Rows that the filters leave, and those that the search finds among them. */
let shown = [], found = [], foundSet = new Set();

const stateBands = (() => {
  const bands = lanes.map(() => []);
  const before = lanes.map(() => undefined);
  for (let at = 0; at < data.states.length; at += 2) {
    const row = data.states[at], lane = laneOf[row];
    let state = data.states[at + 1];
    if (state === "running again") state = before[lane];
    else if (state !== "paused") before[lane] = state;
    bands[lane].push({ atMs: atMs[row], state });
  }
  return bands;
})();

function filter() {
  const wanted = query.toLowerCase();
  const matching = texts.map((text) => wanted !== "" && text.toLowerCase().includes(wanted));
  const only = $("only").checked && wanted !== "";
  shown = []; found = [];
  for (let row = 0; row < count; row += 1) {
    if (hiddenLanes.has(laneOf[row]) || hiddenTopics.has(topicOf[row])) continue;
    if (matching[textOf[row]]) found.push(row);
    else if (only) continue;
    shown.push(row);
  }
  foundSet = new Set(found);
  const matches = wanted === "" ? "" : found.length + (found.length === 1 ? " match, " : " matches, ");
  $("status").textContent = matches + shown.length + " of " + count + " rows shown.";
  layOut();
  draw();
  listRows();
}

let yOf = new Map(), height = 0;
function layOut() {
  const visible = order.filter((at) => !hiddenLanes.has(at));
  const each = Math.max(20, Math.min(56, Math.floor(560 / Math.max(1, visible.length))));
  yOf = new Map(visible.map((at, place) => [at, TOP + each * (place + 0.5)]));
  height = TOP + each * visible.length + 4;
  picture.style.height = height + "px";
}

const xOf = (timeMs, width) => LABELS + ((timeMs - fromMs) / (toMs - fromMs)) * (width - LABELS);
const timeAt = (x) => fromMs + ((x - LABELS) / (picture.clientWidth - LABELS)) * (toMs - fromMs);

/** The first place in some rows whose time is not before this one. */
function placeOf(rows, timeMs) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (atMs[rows[middle]] < timeMs) low = middle + 1; else high = middle;
  }
  return low;
}

let isDue = false;
function draw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => { isDue = false; paint(); });
}

function paint() {
  const width = picture.clientWidth, ratio = devicePixelRatio;
  picture.width = Math.round(width * ratio);
  picture.height = Math.round(height * ratio);
  const pen = picture.getContext("2d");
  const theme = dark.matches ? "dark" : "light";
  const style = getComputedStyle(document.body);
  pen.scale(ratio, ratio);
  pen.fillStyle = style.backgroundColor;
  pen.fillRect(0, 0, width, height);
  pen.font = "12px system-ui, sans-serif";
  paintLanes(pen, width, STATES[theme], style.color);
  pen.save();
  pen.beginPath();
  pen.rect(LABELS, 0, width - LABELS, height);
  pen.clip();
  paintTimes(pen, width, style.color);
  const isThinned = paintArrows(pen, width, COLORS[theme]);
  paintMarks(pen, width, COLORS[theme]);
  pen.restore();
  picture.setAttribute("aria-label", "Lanes of " + yOf.size + " servers and clients from " + fromMs.toFixed(3) + " to " + toMs.toFixed(3) + " ms");
  $("summary").textContent = count + " rows" + (data.left > 0 ? ", the last of " + (count + data.left) : "") + ", " + data.endMs.toFixed(0) + " simulated ms. Shown: " + fromMs.toFixed(1) + " to " + toMs.toFixed(1) + " ms" + (isThinned ? "; not every message has its arrow until you zoom in." : ".");
}

function paintLanes(pen, width, colors, color) {
  const each = yOf.size < 2 ? 40 : [...yOf.values()][1] - [...yOf.values()][0];
  for (const [lane, y] of yOf) {
    const bands = stateBands[lane];
    bands.forEach(({ atMs: begin, state }, at) => {
      const x = Math.max(LABELS, xOf(begin, width)), end = Math.min(width, xOf(bands[at + 1]?.atMs ?? data.endMs, width));
      if (end <= x || colors[state] === undefined) return;
      pen.fillStyle = colors[state];
      pen.fillRect(x, y - each / 2 + 2, end - x, each - 4);
      if (end - x > 60) { pen.fillStyle = color; pen.fillText(state, x + 4, y + each / 2 - 5); }
    });
    pen.fillStyle = color;
    pen.fillText(lanes[lane].name, 6, y + 4, LABELS - 12);
    pen.globalAlpha = 0.3;
    pen.fillRect(LABELS, y, width - LABELS, 1);
    pen.globalAlpha = 1;
  }
}

function paintTimes(pen, width, color) {
  const rough = (toMs - fromMs) / Math.max(2, (width - LABELS) / 110);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((by) => by * power >= rough) ?? 10);
  pen.fillStyle = color;
  for (let time = Math.ceil(fromMs / step) * step; time <= toMs; time += step) {
    const x = xOf(time, width);
    pen.fillText(Number(time.toFixed(3)) + " ms", x + 3, 13);
    pen.globalAlpha = 0.15; pen.fillRect(x, 0, 1, height); pen.globalAlpha = 1;
  }
}

const isShown = (row) => yOf.has(laneOf[row]) && !hiddenTopics.has(topicOf[row]);

/** True when there are more than can be seen: then some are left out, spread over all. */
function paintArrows(pen, width, colors) {
  const only = $("only").checked && query !== "";
  const inView = [];
  for (let at = 0; at < arrows.length; at += 2) {
    const from = arrows[at], to = arrows[at + 1];
    if (atMs[to] < fromMs || atMs[from] > toMs || !isShown(from) || !isShown(to)) continue;
    if (only && !foundSet.has(from) && !foundSet.has(to)) continue;
    inView.push(at);
  }
  const stride = Math.ceil(inView.length / MAX_ARROWS);
  for (let place = 0; place < inView.length; place += stride) {
    const from = arrows[inView[place]], to = arrows[inView[place] + 1];
    const x1 = xOf(atMs[from], width), x2 = xOf(atMs[to], width), y1 = yOf.get(laneOf[from]), y2 = yOf.get(laneOf[to]);
    const isChosen = chosen === from || chosen === to;
    pen.strokeStyle = pen.fillStyle = colors[topics[topicOf[to]]];
    pen.lineWidth = isChosen ? 3 : 1;
    pen.globalAlpha = isChosen ? 1 : inView.length > 400 ? 0.35 : 0.8;
    pen.beginPath(); pen.moveTo(x1, y1); pen.lineTo(x2, y2); pen.stroke();
    const angle = Math.atan2(y2 - y1, x2 - x1);
    pen.beginPath(); pen.moveTo(x2, y2);
    pen.lineTo(x2 - 7 * Math.cos(angle - 0.4), y2 - 7 * Math.sin(angle - 0.4));
    pen.lineTo(x2 - 7 * Math.cos(angle + 0.4), y2 - 7 * Math.sin(angle + 0.4));
    pen.fill();
  }
  pen.globalAlpha = 1; pen.lineWidth = 1;
  return stride > 1;
}

/**
 * The rows whose marks are drawn. Of marks of one kind that would lie on each other there is one;
 * where more are left than can be drawn, they are taken from a coarser grid, not from one end.
 */
function markedRows(width) {
  const begin = placeOf(shown, fromMs), end = placeOf(shown, toMs + 1e-9);
  for (let grid = 1; ; grid *= 2) {
    const rows = new Map();
    for (let place = begin; place < end && rows.size <= MAX_MARKS; place += 1) {
      const row = shown[place], column = Math.floor(Math.round(xOf(atMs[row], width)) / grid);
      const kind = ((column * 1024 + laneOf[row]) * 16 + topicOf[row]) * 2 + (foundSet.has(row) ? 1 : 0);
      const key = row === chosen ? -1 : kind;
      if (!rows.has(key)) rows.set(key, row);
    }
    if (rows.size <= MAX_MARKS || grid > width) return rows.values();
  }
}

function paintMarks(pen, width, colors) {
  for (const row of markedRows(width)) {
    const y = yOf.get(laneOf[row]), x = Math.round(xOf(atMs[row], width));
    mark(pen, topics[topicOf[row]], x, y, colors);
    if (foundSet.has(row)) { pen.strokeStyle = colors.violation; pen.strokeRect(x - 5, y - 6, 10, 12); }
  }
  for (const row of data.faults) {
    if (topics[topicOf[row]] !== "violation" || hiddenTopics.has(topicOf[row])) continue;
    pen.fillStyle = colors.violation;
    pen.fillRect(xOf(atMs[row], width) - 1, 0, 3, height);
  }
  if (chosen >= 0 && yOf.has(laneOf[chosen])) {
    const x = xOf(atMs[chosen], width);
    pen.fillStyle = pen.strokeStyle = colors.peer;
    pen.globalAlpha = 0.5; pen.fillRect(x, 0, 1, height); pen.globalAlpha = 1;
    pen.lineWidth = 2; pen.beginPath(); pen.arc(x, yOf.get(laneOf[chosen]), 7, 0, 7); pen.stroke(); pen.lineWidth = 1;
  }
}

/** Shapes differ, so that colours need not be told apart. */
function mark(pen, topic, x, y, colors) {
  pen.fillStyle = pen.strokeStyle = colors[topic];
  pen.beginPath();
  if (topic === "file") pen.rect(x - 2, y + 3, 4, 6);
  else if (topic === "fault" || topic === "violation") { pen.moveTo(x, y - 8); pen.lineTo(x + 5, y + 2); pen.lineTo(x - 5, y + 2); }
  else if (topic === "client") pen.rect(x - 3, y - 3, 6, 6);
  else if (topic === "peer" || topic === "world") { pen.moveTo(x, y - 6); pen.lineTo(x + 4, y); pen.lineTo(x, y + 6); pen.lineTo(x - 4, y); }
  else pen.arc(x, y, 2, 0, 7);
  pen.fill();
}

function listRows() {
  const middle = chosen >= 0 && atMs[chosen] >= fromMs && atMs[chosen] <= toMs ? placeOf(shown, atMs[chosen]) : placeOf(shown, fromMs);
  const begin = Math.max(0, Math.min(middle - (chosen >= 0 ? ROWS / 2 : 0), shown.length - ROWS));
  const list = $("rows");
  const hadFocus = list.contains(document.activeElement);
  list.replaceChildren(...shown.slice(begin, begin + ROWS).map((row) => {
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.dataset.row = row;
    button.setAttribute("aria-current", String(row === chosen));
    for (const text of [atMs[row].toFixed(3), lanes[laneOf[row]].name, NAMES[topics[topicOf[row]]], texts[textOf[row]].split("\n")[0]]) {
      const cell = document.createElement("span");
      cell.textContent = text;
      button.append(cell);
    }
    button.addEventListener("click", () => choose(row));
    item.append(button);
    return item;
  }));
  if (hadFocus) list.querySelector("[aria-current=true]")?.focus();
}

function choose(row) {
  if (row === undefined || row < 0) return;
  chosen = row;
  $("chosen").textContent = atMs[row].toFixed(3) + " ms, " + lanes[laneOf[row]].name + ": " + texts[textOf[row]];
  const span = toMs - fromMs;
  if (atMs[row] < fromMs || atMs[row] > toMs) show(atMs[row] - span / 2, atMs[row] + span / 2);
  draw();
  listRows();
}

/** Shows a span of time, of at least a microsecond and at most the run. */
function show(begin, end) {
  const first = Math.min(atMs[0] ?? 0, data.endMs - 0.001), whole = Math.max(0.001, data.endMs - first);
  const span = Math.min(whole, Math.max(0.001, end - begin));
  fromMs = Math.max(first, Math.min(begin, first + whole - span));
  toMs = fromMs + span;
  draw();
  listRows();
}

function zoom(by, aroundMs = chosen >= 0 && atMs[chosen] >= fromMs && atMs[chosen] <= toMs ? atMs[chosen] : (fromMs + toMs) / 2) {
  show(aroundMs - (aroundMs - fromMs) * by, aroundMs + (toMs - aroundMs) * by);
}

function move(by) { const step = (toMs - fromMs) * by; show(fromMs + step, toMs + step); }

/** The next or previous of some rows, in order, after the chosen one; round from the end to the beginning. */
function step(rows, by) {
  if (rows.length === 0) return;
  const after = rows.findIndex((row) => row > chosen), from = after < 0 ? rows.length : after;
  const before = from > 0 && rows[from - 1] === chosen ? from - 2 : from - 1;
  choose(rows[((by > 0 ? from : before) + rows.length) % rows.length]);
}

function nextFault() { step(data.faults.filter(isShown), 1); }

const KEYS = {
  ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
  Home: () => toEdge(0), End: () => toEdge(1), n: () => step(shown, 1), p: () => step(shown, -1), f: nextFault,
};
function toEdge(which) { const span = toMs - fromMs; if (which === 0) show(atMs[0] ?? 0, (atMs[0] ?? 0) + span); else show(data.endMs - span, data.endMs); }

picture.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  if (act === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
});
picture.addEventListener("wheel", (event) => {
  event.preventDefault();
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) move((event.deltaX || event.deltaY) / 1000);
  else zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 400))), timeAt(Math.max(LABELS, event.offsetX)));
}, { passive: false });
let dragged;
picture.addEventListener("pointerdown", (event) => { dragged = { x: event.offsetX, fromMs, toMs, isFar: false }; picture.setPointerCapture(event.pointerId); });
picture.addEventListener("pointermove", (event) => {
  if (dragged === undefined) return;
  const by = event.offsetX - dragged.x;
  if (Math.abs(by) > 3) dragged.isFar = true;
  if (!dragged.isFar) return;
  const shift = (-by / (picture.clientWidth - LABELS)) * (dragged.toMs - dragged.fromMs);
  show(dragged.fromMs + shift, dragged.toMs + shift);
});
picture.addEventListener("pointerup", (event) => {
  if (dragged?.isFar === false) choose(nearest(event.offsetX, event.offsetY));
  dragged = undefined;
});
picture.addEventListener("pointercancel", () => { dragged = undefined; });

/** What is drawn nearest to a place, if anything is near. */
function nearest(x, y) {
  const width = picture.clientWidth, reachMs = ((toMs - fromMs) / (width - LABELS)) * 12;
  let best, bestFar = 20;
  for (let place = placeOf(shown, timeAt(x) - reachMs); place < shown.length && atMs[shown[place]] <= timeAt(x) + reachMs; place += 1) {
    const row = shown[place], far = Math.hypot(xOf(atMs[row], width) - x, yOf.get(laneOf[row]) - y);
    if (far < bestFar) { bestFar = far; best = row; }
  }
  return best;
}

function addChoice(parent, name, isOn, color, onChange) {
  const label = document.createElement("label"), box = document.createElement("input");
  box.type = "checkbox";
  box.checked = isOn;
  box.addEventListener("change", () => { onChange(box.checked); filter(); });
  label.append(box, name);
  if (color !== undefined) {
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.dataset.topic = color;
    label.append(swatch);
  }
  parent.append(label);
}

function paintSwatches() {
  for (const swatch of document.querySelectorAll(".swatch")) swatch.style.background = COLORS[dark.matches ? "dark" : "light"][swatch.dataset.topic];
}

const toggle = (set, key) => (isOn) => { if (isOn) set.delete(key); else set.add(key); };
topics.forEach((name, at) => addChoice($("topics"), NAMES[name], !hiddenTopics.has(at), name, toggle(hiddenTopics, at)));
order.forEach((at) => addChoice($("lanes"), lanes[at].name, !hiddenLanes.has(at), undefined, toggle(hiddenLanes, at)));
let typed;
$("search").addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(() => { query = $("search").value; filter(); }, 80); });
$("search").addEventListener("keydown", (event) => { if (event.key === "Enter") { query = $("search").value; filter(); step(found, event.shiftKey ? -1 : 1); } });
$("only").addEventListener("change", filter);
$("next").addEventListener("click", () => step(found, 1));
$("previous").addEventListener("click", () => step(found, -1));
$("trouble").addEventListener("click", nextFault);
$("in").addEventListener("click", () => zoom(0.5));
$("out").addEventListener("click", () => zoom(2));
$("all").addEventListener("click", () => show(atMs[0] ?? 0, data.endMs));
dark.addEventListener("change", () => { paintSwatches(); draw(); });
new ResizeObserver(draw).observe($("frame"));
paintSwatches();
filter();
const violation = data.faults.findLast((row) => topics[topicOf[row]] === "violation");
if (violation !== undefined) { const span = (data.endMs - (atMs[0] ?? 0)) / 20; show(atMs[violation] - span * 0.9, atMs[violation] + span * 0.1); choose(violation); }
`;
