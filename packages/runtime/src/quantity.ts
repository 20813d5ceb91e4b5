/** `1 byte`, `2 bytes`. */
export function quantity(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `the 1 byte that is left`. */
export function bytesLeft(count: number): string {
  return `the ${quantity(count, "byte")} that ${count === 1 ? "is" : "are"} left`;
}

/** `1 byte is needed and 0 are left`. */
export function bytesNeeded(needed: number, left: number): string {
  const are = (count: number): string => (count === 1 ? "is" : "are");
  return `${quantity(needed, "byte")} ${are(needed)} needed and ${String(left)} ${are(left)} left`;
}
