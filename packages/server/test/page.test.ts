/** The page of the admin server, in a browser without a window, beside a running ensemble. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ensemble, startEnsemble } from "../src/ensemble/ensemble.js";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const SCREENSHOT = fileURLToPath(
  new URL("../../../docs/images/ensemble-page.png", import.meta.url),
);
const isHere = existsSync(CHROMIUM);
if (!isHere && process.env["CI"] === "true") throw new Error(`${CHROMIUM} is not there`);

describe.skipIf(!isHere)(`the page${isHere ? "" : ` (skipped: no ${CHROMIUM})`}`, () => {
  let ensemble: Ensemble;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    ensemble = await startEnsemble({
      size: 3,
      settings: {
        "admin.enableServer": true,
        "admin.serverAddress": "127.0.0.1",
        "admin.serverPort": 0,
        "admin.browseTree": true,
      },
    });
    const acl = OPEN_ACL_UNSAFE;
    for (const path of ["/app", "/app/<img src=x>", "/app/config"]) {
      const data = new TextEncoder().encode(`data of ${path}`);
      await ensemble.propose(OpCode.create, { path, data, acl, flags: 0 });
    }
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("favicon")) {
        problems.push(message.text());
      }
    });
    await page.goto(`http://127.0.0.1:${ensemble.adminPort(1) ?? 0}/`);
  });

  afterAll(async () => {
    await browser.close();
    await ensemble.stop();
  });

  it("shows every member, one of which leads, with epochs, zxids and lag", async () => {
    await expect.poll(() => page.locator("#members tr").count()).toBe(3);
    const leader = String((await ensemble.ready()).status().sid);
    const leading = page.locator("#members tr.leads td");
    await expect.poll(() => leading.first().textContent()).toBe(leader);
    const cells = await page.locator('#members td[data-label="lag"]').allTextContents();
    expect(cells).toEqual(["0", "0", "0"]);
  });

  it("draws what changes, as plots that say their value", async () => {
    const plot = page.locator("#plot-znodes svg");
    await expect.poll(() => plot.getAttribute("aria-label")).toMatch(/^znodes: \d+/u);
    await expect
      .poll(
        async () => (await plot.locator("polyline").getAttribute("points"))?.split(" ").length,
        {
          timeout: 10_000,
        },
      )
      .toBeGreaterThan(3);
  });

  it("browses the tree by keyboard, and shows names as text", async () => {
    await page.locator("#tree button").first().focus();
    await page.keyboard.press("ArrowRight");
    const names = page.locator("#tree ul button");
    await expect.poll(() => names.allTextContents()).toEqual(["app", "zookeeper"]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => names.allTextContents()).toContain("<img src=x>");
    expect(await page.locator("#node").textContent()).toContain("data of /app");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => names.allTextContents()).toEqual(["app", "zookeeper"]);
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => names.count()).toBe(4);
    // The picture in the README: SCREENSHOT=write npm test -- packages/server/test/page.test.ts
    if (process.env["SCREENSHOT"] === "write") await page.screenshot({ path: SCREENSHOT });
  });

  it("fits a narrow screen, and follows a dark setting", async () => {
    const background = (): Promise<string> =>
      page.evaluate("getComputedStyle(document.documentElement).colorScheme");
    expect(await background()).toBe("light dark");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 340, height: 800 });
    const overflow = await page.evaluate<number>(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect(overflow).toBeLessThanOrEqual(0);
    const colors = await page.evaluate<string>("getComputedStyle(document.body).color");
    expect(colors).toBe("rgb(255, 255, 255)");
  });

  it("says which member is gone, and that nobody answers", async () => {
    const leader = Number((await ensemble.ready()).status().sid);
    const other = [2, 3].find((sid) => sid !== leader) ?? 2;
    await ensemble.stopServer(other);
    const row = page.locator("#members tr").nth(other - 1);
    await expect.poll(() => row.textContent(), { timeout: 10_000 }).toContain("does not serve");
    await ensemble.stopServer(1);
    await expect
      .poll(() => page.locator("#state").textContent(), { timeout: 10_000 })
      .toContain("no answer");
    expect(problems.filter((text) => !/ERR_CONNECTION_REFUSED/u.test(text))).toEqual([]);
  });
});
