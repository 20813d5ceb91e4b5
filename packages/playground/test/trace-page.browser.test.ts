/** The page of a simulated run, in Chromium: what it shows is what the run's story tells. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runSeed, standardCast, TraceRecorder, type TraceHappening } from "@jute-ts/simulator";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const screenshot = fileURLToPath(new URL("../../simulator/docs/trace.png", import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const directory = mkdtempSync(path.join(tmpdir(), "jute-trace-"));
const SEED = 23;
const FAKE = { seed: 1, simulatedMs: 1000 };
/** The story of the run, in which an invariant of the test's own is violated in the end. */
const story: TraceHappening[] = [];
let browser: Browser;
let complaints: string[];

beforeAll(async () => {
  const recorder = new TraceRecorder();
  const result = runSeed(SEED, {
    cast: standardCast,
    sink: (line, topic, happening) => {
      story.push(happening);
      recorder.sink(line, topic, happening);
    },
  });
  const violation = {
    invariant: "NothingCrashes",
    checker: "test",
    text: "server 2 has crashed <b>twice</b>",
    atMs: result.simulatedMs,
  };
  write("run.html", recorder.page({ ...result, violation }));
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
}, 120_000);

afterAll(async () => {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  writeFileSync(path.join(directory, name), text);
}

async function opened(name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, ...options });
  complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) complaints.push(`asks for ${request.url()}`);
  });
  await page.goto(pathToFileURL(path.join(directory, name)).href);
  return page;
}

async function closed(page: Page): Promise<void> {
  expect(complaints).toEqual([]);
  await page.close();
}

const status = (page: Page) => page.textContent("#status");
const rows = (page: Page) => page.locator("#rows li").allTextContents();
/** The rows that the page shows at first: all but pings. */
const shownAtFirst = () => story.filter(({ topic }) => topic !== "ping").length + 1;

describe.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 360],
  ["dark", 360],
] as const)("%s, %i pixels wide", (colorScheme, width) => {
  test("has no fault that axe finds, asks nobody for anything, and does not scroll sideways", async () => {
    const page = await opened("run.html", { colorScheme, viewport: { width, height: 800 } });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    await page.fill("#search", "COMMIT");
    await page.click("#next");
    await page.evaluate(axe);
    const found = await page.evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))",
    );
    expect(found).toEqual([]);
    const background = "getComputedStyle(document.body).backgroundColor";
    expect((await page.evaluate(background)) === "rgb(255, 255, 255)").toBe(
      colorScheme === "light",
    );
    await closed(page);
  });
});

test("begins at the violation, which it tells as text", async () => {
  const page = await opened("run.html");
  expect(await page.title()).toBe(`Seed ${SEED}: violates NothingCrashes`);
  expect(await page.textContent("#chosen")).toContain("server 2 has crashed <b>twice</b>");
  expect(await page.locator("#chosen b").count()).toBe(0);
  expect(await status(page)).toBe(`${shownAtFirst()} of ${story.length + 1} rows shown.`);
  await closed(page);
});

test("finds what the story says, and only that when it is asked to", async () => {
  const page = await opened("run.html");
  const matching = story.filter(({ text, topic }) => topic !== "ping" && /proposal/i.test(text));
  expect(matching.length).toBeGreaterThan(20);
  await page.fill("#search", "proposal");
  await expect
    .poll(() => status(page))
    .toBe(`${matching.length} matches, ${shownAtFirst()} of ${story.length + 1} rows shown.`);
  await page.check("#only");
  expect(await status(page)).toContain(`${matching.length} of ${story.length + 1} rows shown`);
  expect((await rows(page)).every((row) => /proposal/i.test(row))).toBe(true);
  await page.click("#next");
  const [first] = matching;
  expect(await page.textContent("#chosen")).toContain(first?.text);
  await page.click("#previous");
  expect(await page.textContent("#chosen")).toContain(matching.at(-1)?.text);
  await closed(page);
});

