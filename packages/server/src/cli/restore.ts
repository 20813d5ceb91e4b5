/** `restore`: gives a server that is stopped the state of a snapshot. */
import { formatZxid } from "@jute-ts/zookeeper";
import { loadConfiguration } from "../node/server.js";
import {
  keptSuffix,
  readSnapshotFile,
  refuseWhileRunning,
  replaceData,
  RestoreError,
} from "../node/restoring.js";
import {
  type CommandLine,
  type OutputFormat,
  remark,
  reportFailure,
  tell,
} from "./command-line.js";
import { EXIT_DONE, EXIT_FAILED, type ExitCode } from "./exit-code.js";

export async function restore(
  configuration: string,
  snapshot: string,
  format: OutputFormat,
  line: CommandLine,
): Promise<ExitCode> {
  try {
    const { settings } = loadConfiguration(configuration);
    const checked = await readSnapshotFile(snapshot);
    if (checked.isExact === false) {
      const text = `${snapshot} holds traces of changes after ${formatZxid(checked.zxid)}: it was written while they were made, and only the log of then could complete it`;
      remark({ level: "warning", text }, format, line);
    }
    await refuseWhileRunning(settings);
    const { file, kept } = replaceData(settings, checked, keptSuffix());
    const zxid = formatZxid(checked.zxid);
    const znodes = checked.tree.nodeCount;
    const before = kept.length === 0 ? "" : `; what was there before is in ${kept.join(" and ")}`;
    const text = `restored ${znodes} znodes as of ${zxid} into ${file}${before}`;
    tell(text, { zxid, znodes, file, kept }, format, line);
    if (!settings.isStandalone) {
      const others =
        "restore all other members of the ensemble from the same file before any of them is started: they would bring this one back to what they have";
      remark({ level: "warning", text: others }, format, line);
    }
    return EXIT_DONE;
  } catch (error) {
    if (!(error instanceof RestoreError)) return reportFailure(error, format, line);
    remark({ level: "error", text: error.message }, format, line);
    return EXIT_FAILED;
  }
}
