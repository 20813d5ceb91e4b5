/**
 * The declarations of every package, compiled by the oldest TypeScript that is supported, in
 * the project that has nothing but the tarballs.
 */
import path from "node:path";
import { run, step, writeFiles } from "./shell.js";

/**
 * The oldest TypeScript whose users need no skipLibCheck; README.md names it. Older
 * ones fail on fast-check's own declarations and on those of Node.
 */
const OLDEST_TYPESCRIPT = "5.0.4";

/** Needs the project in which `importEverything` has imported every entry point. */
export function checkWithOldestTypeScript(project: string): void {
  // A directory of its own, since each TypeScript brings a `tsc`.
  const directory = path.join(project, "oldest-typescript");
  writeFiles(directory, {
    "package.json": JSON.stringify({
      private: true,
      dependencies: { typescript: OLDEST_TYPESCRIPT },
    }),
  });
  // Nothing that an old TypeScript does not know, and no skipLibCheck.
  writeFiles(project, {
    "everything/tsconfig.oldest.json": JSON.stringify({
      compilerOptions: {
        target: "ES2022",
        module: "NodeNext",
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        verbatimModuleSyntax: true,
        types: ["node"],
        noEmit: true,
      },
      files: ["all.ts"],
    }),
  });
  step(`type-check every declaration with TypeScript ${OLDEST_TYPESCRIPT}`, () => {
    run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--silent"], directory);
    const compiler = path.join(directory, "node_modules/typescript/bin/tsc");
    run("node", [compiler, "-p", "everything/tsconfig.oldest.json"], project);
  });
}
