import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InflatedFile } from "./snapshot-files.js";

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3);
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "jute-ts-gz-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function fileOf(bytes: Uint8Array): Promise<InflatedFile> {
  const path = join(directory, "snapshot.1.gz");
  await writeFile(path, bytes);
  return new InflatedFile(path);
}

async function readAll(file: InflatedFile, pieceBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; ;) {
    const { bytes, size } = await file.read(offset, pieceBytes);
    pieces.push(bytes);
    offset += bytes.length;
    if (offset >= size || bytes.length === 0) return Buffer.concat(pieces);
  }
}

describe("a file that is compressed with gzip", () => {
  test.each([1000, 65_536, 300_000, 1 << 20])("is read in pieces of %d bytes", async (size) => {
    const file = await fileOf(gzipSync(content));
    expect(Buffer.compare(await readAll(file, size), content)).toBe(0);
  });

  test("is read from any place, forwards and backwards", async () => {
    const file = await fileOf(gzipSync(content));
    for (const offset of [0, 200_000, 5, 299_990, 300_000, 400_000]) {
      const { bytes } = await file.read(offset, 100);
      expect(bytes).toEqual(Buffer.from(content.subarray(offset, offset + 100)));
    }
    file.close();
    expect((await file.read(0, 10)).bytes).toEqual(Buffer.from(content.subarray(0, 10)));
    file.close();
  });

  test("ends where it is cut or spoilt", async () => {
    const whole = gzipSync(content);
    const cut = await readAll(await fileOf(whole.subarray(0, whole.length / 2)), 65_536);
    expect(cut.length).toBeLessThan(content.length);
    expect(await readAll(await fileOf(Buffer.from("no gzip at all")), 100)).toHaveLength(0);
  });

  test("that is not there is an error", async () => {
    const file = new InflatedFile(join(directory, "missing.gz"));
    await expect(file.read(0, 10)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
