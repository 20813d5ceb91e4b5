/** `1 byte`, `2 bytes`. */
export function quantity(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}
