/** What the file system says when it refuses, for people: without the code, the call and an absolute path. */

/** Why a file cannot be read or written; the message of any other error. */
export function whyRefused(error: unknown): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return message;
  if (code === "ENOENT") return "no such file";
  // "ELOOP: too many symbolic links encountered, open '/srv/defs/a.jute'"
  const end = message.indexOf(`, ${syscall}`);
  return message.startsWith(`${code}: `) && end > 0 ? message.slice(code.length + 2, end) : message;
}
