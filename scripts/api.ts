/**
 * The public API of every package as text: etc/<package>[.<entry>].api.md, one report for each
 * entry point. A change to what users see is then a change to a file, which a reviewer sees, too.
 *
 *   npm run api         writes the reports
 *   npm run api:check   fails when they are not what the sources declare
 *
 * API Extractor makes them from the declarations in `dist`, which `tsc -b` has just written.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type IConfigFile,
} from "@microsoft/api-extractor";
import { type EntryPoint, publishedPackages, root } from "./packages/published.js";

const reports = path.join(root, "etc");
const packages = publishedPackages();
const allDeclarations = packages.flatMap(({ entries }) => entries.map((each) => each.declarations));
const temporary = mkdtempSync(path.join(tmpdir(), "jute-ts-api-"));

try {
  const written = makeReports();
  if (process.argv.includes("--check")) check(written);
  else write(written);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

/** File names and texts of all reports. */
function makeReports(): Map<string, string> {
  const texts = new Map<string, string>();
  // One program for all entry points: most of the time goes into reading declarations.
  let compilerState: CompilerState | undefined;
  for (const { folder, entries } of packages) {
    for (const entry of entries) {
      const config = ExtractorConfig.prepare({
        configObject: configOf(folder, entry),
        configObjectFullPath: path.join(folder, "api-extractor.json"),
        packageJsonFullPath: path.join(folder, "package.json"),
      });
      compilerState ??= CompilerState.create(config, { additionalEntryPoints: allDeclarations });
      const { succeeded } = Extractor.invoke(config, {
        compilerState,
        localBuild: true,
        messageCallback: (message) => {
          if (message.logLevel === ExtractorLogLevel.Error) console.error(message.text);
          message.handled = true;
        },
      });
      if (!succeeded) throw new Error(`no API report of ${entry.specifier}`);
      const name = `${entry.label}.api.md`;
      const text = readFileSync(path.join(temporary, name), "utf8");
      // The heading is the package's name, whichever of its entry points it is.
      texts.set(name, text.replace(/(?<=^## API Report File for )".*"/, `"${entry.specifier}"`));
    }
  }
  return texts;
}

function configOf(folder: string, { declarations, label }: EntryPoint): IConfigFile {
  return {
    projectFolder: folder,
    mainEntryPointFilePath: declarations,
    newlineKind: "lf",
    compiler: {
      overrideTsconfig: {
        // As a user's compiler: without the condition by which this repository finds sources.
        compilerOptions: {
          target: "ES2022",
          module: "NodeNext",
          moduleResolution: "NodeNext",
          strict: true,
          skipLibCheck: true,
          types: ["node"],
          typeRoots: [path.join(root, "node_modules/@types")],
        },
        files: allDeclarations,
      },
    },
    apiReport: {
      enabled: true,
      reportFolder: temporary,
      reportTempFolder: path.join(temporary, "temp"),
      reportFileName: label,
      // A type that an exported one mentions is seen by users, whether or not it has an export.
      includeForgottenExports: true,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      extractorMessageReporting: {
        default: { logLevel: ExtractorLogLevel.None },
        "ae-forgotten-export": {
          logLevel: ExtractorLogLevel.Warning,
          addToApiReportFile: true,
        },
      },
      tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    },
  };
}

function write(texts: ReadonlyMap<string, string>): void {
  mkdirSync(reports, { recursive: true });
  for (const name of leftOver(texts)) rmSync(path.join(reports, name));
  for (const [name, text] of texts) writeFileSync(path.join(reports, name), text);
  console.log(`${texts.size} API reports in etc/`);
}

function check(texts: ReadonlyMap<string, string>): void {
  const made = path.join(temporary, "made");
  mkdirSync(made);
  for (const [name, text] of texts) writeFileSync(path.join(made, name), text);
  const options = ["diff", "--no-index", "--no-color", "--exit-code", "etc", made];
  const { status, stdout, stderr } = spawnSync("git", options, { cwd: root, encoding: "utf8" });
  if (status === 0) return;
  console.error(
    `${stdout}${stderr}\nThe public API is not what etc/ says. If that is meant: npm run api, and commit the reports.`,
  );
  process.exitCode = 1;
}

/** Reports of entry points that are no more. */
function leftOver(texts: ReadonlyMap<string, string>): string[] {
  return readdirSync(reports).filter((name) => name.endsWith(".api.md") && !texts.has(name));
}
