/** `1 byte`, `2 bytes`. */
export function quantity(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}
