/**
 * The number of bytes up to the last that is not zero; 0 when all are. A log ends
 * in up to 64 MiB of zeros, all of which a server looks at before it starts, so
 * they are taken four at a time where they are aligned.
 */
export function lengthWithoutZeros(bytes: Uint8Array): number {
  const { buffer, byteOffset } = bytes;
  let end = bytes.length;
  while (end > 0 && (byteOffset + end) % 4 !== 0 && bytes[end - 1] === 0) end--;
  const firstAligned = (4 - (byteOffset % 4)) % 4;
  if ((byteOffset + end) % 4 === 0 && end > firstAligned) {
    const words = new Int32Array(buffer, byteOffset + firstAligned, (end - firstAligned) / 4);
    let count = words.length;
    while (count > 0 && words[count - 1] === 0) count--;
    end = firstAligned + 4 * count;
  }
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}
