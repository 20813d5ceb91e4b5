/** The built page in headless Chromium, as its users work with it. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const screenshot = path.join(root, "screenshot.png");
const defs = path.join(root, "../../jute-defs");
/** Written by Apache's classes, with texts of what is in them. */
const recorded = path.join(root, "../../test/java/persistence/recorded");
const log = path.join(recorded, "logs/log.100000001");
const capture = path.join(root, "../inspect/test/recorded/life.pcap.gz");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server: PreviewServer;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  const options = { root, logLevel: "error" } as const;
  await build(options);
  server = await preview({ ...options, preview: { host: "127.0.0.1", port: 0 } });
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
}, 300_000);

afterAll(async () => {
  await browser.close();
  await server.close();
});

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  await page.waitForFunction("document.querySelectorAll('#record option').length > 0");
  return async () => {
    expect(complaints).toEqual([]);
    await page.close();
  };
});

const RENAMED = "module m { class A { int a; ustring b; } }";

/** A schema of one file with one record, and bytes of it. */
async function useRecord(): Promise<void> {
  while ((await page.locator("#source option").count()) > 1) await page.click("#remove-source");
  await page.fill("#schema", RENAMED);
  await page.fill("#hex", "00 00 00 07 00 00 00 02 68 69");
}

/** Drops a file on the page, as a mouse does. */
async function drop(name: string, bytes: Uint8Array): Promise<void> {
  const packed = JSON.stringify(Buffer.from(bytes).toString("base64"));
  const transfer = await page.evaluateHandle(`(() => {
    const content = Uint8Array.from(atob(${packed}), (character) => character.charCodeAt(0));
    const all = new DataTransfer();
    all.items.add(new File([content], ${JSON.stringify(name)}));
    return all;
  })()`);
  for (const event of ["dragover", "drop"]) {
    await page.dispatchEvent("#drop", event, { dataTransfer: transfer });
  }
  await expect.poll(() => page.textContent("#items-status")).toMatch(/[.]$/);
}

const lines = () => page.locator("#items li").allTextContents();
const status = () => page.textContent("#items-status");

