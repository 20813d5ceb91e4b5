/** The built page in headless Chromium, as its users work with it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const screenshot = path.join(root, "screenshot.png");
const log = path.join(root, "../../test/java/persistence/recorded/logs/log.100000001");
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

async function useRecord(): Promise<void> {
  await page.fill("#schema", RENAMED);
  await page.fill("#hex", "00 00 00 07 00 00 00 02 68 69");
}

describe("the page", () => {
  test("starts with ZooKeeper's records and their TypeScript", async () => {
    await expect.poll(() => page.textContent("#code")).toContain("export");
    expect(await page.inputValue("#schema")).toContain("org.apache.zookeeper.data");
    await page.selectOption("#record", "org.apache.zookeeper.data.Id");
    await page.screenshot({ path: screenshot, fullPage: true });
  });

  test("shows a mistake while it is typed", async () => {
    await page.fill("#schema", "module m { class A { int a } }");
    await expect.poll(() => page.textContent("#problems")).toContain("JUTE011");
    await page.click("#problems button");
    expect(await page.evaluate("document.activeElement.id")).toBe("schema");
  });

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
    await page.fill("#schema", RENAMED);
    await page.fill("#hex", "00 00 00 07 00 00 00 09 68 69");
    expect(await page.textContent("#fault")).toContain("at byte");
    await page.fill("#hex", "0");
    expect(await page.textContent("#fault")).toContain("not hexadecimal");
  });

  test("decodes a log, and finds a path in it", async () => {
    await page.setInputFiles("#upload", log);
    await expect.poll(() => page.textContent("#items")).toContain("create");
    await page.fill("#filter", "/app/x");
    expect(await page.locator("#items li").count()).toBeGreaterThan(0);
    for (const line of await page.locator("#items li").allTextContents()) {
      expect(line).toContain("/app/x");
    }
  });

  test("gives a link that carries its state", async () => {
    await useRecord();
    await page.click("#share");
    const other = await browser.newPage();
    await other.goto(page.url());
    await expect.poll(() => other.inputValue("#hex")).toBe("00 00 00 07 00 00 00 02 68 69");
    expect(await other.inputValue("#schema")).toBe(RENAMED);
    await other.close();
  });

  test.each(["light", "dark"] as const)(
    "has no barriers that axe finds, %s",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await useRecord();
      await page.evaluate(axe);
      const violations: unknown = await page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))",
      );
      expect(violations).toEqual([]);
    },
  );

  test("fits a narrow screen", async () => {
    await page.setViewportSize({ width: 360, height: 700 });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(360);
  });
});
