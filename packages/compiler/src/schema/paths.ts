/**
 * Paths as names: joined and compared as text, so that the same rules hold on
 * every platform, in a browser, and for files that exist only in memory.
 */

/**
 * What an include means: a path relative to the including file. Apache's
 * compiler appends it to the directory even when it starts with a slash.
 */
export function resolveInclude(includingFile: string, path: string): string {
  const file = withForwardSlashes(includingFile);
  const slash = file.lastIndexOf("/");
  return normalizePath(slash < 0 ? path : `${file.slice(0, slash + 1)}/${path}`);
}

/** The same path without `.`, without `..` where it can be avoided, and with forward slashes. */
export function normalizePath(path: string): string {
  const text = withForwardSlashes(path);
  const root = text.startsWith("/") ? "/" : "";
  const parts: string[] = [];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (root === "") parts.push("..");
  }
  return root + parts.join("/");
}

/** How a file would be written in an include of another file. */
export function relativePath(includingFile: string, target: string): string {
  const from = normalizePath(includingFile).split("/").slice(0, -1);
  const to = normalizePath(target).split("/");
  let common = 0;
  while (common < from.length && common < to.length - 1 && from[common] === to[common]) common++;
  return [...from.slice(common).map(() => ".."), ...to.slice(common)].join("/");
}

function withForwardSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}
