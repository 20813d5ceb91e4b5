/** Draws the pictures and the page from all results that a directory holds. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, UsageError } from "../command.js";
import type { Report } from "../report.js";
import type { ServersReport } from "../servers/results.js";
import { drawCodecChart, type Column } from "./codec-chart.js";
import { CHARTED, resultsPage, type Picture, type Printed } from "./results-page.js";
import { drawServerChart } from "./server-chart.js";

const SERVERS = "servers";

/** Throws UsageError where there are no results. */
export function writeCharts(directory: string): void {
  const folders = (existsSync(directory) ? readdirSync(directory) : []).filter((name) =>
    existsSync(join(directory, name, "results.json")),
  );
  if (folders.length === 0) {
    throw new UsageError(`${directory} holds no results: no folder in it has a results.json`);
  }
  const columns = columnsOf(directory, folders);
  const pictures: Picture[] = [];
  const add = (file: string, title: string, drawn: string | undefined): void => {
    if (drawn === undefined) return;
    writeFileSync(join(directory, file), drawn);
    pictures.push({ file, title });
  };
  for (const { mode, file, title } of columns.length === 0 ? [] : CHARTED) {
    add(file, title, drawCodecChart(title, mode, columns));
  }
  const printed = columns.map(({ heading, folder }) => tableOf(directory, folder, heading));
  if (folders.includes(SERVERS)) {
    const report = readJson(directory, SERVERS) as ServersReport | null;
    if (Array.isArray(report?.rows)) {
      add("servers.svg", "Our servers and Apache ZooKeeper's", drawServerChart(report));
    } else {
      console.error("The servers' results are of an older version: npm run bench:servers again.");
    }
    printed.push(tableOf(directory, SERVERS, "Servers"));
  }
  writeFileSync(join(directory, "README.md"), resultsPage(pictures, columns, printed));
}

/** The newest Node first, which is the one drawn as bars, and browsers last. */
function columnsOf(directory: string, folders: readonly string[]): (Column & { folder: string })[] {
  const node = (folder: string): number => Number(/^node(\d+)$/.exec(folder)?.[1] ?? 0);
  return folders
    .filter((folder) => folder !== SERVERS)
    .sort((a, b) => node(b) - node(a) || a.localeCompare(b))
    .map((folder) => ({
      folder,
      heading: folder.replace(/^[a-z]/, (letter) => letter.toUpperCase()).replace(/\d/, " $&"),
      report: readReport(directory, folder),
    }));
}

function readReport(directory: string, folder: string): Report {
  const report = readJson(directory, folder) as Partial<Report> | null;
  if (Array.isArray(report?.cells)) return report as Report;
  throw new UsageError(`${join(directory, folder, "results.json")} holds no cells. Measure again.`);
}

function readJson(directory: string, folder: string): unknown {
  const path = join(directory, folder, "results.json");
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`${path} is not what a run wrote: ${messageOf(error)}. Measure again.`);
  }
}

function tableOf(directory: string, folder: string, heading: string): Printed {
  return { heading, text: readFileSync(join(directory, folder, "results.txt"), "utf8") };
}
