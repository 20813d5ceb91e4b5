/** Which files a file can speak of. Apart from loading them, which needs the parser. */
import type { LoadedFile } from "./files.js";

/**
 * The files whose classes can be used in a file: itself and all it includes,
 * directly or not, with the offset of the include that brings each in first.
 */
export function visibleFiles(file: LoadedFile): ReadonlyMap<LoadedFile, number> {
  const visible = new Map<LoadedFile, number>([[file, -1]]);
  for (const { include, target } of file.includes) {
    const pending = [target];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (visible.has(next)) continue;
      visible.set(next, include.span.start);
      for (const edge of next.includes) if (edge.target !== undefined) pending.push(edge.target);
    }
  }
  return visible;
}
