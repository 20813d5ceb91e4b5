/** The `console` blocks of the documentation: each command is run and must print what stands below it. */
import { copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Scratch } from "./scratch.js";

const repository = path.resolve(import.meta.dirname, "../../..");
const recorded = path.join(repository, "test/java/persistence/recorded");
const PAGES = ["README.md", "docs/decode.md"];

describe.each(PAGES)("%s", (page) => {
  const markdown = readFileSync(path.join(repository, page), "utf8");
  const examples = Array.from(markdown.matchAll(/^```console\n([^]*?)^```$/gm)).flatMap(
    ([, block = ""]) => block.split(/^(?=\$ )/m).map((text) => text.split("\n")),
  );

  it.each(examples)("%s", async (command = "", ...lines) => {
    const words = command.replace(/^\$ (npx (--no-install )?)?jute /, "").split(" ");
    const { stdout, stderr } = await scratchWithFiles(markdown).jute(...words);
    expect(`${stdout}${stderr}`).toBe(lines.join("\n"));
  });
});

/** What the pages speak of: a data directory that Apache's server wrote, a capture, and their own JSON. */
function scratchWithFiles(markdown: string): Scratch {
  const scratch = new Scratch({ "version-2/.keep": "" });
  for (const name of ["log.100000001", "log.200000001"]) {
    copyFileSync(path.join(recorded, "logs", name), scratch.path(`version-2/${name}`));
  }
  const snapshot = "snapshot.200000002";
  copyFileSync(path.join(recorded, "two-seals", snapshot), scratch.path(`version-2/${snapshot}`));
  const capture = path.join(repository, "packages/inspect/test/recorded/life.pcap.gz");
  scratch.write("life.pcap", gunzipSync(readFileSync(capture)));
  for (const [, name = "", text = ""] of markdown.matchAll(
    /`(\w+\.json)`:\n+```json\n([^]*?)^```$/gm,
  )) {
    scratch.write(name, text);
  }
  return scratch;
}
