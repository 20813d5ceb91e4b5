/**
 * The API pages of all packages, by TypeDoc: npm run docs writes them to docs/api/. Any warning
 * fails: a link that leads nowhere, or a type that is mentioned and has no page.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { Application, Comment, type ProjectReflection, type TypeDocOptions } from "typedoc";
import { publishedPackages, root } from "./packages/published.js";

const packages = publishedPackages();
const entries = packages.flatMap((each) => each.entries);

const options = {
  name: "jute-ts",
  readme: "none",
  tsconfig: path.join(root, "scripts/tsconfig.docs.json"),
  entryPoints: entries.map(({ source }) => source),
  out: path.join(root, "docs/api"),
  cleanOutputDir: true,
  excludeInternal: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: false },
  hideGenerator: true,
  // There is no address yet at which the sources could be shown.
  disableSources: true,
} satisfies TypeDocOptions;

const app = await Application.bootstrap(options);
const project = await app.convert();
if (project === undefined) throw new Error("TypeDoc cannot read the packages");
nameModules(project);
app.validate(project);
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;

/** Each entry point gets the name that an import gives it, and the words that its file opens with. */
function nameModules(all: ProjectReflection): void {
  for (const module of all.children ?? []) {
    // TypeDoc calls it by its folder, or by its file where that is no index.
    const place = path.join(root, module.name);
    const entry = entries.find(({ source }) => source.replace(/(\/index)?\.ts$/, "") === place);
    if (entry === undefined) throw new Error(`${module.name} is no entry point of any package`);
    module.name = entry.specifier;
    module.comment ??= new Comment([{ kind: "text", text: openingComment(entry.source) }]);
  }
  const list = packages.map(
    ({ manifest: { name, description } }) => `- \`${name}\`: ${description ?? ""}`,
  );
  all.readme = [
    { kind: "text", text: `What each package of jute-ts exports.\n\n${list.join("\n")}\n` },
  ];
}

/** The comment at the top of a file, as text. */
function openingComment(file: string): string {
  const [, comment = ""] = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(file, "utf8")) ?? [];
  return comment.replaceAll(/^\s*\*? ?/gm, "").trim();
}
