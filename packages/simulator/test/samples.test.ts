/**
 * The samples of the documentation: pages show exactly these files, which are
 * type-checked and linted with all others, and each runs here and prints what its
 * comments promise. UPDATE=1 writes them into the pages.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";

const PACKAGE = new URL("../", import.meta.url);
const FENCE = /<!-- sample: (\S+) -->\n(?:\n```ts\n[\s\S]*?```\n)?/g;

function readSample(name: string): string {
  return readFileSync(new URL(`test/samples/${name}`, PACKAGE), "utf8");
}

describe.each(["README.md", "docs/extending.md"])("%s", (path) => {
  const page = readFileSync(new URL(path, PACKAGE), "utf8");
  const names = Array.from(page.matchAll(FENCE), ([, name]) => name ?? "");

  it("shows the samples as they are", () => {
    expect(names.length).toBeGreaterThan(0);
    const shown = page.replaceAll(
      FENCE,
      (_, name: string) => `<!-- sample: ${name} -->\n\n\`\`\`ts\n${readSample(name)}\`\`\`\n`,
    );
    if (process.env["UPDATE"] === "1") writeFileSync(new URL(path, PACKAGE), shown);
    expect(readFileSync(new URL(path, PACKAGE), "utf8")).toBe(shown);
  });

  it.each(names)("has a sample that does what it says: %s", async (name) => {
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
      printed.push(values.map(String).join(" "));
    });
    try {
      await import(`./samples/${name.replace(/\.ts$/, "")}.ts`);
    } finally {
      log.mockRestore();
    }
    expect(printed.length).toBeGreaterThan(0);
    const promised = Array.from(readSample(name).matchAll(/console\.log\(.*\); \/\/ (.*)/g));
    for (const [, text] of promised) expect(printed).toContain(text);
    expect(printed.filter((line) => line.includes("nothing"))).toEqual([]);
    if (!name.endsWith("-test.ts")) expect(printed.join("\n")).toContain("no violation");
  });
});
