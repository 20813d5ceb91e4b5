/**
 * Every entry point of every package, imported by a project that has nothing but the tarballs:
 * type-checked as strictly as TypeScript can, run as an ES module, and loaded with `require`.
 */
import type { PublishedPackage } from "./published.js";
import { run, step, writeFiles } from "./shell.js";

/** The project's folder has the packages, TypeScript and Node's types installed. */
export function importEverything(packages: readonly PublishedPackage[], project: string): void {
  const specifiers = packages.flatMap(({ entries }) => entries.map((entry) => entry.specifier));
  // Sockets have Node's types, and the compiler's options have Prettier's, which know URL.
  const portable = specifiers.filter(
    (specifier) => !/\/(server$|compiler(\/|$)|prettier-plugin$)/.test(specifier),
  );
  writeFiles(project, {
    "everything/portable.ts": imports(portable),
    "everything/all.ts": imports(specifiers),
    "everything/tsconfig.portable.json": tsconfig("portable.ts", []),
    "everything/tsconfig.all.json": tsconfig("all.ts", ["node"]),
    "everything/require.cjs": [
      ...specifiers.map((each) => `require(${JSON.stringify(each)});`),
      "",
    ].join("\n"),
  });
  step(`import all ${specifiers.length} entry points`, () => {
    for (const which of ["portable", "all"]) {
      run("npx", ["--no-install", "tsc", "-p", `everything/tsconfig.${which}.json`], project);
      const count = run("node", [`everything/out/${which}.js`], project).trim();
      const expected = which === "all" ? specifiers.length : portable.length;
      if (count !== String(expected)) throw new Error(`${which}: ${count} of ${expected} export`);
    }
  });
  step("require all of them", () => run("node", ["everything/require.cjs"], project));
}

function imports(specifiers: readonly string[]): string {
  return [
    ...specifiers.map((each, index) => `import * as module${index} from ${JSON.stringify(each)};`),
    "declare const console: { log(count: number): void };",
    `const all: object[] = [${specifiers.map((_, index) => `module${index}`).join(", ")}];`,
    "console.log(all.filter((each) => Object.keys(each).length > 0).length);",
    "",
  ].join("\n");
}

/** Libraries are checked, too: a declaration that only compiles here is found here. */
function tsconfig(file: string, types: readonly string[]): string {
  return JSON.stringify({
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2022"],
      module: "NodeNext",
      strict: true,
      skipLibCheck: types.length > 0,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      types,
      rootDir: ".",
      outDir: "out",
    },
    files: [file],
  });
}
