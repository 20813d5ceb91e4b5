/** The page of documentation that the compiler makes of ZooKeeper's schema, in Chromium: readable for everybody, light and dark, wide and narrow. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compile } from "@jute-ts/compiler";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const definitions = fileURLToPath(new URL("../../../jute-defs/", import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const directory = mkdtempSync(path.join(tmpdir(), "jute-page-"));
let browser: Browser;

beforeAll(async () => {
  const sources = readdirSync(definitions).map((name) => ({
    path: name,
    text: readFileSync(path.join(definitions, name), "utf8"),
  }));
  const { files } = await compile(sources, { target: "html" });
  for (const file of files) writeFileSync(path.join(directory, file.path), file.text);
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
}, 120_000);

afterAll(async () => {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
});

describe.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 360],
  ["dark", 360],
] as const)("%s, %i pixels wide", (colorScheme, width) => {
  test("has no fault that axe finds, no complaint, and does not scroll sideways", async () => {
    const page = await opened({ colorScheme, viewport: { width, height: 800 } });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    await page.addScriptTag({ content: axe });
    const found = await page.evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))",
    );
    expect(found).toEqual([]);
    const background = "getComputedStyle(document.body).backgroundColor";
    const isLight = (await page.evaluate(background)) === "rgb(255, 255, 255)";
    expect(isLight).toBe(colorScheme === "light");
    await page.close();
  });
});

test("leads from a field to the record that it is", async () => {
  const page = await opened({ viewport: { width: 1280, height: 800 } });
  await page.click("#createrequest td a >> text=ACL");
  expect(new URL(page.url()).hash).toBe("#acl");
  await expect
    .poll(() => page.evaluate("document.querySelector('#acl').getBoundingClientRect().top"))
    .toBeLessThan(100);
  await page.close();
});

async function opened(options: Parameters<Browser["newPage"]>[0]): Promise<Page> {
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(pathToFileURL(path.join(directory, "records.html")).href);
  expect(complaints).toEqual([]);
  return page;
}
