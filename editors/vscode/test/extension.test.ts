/** The `.vsix` as VS Code gets it: unpacked by another program, and the server run that lies in it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Editor } from "../../../packages/language-server/test/editor.js";
import { buildVsix, type Vsix } from "../../../scripts/vsix/extension.js";

const scratch = mkdtempSync(path.join(tmpdir(), "jute-vsix-"));
const unpacked = path.join(scratch, "unpacked");
let vsix: Vsix;

beforeAll(async () => {
  vsix = await buildVsix();
  const file = path.join(scratch, vsix.name);
  writeFileSync(file, vsix.bytes);
  mkdirSync(unpacked);
  execFileSync("python3", ["-m", "zipfile", "-e", file, unpacked]);
}, 120_000);

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function textOf(name: string): string {
  return readFileSync(path.join(unpacked, name), "utf8");
}

interface Contributions {
  readonly languages: readonly { readonly configuration: string }[];
  readonly grammars: readonly { readonly path: string; readonly scopeName: string }[];
  readonly snippets: readonly { readonly path: string }[];
  readonly jsonValidation: readonly { readonly url: string }[];
  readonly commands: readonly { readonly command: string }[];
  readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
}

interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly version: string;
  readonly main: string;
  readonly engines: { readonly vscode: string };
  readonly contributes: Contributions;
}

function manifest(): Manifest {
  return JSON.parse(textOf("extension/package.json")) as Manifest;
}

describe("the .vsix", () => {
  it("has the version of the jute command in its name", () => {
    const cli = readFileSync(
      path.resolve(import.meta.dirname, "../../../packages/cli/package.json"),
    );
    const { version } = JSON.parse(cli.toString()) as { version: string };
    expect(vsix.name).toBe(`jute-${version}.vsix`);
    expect(manifest().version).toBe(version);
  });

  it("is a package of VS Code's kind, whose two manifests agree", () => {
    expect(textOf("[Content_Types].xml")).toContain("/package/2006/content-types");
    const gallery = textOf("extension.vsixmanifest");
    const { name, publisher, version, engines } = manifest();
    expect(gallery).toContain(`Id="${name}" Version="${version}" Publisher="${publisher}"`);
    expect(gallery).toContain(`Id="Microsoft.VisualStudio.Code.Engine" Value="${engines.vscode}"`);
    expect(gallery).toContain('<InstallationTarget Id="Microsoft.VisualStudio.Code"/>');
    const assets = [...gallery.matchAll(/<Asset .*?Path="([^"]+)"/g)].map(([, file]) => file);
    expect(assets).toHaveLength(3);
    for (const file of assets) expect(existsSync(path.join(unpacked, file ?? "?"))).toBe(true);
  });

  it("is well-formed XML where it is XML", () => {
    const parse = "import sys, xml.dom.minidom as m; [m.parse(f) for f in sys.argv[1:]]";
    const files = ["[Content_Types].xml", "extension.vsixmanifest"];
    execFileSync("python3", ["-c", parse, ...files], { cwd: unpacked });
  });

  it("has a content type for every file", () => {
    const endings = [...textOf("[Content_Types].xml").matchAll(/Extension="([^"]+)"/g)].map(
      ([, ending]) => ending,
    );
    const list = "import sys, zipfile; print('\\n'.join(zipfile.ZipFile(sys.argv[1]).namelist()))";
    const names = execFileSync("python3", ["-c", list, path.join(scratch, vsix.name)], {
      encoding: "utf8",
    });
    for (const name of names.trim().split("\n")) {
      if (name !== "[Content_Types].xml") expect(endings).toContain(path.extname(name));
    }
  });

  it("holds every file that it says it has", () => {
    const { main, contributes } = manifest();
    const files = [
      main,
      ...contributes.languages.map(({ configuration }) => configuration),
      ...contributes.grammars.map((grammar) => grammar.path),
      ...contributes.snippets.map((snippets) => snippets.path),
      ...contributes.jsonValidation.map(({ url }) => url),
    ];
    expect(files).toHaveLength(5);
    for (const file of files) expect(existsSync(path.join(unpacked, "extension", file))).toBe(true);
    const [grammar] = contributes.grammars;
    const { scopeName } = JSON.parse(textOf(`extension/${grammar?.path ?? ""}`)) as {
      scopeName: string;
    };
    expect(grammar?.scopeName).toBe(scopeName);
  });

  it("has nothing of a workspace of npm, and the licences of what it bundles", () => {
    expect(Object.keys(manifest())).not.toContain("devDependencies");
    expect(Object.keys(manifest())).not.toContain("private");
    const notices = textOf("extension/dist/THIRD-PARTY-NOTICES.txt");
    for (const name of ["chevrotain", "commander", "vscode-languageclient", "vscode-jsonrpc"]) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
  });

  it("documents every setting and every command", () => {
    const readme = textOf("extension/README.md");
    const { configuration, commands } = manifest().contributes;
    for (const key of Object.keys(configuration.properties)) expect(readme).toContain(`\`${key}\``);
    expect(commands).toHaveLength(1);
    expect(readme).toContain("**Jute: Restart Language Server**");
  });

  it("is the same bytes each time", async () => {
    const again = await buildVsix();
    expect(Buffer.from(again.bytes).equals(vsix.bytes)).toBe(true);
  }, 60_000);
});

describe("the server in the .vsix", () => {
  it("says what is wrong with a file, by the project's settings", async () => {
    const editor = new Editor(path.join(unpacked, "extension/dist/jute.mjs"), {
      "jute.config.json": JSON.stringify({
        generate: [{ files: ["*.jute"], outDir: "out" }],
        lint: { levels: { JUTE140: "off" } },
      }),
    });
    const { serverInfo } = await editor.start();
    expect(serverInfo?.name).toBe("jute");
    await editor.open("a.jute", "module a { class B { integer c; } }\n");
    const found = await editor.diagnostics("a.jute");
    expect(found.map(({ code }) => code)).toEqual(["JUTE020"]);
    expect(await editor.stop()).toBe(0);
  });
});