test("leaves out kinds and servers", async () => {
  const page = await opened("run.html");
  const choose = async (list: string, name: string): Promise<void> => {
    await page.click(`${list} label >> text="${name}"`);
  };
  await choose("#topics", "disk");
  const files = story.filter(({ topic }) => topic === "file").length;
  expect(files).toBeGreaterThan(50);
  expect(await status(page)).toBe(`${shownAtFirst() - files} of ${story.length + 1} rows shown.`);
  await page.click("summary");
  const sids = [...new Set(story.flatMap(({ sid }) => sid ?? []))];
  for (const sid of sids.slice(1)) await choose("#lanes", `server ${sid}`);
  const left = story.filter(
    ({ topic, sid }) => !["ping", "file"].includes(topic) && (sid === undefined || sid === sids[0]),
  );
  expect(await status(page)).toBe(`${left.length + 1} of ${story.length + 1} rows shown.`);
  await closed(page);
});

test("is used with the keyboard", async () => {
  const page = await opened("run.html");
  const span = async (): Promise<readonly number[]> => {
    const [, from, to] =
      /from ([\d.]+) to ([\d.]+)/.exec((await page.getAttribute("#picture", "aria-label")) ?? "") ??
      [];
    return [Number(from), Number(to)];
  };
  await page.focus("#picture");
  await page.click("#all");
  await page.focus("#picture");
  const end = story.at(-1)?.atMs ?? 0;
  await expect.poll(async () => (await span())[1]).toBeCloseTo(end, 2);
  await page.keyboard.press("+");
  await page.keyboard.press("Home");
  await expect.poll(async () => (await span())[0]).toBeCloseTo(story[0]?.atMs ?? 0, 2);
  const [from = 0, to = 0] = await span();
  expect(to - from).toBeCloseTo((end - (story[0]?.atMs ?? 0)) / 2, 0);
  await page.keyboard.press("ArrowRight");
  await expect.poll(async () => (await span())[0]).toBeGreaterThan(from);
  await page.keyboard.press("n");
  const [chosen] = await page.locator("#rows [aria-current=true]").allTextContents();
  // The chosen one was the last of all: the next is the first.
  expect(chosen).toContain(story[0]?.atMs.toFixed(3));
  await page.keyboard.press("f");
  expect(await page.textContent("#chosen")).toContain(
    story.find(({ isFault }) => isFault === true)?.text,
  );
  await closed(page);
});

test("joins every message that arrived with the row in which it was sent", () => {
  const recorder = new TraceRecorder();
  runSeed(SEED, { cast: standardCast, sink: recorder.sink });
  const { arrows, text, texts, atMs, lane, lanes } = recorder.data({
    ...FAKE,
    violation: undefined,
  });
  const told = (row: number): string => texts[text[row] ?? -1] ?? "";
  const server = (row: number): string =>
    (lanes[lane[row] ?? -1]?.name ?? "").replace("server ", "");
  const packets = new Set<number>();
  for (let at = 0; at < arrows.length; at += 2) {
    const [from = -1, to = -1] = [arrows[at], arrows[at + 1]];
    expect(atMs[from]).toBeLessThanOrEqual(atMs[to] ?? 0);
    const [, receiver, packet] = /^> (\d+) {2}(.*)$/.exec(told(from)) ?? [];
    if (receiver === undefined || told(from).includes("notification")) continue;
    packets.add(to);
    expect(told(to)).toBe(`< ${server(from)}  ${packet ?? ""}`);
    expect(server(to)).toBe(receiver);
  }
  // No packet that a server reads comes from nowhere, but those of strangers.
  const read = texts.flatMap((_, place) =>
    /^< \d+ {2}(?!notification)/.test(texts[place] ?? "") ? place : [],
  );
  const all = text.flatMap((place, row) => (read.includes(place) ? row : []));
  expect(packets.size).toBeGreaterThan(100);
  expect(packets.size).toBeGreaterThan(0.95 * all.length);
});