describe("schemas", () => {
  test("are ZooKeeper's at first: every record can be chosen, with its TypeScript and its bytes", async () => {
    const classes = readdirSync(defs).flatMap((name) => {
      const text = readFileSync(path.join(defs, name), "utf8").replace(/\/\/.*|\/\*[^]*?\*\//g, "");
      const [, module] = /\bmodule ([\w.]+)/.exec(text) ?? [];
      return [...text.matchAll(/\bclass (\w+)/g)].map(
        ([, each]) => `${module ?? ""}.${each ?? ""}`,
      );
    });
    expect(classes).toHaveLength(72);
    const offered = await page.locator("#record option").allTextContents();
    expect([...offered].sort()).toEqual([...classes].sort());
    await expect.poll(() => page.locator("#file option").count()).toBeGreaterThan(72);
    for (const name of classes) {
      await page.selectOption("#record", name);
      expect(await page.inputValue("#file")).toBe(`${name.replaceAll(".", "/")}.ts`);
      expect(await page.textContent("#code")).toContain(`class ${name.replace(/^.*[.]/, "")} `);
      expect(await page.textContent("#fault")).toBe("");
      expect(Object.keys(JSON.parse(await page.inputValue("#json")) as object)).not.toEqual([]);
    }
  });

  test("show a mistake while it is typed, in the file where it is", async () => {
    await page.selectOption("#source", "data.jute");
    const text = await page.inputValue("#schema");
    await page.fill("#schema", text.replace("class Id ", "class Idea "));
    await expect.poll(() => page.textContent("#problems")).toContain("data.jute:");
    await page.fill("#schema", text.replace("class Stat ", "class Statue "));
    await expect.poll(() => page.textContent("#problems")).toContain("proto.jute:");
    await page.click("#problems button >> text=proto.jute");
    expect(await page.inputValue("#source")).toBe("proto.jute");
    const selected = await page.evaluate(
      "document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)",
    );
    expect(selected).toBe("org.apache.zookeeper.data.Stat");
    await page.selectOption("#source", "data.jute");
    await page.fill("#schema", text);
    await expect.poll(() => page.textContent("#problems")).toBe("None.");
  });

  test("can be added and removed", async () => {
    await page.click("#add-source");
    await page.fill(
      "#schema",
      'include "data.jute" module m { class Mine { org.apache.zookeeper.data.Id id; } }',
    );
    await page.selectOption("#record", "m.Mine");
    expect(await page.textContent("#fields")).toContain("id.scheme");
    await page.click("#remove-source");
    expect(await page.locator("#record option").allTextContents()).not.toContain("m.Mine");
  });
});

describe("a record", () => {
  test("shows the value of a byte that is edited, and the bytes of a value", async () => {
    await useRecord();
    expect(await page.textContent("#fields")).toContain("a: 7");
    await page.fill("#hex", "00 00 00 08 00 00 00 02 68 69");
    expect(await page.textContent("#fields")).toContain("a: 8");
    expect(JSON.parse(await page.inputValue("#json"))).toEqual({ a: 8, b: "hi" });
    await page.fill("#json", '{ "a": 9, "b": null }');
    expect(await page.inputValue("#hex")).toBe("00 00 00 09 ff ff ff ff");
  });

  test("lights up a field with its bytes, by keyboard, too", async () => {
    await useRecord();
    await page.focus("#fields li:nth-child(2) button");
    expect(await page.getAttribute("#dump button:nth-child(2)", "class")).toBe("on");
    expect(await page.getAttribute("#dump button:nth-child(1)", "class")).not.toBe("on");
  });

  test("says where bytes are damaged", async () => {
    await useRecord();
    await page.fill("#hex", "00 00 00 07 00 00 00 09 68 69");
    expect(await page.textContent("#fault")).toContain("at byte");
    await page.fill("#hex", "0");
    expect(await page.textContent("#fault")).toContain("not hexadecimal");
  });
});

describe("a file", () => {
  test("that is a log is decoded when it is dropped: every txn that Java wrote", async () => {
    await drop("log.100000001", readFileSync(log));
    expect(await page.inputValue("#format")).toBe("log");
    const texts = await lines();
    const zxids = readFileSync(path.join(recorded, "logs.txt"), "utf8")
      .split("\n")
      .map((line) => line.split(" ")[0] ?? "")
      .filter((zxid) => /^42949\d+$/.test(zxid))
      .map((zxid) => `zxid=0x${BigInt(zxid).toString(16)} `);
    expect(zxids.length).toBeGreaterThan(10);
    for (const zxid of zxids) expect(texts.some((line) => line.includes(zxid))).toBe(true);
    await page.fill("#filter", "/app/x");
    await expect.poll(async () => (await lines()).length).toBeLessThan(texts.length);
    const found = await lines();
    expect(found).toEqual(texts.filter((line) => line.includes("/app/x")));
    expect(found.length).toBeGreaterThan(0);
  });

  test.each([
    ["plain", "one-seal/snapshot.200000002"],
    ["gzip", "gz/snapshot.200000002.gz"],
    ["snappy", "snappy/snapshot.200000002.snappy"],
  ])("that is a snapshot, %s, shows every znode that Java wrote", async (_, name) => {
    await drop(path.basename(name), readFileSync(path.join(recorded, name)));
    expect(await page.inputValue("#format")).toBe("snapshot");
    const texts = (await lines()).join("\n");
    const paths = [
      ...readFileSync(path.join(recorded, "tree.txt"), "utf8").matchAll(/^znode 0x([0-9a-f]+) /gm),
    ].map(([, hex]) => Buffer.from(hex ?? "", "hex").toString("utf8"));
    expect(paths.length).toBeGreaterThan(5);
    for (const each of paths) expect(texts).toContain(`"${each}"`);
    expect(await status()).not.toContain("damaged");
  });

  test("that is a capture shows clients, elections and the quorum, the first 2000 lines at once", async () => {
    await drop("life.pcap.gz", readFileSync(capture));
    expect(await page.inputValue("#format")).toBe("capture");
    expect(await lines()).toHaveLength(2000);
    expect(await status()).toContain("the first 2000 shown");
    expect(await status()).not.toContain("damaged");
    for (const kind of ["connectRequest", "notification", "PROPOSAL"]) {
      await page.fill("#filter", kind);
      await expect.poll(async () => (await lines())[0] ?? "").toContain(kind);
    }
  });

  test("that is cut off shows all before the cut, and where it is damaged", async () => {
    const bytes = readFileSync(log);
    await drop("log", bytes);
    const whole = await lines();
    await drop("log", bytes.subarray(0, 700));
    await expect.poll(async () => (await lines()).length).toBeLessThan(whole.length);
    const cut = await lines();
    expect(cut.length).toBeGreaterThan(2);
    expect(cut.slice(0, -1)).toEqual(whole.slice(0, cut.length - 1));
    expect(cut.at(-1)).toMatch(/! at byte \d+/);
    expect(await status()).toContain("1 damaged place.");
    expect(await page.getAttribute("#items li:last-child", "class")).toBe("error");
  });

  test("whose packing is damaged shows what came before", async () => {
    const bytes = readFileSync(capture);
    await drop("cut.pcap.gz", bytes.subarray(0, 100_000));
    expect(await status()).toContain("The packed data is damaged after");
    expect((await lines()).length).toBeGreaterThan(100);
  });

  test.each([
    ["is empty", new Uint8Array(), "The file is empty"],
    ["is of another kind", new TextEncoder().encode("# Notes\n"), "do not say what it is"],
    ["is only the start of gzip", Uint8Array.of(0x1f, 0x8b), "The packed data is damaged"],
  ])("that %s is said to be", async (_, bytes, words) => {
    await drop("notes.md", bytes);
    expect(await status()).toContain(words);
  });

  test("can be chosen instead, and a message pasted", async () => {
    await page.setInputFiles("#upload", log);
    await expect.poll(() => page.textContent("#items")).toContain("create");
    await page.selectOption("#format", "request");
    // A ping: xid -2, op 11.
    await page.fill("#packet", "ff ff ff fe 00 00 00 0b");
    await expect.poll(() => page.textContent("#items")).toContain("ping");
    await page.fill("#packet", "ff f");
    expect(await status()).toContain("not hexadecimal");
  });
});

describe("a link", () => {
  test("carries the state of the page", async () => {
    await page.click("#add-source");
    await page.fill("#schema", RENAMED);
    await page.selectOption("#record", "m.A");
    await page.fill("#hex", "00 00 00 07 00 00 00 02 68 69");
    await page.fill("#packet", "ff ff ff fe 00 00 00 0b");
    await page.fill("#filter", "ping");
    await page.click("#share");
    await expect.poll(() => page.textContent("#share-status")).not.toBe("");
    const other = await browser.newPage();
    await other.goto(page.url());
    await expect.poll(() => other.inputValue("#hex")).toBe("00 00 00 07 00 00 00 02 68 69");
    expect(await other.inputValue("#schema")).toBe(RENAMED);
    expect(await other.inputValue("#record")).toBe("m.A");
    expect(await other.locator("#source option").count()).toBe(6);
    expect(await other.inputValue("#filter")).toBe("ping");
    await expect.poll(() => other.textContent("#items")).toContain("ping");
    await other.close();
  });

  test("is short as long as the schemas are ZooKeeper's", async () => {
    await page.click("#share");
    await expect.poll(() => page.textContent("#share-status")).not.toBe("");
    expect(page.url().length).toBeLessThan(400);
  });

  test("is left by starting again", async () => {
    await useRecord();
    await page.fill("#filter", "ping");
    await page.click("#share");
    await expect.poll(() => page.textContent("#share-status")).not.toBe("");
    await page.click("#reset");
    await expect.poll(() => page.locator("#record option").count()).toBe(72);
    expect(new URL(page.url()).hash).toBe("");
    expect(await page.inputValue("#filter")).toBe("");
  });

  test("that is damaged is said to be, and leaves ZooKeeper's schemas", async () => {
    await page.goto(`${page.url()}#q1ZKSixO`);
    await expect.poll(() => page.textContent("#share-status")).toContain("damaged");
    expect(await page.locator("#record option").count()).toBe(72);
  });
});

describe("the page", () => {
  test.each(["light", "dark"] as const)(
    "has no barriers that axe finds, %s",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await useRecord();
      await page.fill("#hex", "00 00 00 07 00");
      await drop("log", readFileSync(log).subarray(0, 700));
      await page.evaluate(axe);
      const violations: unknown = await page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))",
      );
      expect(violations).toEqual([]);
    },
  );

  test("fits a narrow screen", async () => {
    await page.setViewportSize({ width: 360, height: 700 });
    await drop("log", readFileSync(log));
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(360);
  });

  test("looks as in the README", async () => {
    await page.selectOption("#record", "org.apache.zookeeper.proto.ConnectRequest");
    await drop("log.100000001", readFileSync(log));
    await page.evaluate("document.activeElement.blur()");
    await page.screenshot({ path: screenshot, fullPage: true });
    expect(readFileSync(screenshot).length).toBeGreaterThan(50_000);
  });
});
