import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as prettier from "prettier";
import { describe, expect, it } from "vitest";
import { formatSource } from "@jute-ts/compiler/format";
import * as plugin from "./index.js";

const folder = new URL("../../../jute-defs/", import.meta.url);

function format(text: string, options: prettier.Options = {}): Promise<string> {
  return prettier.format(text, { filepath: "a.jute", plugins: [plugin], ...options });
}

describe("the plugin", () => {
  const messy = "module a{class A{int a;//x\nustring name;\n// y\n}}";

  it("finds .jute files by their name, and lays them out as jute format does", async () => {
    const { text } = formatSource({ path: "a.jute", text: messy });
    expect(await format(messy)).toBe(text);
  });

  it.each(readdirSync(folder))("leaves %s as it is", async (name) => {
    const file = fileURLToPath(new URL(name, folder));
    const config = await prettier.resolveConfig(file, { editorconfig: true });
    const text = readFileSync(file, "utf8");
    expect(await format(text, { ...config, filepath: file })).toBe(text);
  });

  it("follows tabWidth, useTabs and endOfLine", async () => {
    const lines = ["module a {", ">class A {", ">>int a; //x", ">>ustring name;"];
    const text = [...lines, ">>// y", ">}", "}", ""].join("\n");
    expect(await format(messy, { tabWidth: 2 })).toBe(text.replaceAll(">", "  "));
    expect(await format(messy, { useTabs: true })).toBe(text.replaceAll(">", "\t"));
    expect(await format(messy, { tabWidth: 2, endOfLine: "crlf" })).toBe(
      text.replaceAll(">", "  ").replaceAll("\n", "\r\n"),
    );
  });

  it("takes any tabWidth that Prettier takes", async () => {
    expect(await format(messy, { tabWidth: 0 })).toContain("\n class A {");
    expect(await format(messy, { tabWidth: 12 })).toContain(`\n${" ".repeat(8)}class A {`);
  });

  it("formats the jute blocks of Markdown", async () => {
    const markdown = `# A\n\n\`\`\`jute\n${messy}\n\`\`\`\n`;
    const options = { filepath: "a.md", tabWidth: 4 };
    expect(await format(markdown, options)).toBe(
      `# A\n\n\`\`\`jute\n${await format(messy)}\`\`\`\n`,
    );
  });

  it("shows where a file is broken", async () => {
    const broken = format("module a {\n  class A { int a }\n}\n");
    await expect(broken).rejects.toThrow(/";" is missing after the field.*\[JUTE011\] \(2:/);
    await expect(broken).rejects.toThrow(/> 2 \|/);
  });
});