describe("a run of 100,000 events", () => {
  test("is drawn at once, whole and in parts, and searched", async () => {
    const recorder = new TraceRecorder();
    for (let at = 0; at < 50_000; at += 1) {
      const [atMs, body, way] = [at / 5, {}, `${at % 5} > ${(at + 1) % 5}`];
      const [from, to] = [BigInt(at % 5), BigInt((at + 1) % 5)];
      const sent = { isSent: true, way, body };
      const read = { isSent: false, way, body };
      recorder.sink("", "packet", {
        atMs,
        sid: from,
        topic: "packet",
        text: `sends ${at}`,
        message: sent,
      });
      recorder.sink("", "packet", {
        atMs,
        sid: to,
        topic: "packet",
        text: `reads ${at}`,
        message: read,
      });
    }
    write("large.html", recorder.page({ seed: 1, simulatedMs: 10_000, violation: undefined }));
    const page = await opened("large.html");
    expect(await status(page)).toBe("100000 of 100000 rows shown.");
    expect((await rows(page)).length).toBe(60);
    const paintMs = await page.evaluate<number>(
      "(() => { const began = performance.now(); show(atMs[0], data.endMs); paint(); return performance.now() - began; })()",
    );
    expect(paintMs).toBeLessThan(2000);
    expect(await page.textContent("#summary")).toContain("until you zoom in");
    await page.fill("#search", "reads 49999");
    await expect.poll(() => status(page)).toContain("1 match,");
    await page.click("#next");
    expect(await page.textContent("#chosen")).toContain("reads 49999");
    await closed(page);
  });

  test("has marks to its end, however many are found", async () => {
    const recorder = new TraceRecorder();
    const lanes = Array.from({ length: 20 }, (_, at) => BigInt(at + 1));
    for (let at = 0; at < 5_000; at += 1)
      for (const sid of lanes)
        recorder.sink("", "peer", { atMs: at, sid, topic: "peer", text: `event ${at}` });
    write("marks.html", recorder.page({ seed: 1, simulatedMs: 5_000, violation: undefined }));
    const page = await opened("marks.html");
    // What is in the picture a few pixels before its right end, beside the lines of lanes.
    const colorsAtEnd = () =>
      page.evaluate<number>(
        "(() => { paint(); const copy = new OffscreenCanvas(50, picture.height).getContext('2d'); copy.drawImage(picture, 60 - picture.width, 0); const edge = copy.getImageData(0, 0, 50, picture.height).data; return new Set(new Uint32Array(edge.buffer)).size; })()",
      );
    const unsearched = await colorsAtEnd();
    expect(unsearched).toBeGreaterThan(5);
    await page.fill("#search", "event");
    await expect.poll(() => status(page)).toContain("100000 matches");
    expect(await colorsAtEnd()).toBeGreaterThan(unsearched);
    await closed(page);
  });

  test("that are more than a page holds are the last ones", () => {
    const recorder = new TraceRecorder({ maxRows: 10 });
    for (let at = 0; at < 95; at += 1)
      recorder.sink("", "world", { atMs: at, topic: "world", text: `event ${at}` });
    const { atMs, left } = recorder.data({ ...FAKE, violation: undefined });
    expect(atMs).toEqual([85, 86, 87, 88, 89, 90, 91, 92, 93, 94]);
    expect(left).toBe(85);
    expect(() => new TraceRecorder({ maxRows: 0 })).toThrow(RangeError);
  });
});

test("runs nothing that a text says", async () => {
  const recorder = new TraceRecorder();
  const text =
    "</script><script>document.title='run'</script><img src=x onerror=alert(1)>\u2028`${1}";
  recorder.sink("", "client", { atMs: 1, client: text, topic: "client", text });
  const violation = { invariant: text, checker: text, text, atMs: 2 };
  write("hostile.html", recorder.page({ seed: 1, simulatedMs: 2, violation }));
  const page = await opened("hostile.html");
  expect(await page.title()).toBe(`Seed 1: violates ${text}`.replace("\u2028", "\u2028"));
  expect(await page.locator("img").count()).toBe(0);
  expect(await page.textContent("#chosen")).toContain(text);
  await closed(page);
});

test("looks as in the README", async () => {
  const page = await opened("run.html", { viewport: { width: 1280, height: 900 } });
  await page.fill("#search", "SERVES");
  await page.click("#all");
  await page.press("#search", "Enter");
  for (const _ of [1, 2, 3, 4, 5, 6]) await page.click("#in");
  await page.evaluate("document.activeElement.blur()");
  await page.screenshot({ path: screenshot });
  expect(readFileSync(screenshot).length).toBeGreaterThan(50_000);
  await closed(page);
});
