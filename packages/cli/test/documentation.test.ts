/**
 * The `console` blocks of the documentation, run as they stand: a line `$ jute …` is a command, and what
 * follows is what it prints, on both streams. All blocks of a page share one directory, in which
 * `<!-- file NAME -->` puts the block below it; `$ cat NAME` and `$ echo $?` show what is there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Scratch } from "./scratch.js";

const folder = new URL("../../../docs/", import.meta.url);
const pages = readdirSync(folder)
  .filter((name) => name.endsWith(".md"))
  .map((name) => ({ name, markdown: readFileSync(new URL(name, folder), "utf8") }))
  // Other pages show files that no page could hold, and have tests of their own.
  .filter(({ markdown }) => markdown.includes("<!-- file "));

test.each(pages)("the commands of $name print what the page says", async ({ markdown }) => {
  const scratch = new Scratch();
  const blocks = markdown.matchAll(/(?:^<!-- file (\S+) -->\n\n)?^```(\w+)\n([^]*?)^```$/gm);
  for (const [, file, language, text = ""] of blocks) {
    if (file !== undefined) scratch.write(file, text);
    if (language === "console") expect(await transcript(scratch, text)).toBe(text);
  }
});

/** The block with what its commands print today. */
async function transcript(scratch: Scratch, block: string): Promise<string> {
  let printed = "";
  let lastExitCode = 0;
  const stream = { write: (chunk: string | Uint8Array) => void (printed += String(chunk)) };
  for (const line of block.split("\n").filter((each) => each.startsWith("$ "))) {
    printed += `${line}\n`;
    const [program, ...words] = line.slice(2).split(" ");
    if (program === "jute") {
      const surroundings = { stdout: stream, stderr: stream };
      ({ exitCode: lastExitCode } = await scratch.juteWith(surroundings, ...words));
    } else if (program === "cat") {
      printed += words.map((name) => scratch.read(name)).join("");
    } else {
      expect(line).toBe("$ echo $?");
      printed += `${String(lastExitCode)}\n`;
    }
  }
  return printed;
}

test("there are pages with commands", () => {
  expect(pages.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["breaking.md", "cli.md", "format.md", "lint.md", "targets.md"]),
  );
});
