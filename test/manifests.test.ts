/**
 * Holds the manifests of the published packages to each other: one version for all, one
 * licence, the same engines, exports in the same order. What differs must differ on purpose.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly license?: string;
  readonly author?: string;
  readonly engines?: unknown;
  readonly type?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files?: readonly string[];
  readonly publishConfig?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const root = JSON.parse(read("package.json")) as Manifest;
const folders = [
  "generated",
  ...readdirSync(new URL("../packages", import.meta.url)).map((name) => `packages/${name}`),
];
const published = folders
  .map((folder) => ({ folder, manifest: JSON.parse(read(`${folder}/package.json`)) as Manifest }))
  .filter(({ manifest }) => manifest.private !== true)
  .map((each) => ({ ...each, name: each.manifest.name }));
const { version } = JSON.parse(read("packages/runtime/package.json")) as Manifest;

/** The order that npm's documentation lists them in, as far as we have them. */
const KEYS = [
  "name",
  "version",
  "description",
  "keywords",
  "homepage",
  "bugs",
  "repository",
  "license",
  "author",
  "type",
  "sideEffects",
  "engines",
  "bin",
  "exports",
  "files",
  "publishConfig",
  "dependencies",
  "peerDependencies",
  "devDependencies",
];

describe.each(published)("the manifest of $name", ({ folder, manifest }) => {
  it("says what every package says", () => {
    expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(manifest).toMatchObject({
      version,
      license: "Apache-2.0",
      author: "The jute-ts authors",
      type: "module",
      engines: root.engines,
      publishConfig: { access: "public" },
    });
    expect(manifest.description).not.toBe("");
    expect(manifest.keywords).toContain("zookeeper");
    expect(new Set(manifest.keywords).size).toBe(manifest.keywords?.length);
  });

  it("has its keys in one order", () => {
    const keys = Object.keys(manifest);
    expect(keys).toEqual(KEYS.filter((key) => keys.includes(key)));
  });

  it("ships the licence of the repository and a README", () => {
    expect(read(`${folder}/LICENSE`)).toBe(read("LICENSE"));
    expect(read(`${folder}/README.md`)).toContain(`# ${manifest.name}`);
  });

  it("ships its changes, and no tests", () => {
    expect(manifest.files).toContain("CHANGELOG.md");
    if (manifest.files?.includes("src") === true) {
      expect(manifest.files).toContain("!src/**/*.test.ts");
      expect(manifest.files).toContain("!**/*.tsbuildinfo");
    }
  });

  it("exports source for this repository, then types, then JavaScript", () => {
    for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
      if (typeof target === "string") {
        expect(target).toBe(entry);
      } else if (entry.startsWith("./internals/")) {
        expect(target).toEqual({ "@jute-ts/source": "./src/*.ts" });
      } else {
        const file = target["default"]?.replace(/^\.\/dist\/(.*)\.js$/, "$1") ?? "";
        // toEqual does not look at the order, and the order decides which one wins.
        expect(Object.entries(target)).toEqual([
          ["@jute-ts/source", `./src/${file}.ts`],
          ["types", `./dist/${file}.d.ts`],
          ["default", `./dist/${file}.js`],
        ]);
      }
    }
    expect(Object.keys(manifest.exports ?? {}).at(-1)).toBe("./package.json");
  });

  it("depends on the other packages in the version of all", () => {
    const ours = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([name]) => name.startsWith("@jute-ts/"),
    );
    expect(ours).toEqual(ours.map(([name]) => [name, version]));
  });

  it("lists its dependencies by name", () => {
    for (const list of [manifest.dependencies, manifest.devDependencies]) {
      const names = Object.keys(list ?? {});
      expect(names).toEqual([...names].sort());
    }
  });
});

it("keeps the versions of all packages together when they are released", () => {
  const config = JSON.parse(read(".changeset/config.json")) as { fixed: readonly string[][] };
  const sorted = published.map(({ name }) => name).sort();
  expect(config.fixed.map((group) => [...group].sort())).toEqual([sorted]);
});
