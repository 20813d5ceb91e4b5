/**
 * How many bytes are read and written below each znode of the root, as Java's DataTree counts
 * them: the path, the data or the names of children, and with what is read a stat.
 */
import type { Measurements } from "../admin/measurements.js";

/** A znode, which exists, was read; `bytes`: of its data, or of its children's names. */
export function countRead(measurements: Measurements, path: string, bytes: number): void {
  record(measurements, "read_per_namespace", path, path.length + bytes + STAT_BYTES);
}

/** A znode was created, deleted or given data; `bytes`: of its data. */
export function countWritten(measurements: Measurements, path: string, bytes: number): void {
  record(measurements, "write_per_namespace", path, path.length + bytes);
}

/** What concerns the root itself is not counted. */
function record(
  measurements: Measurements,
  name: "read_per_namespace" | "write_per_namespace",
  path: string,
  bytes: number,
): void {
  const end = path.indexOf("/", 1);
  const top = end === -1 ? path.slice(1) : path.slice(1, end);
  if (top !== "") measurements.recordOf(name, top, bytes);
}

/** Six longs and five ints. */
const STAT_BYTES = 6 * 8 + 5 * 4;
