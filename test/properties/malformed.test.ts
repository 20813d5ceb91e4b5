/**
 * Broken and hostile input for every record of ZooKeeper and for records that
 * use every legal type. Whatever arrives, the outcome is a record that the slow
 * twin reads too, or a JuteDecodeError where the twin refuses as well.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordArbitrary } from "@jute-ts/fast-check";
import { registry } from "@jute-ts/records";
import { JuteDecodeError, type AnyRecordType, type JuteRecord } from "@jute-ts/runtime";
import { SchemaWorkshop } from "../../packages/compiler/test/languages/compiled-schema.js";
import { mutation } from "./mutation.js";
import { checkVerdict } from "./reference-agreement.js";
import { effort } from "../effort.js";
import { testSeed } from "../seed.js";

const MUTATION_COUNT = effort(100_000, 4_000);
const seed = testSeed();
const replay = `replay with: JUTE_SEED=${String(seed)} npm run test:all -- test/properties/malformed`;

const everyLegalType = new URL(
  "../../packages/compiler/test/languages/every-legal-type.jute",
  import.meta.url,
);

describe(`input that no writer made (${replay})`, () => {
  const workshop = new SchemaWorkshop();
  const types: AnyRecordType[] = [];

  beforeAll(async () => {
    const text = readFileSync(everyLegalType, "utf8");
    await workshop.add("every", [{ path: "every-legal-type.jute", text }]);
    types.push(...registry, ...(await workshop.load("every")));
  }, 60_000);

  afterAll(() => {
    workshop.dispose();
  });

  it("is told apart at every truncation of a valid packet", () => {
    for (const type of types) {
      for (const packet of packetsOf(type, effort(4, 1))) {
        for (let length = 0; length < packet.length; length++) {
          locate(type, packet, () => checkVerdict(type, packet.subarray(0, length)));
        }
      }
    }
  }, 300_000);

  it(`is a record or an error after each of ${String(MUTATION_COUNT)} mutations`, () => {
    const outcomes = new Map<string, number>();
    const perType = Math.ceil(MUTATION_COUNT / types.length);
    for (const type of types) {
      const packets = packetsOf(type, 12);
      const property = fc.property(fc.constantFrom(...packets), mutation, (packet, mutate) => {
        const verdict = checkVerdict(type, mutate(packet));
        const outcome = "error" in verdict ? verdict.error.kind : "record";
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      });
      fc.assert(property, { seed, numRuns: perType });
    }
    // Damage that never got past the first check, or never got caught, would prove little.
    for (const outcome of ["record", "truncated", "length", "count", "null", "utf8", "trailing"]) {
      expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(effort(20, 0));
    }
  }, 300_000);

  it("is refused when bytes follow the record, unless they are to be ignored", () => {
    for (const type of types) {
      for (const packet of packetsOf(type, 3)) {
        // The bytes after an absent optional field would be that field.
        if (endsOpen(type)) continue;
        const longer = Uint8Array.from([...packet, 0]);
        const error = refusal(() => type.decode(longer));
        expect(error).toMatchObject({ kind: "trailing", offset: packet.length });
        const record: JuteRecord = type.decode(longer, { trailing: "ignore" });
        expect(record.equals(type.decode(packet))).toBe(true);
      }
    }
  });

  it("is refused for nesting before it can exhaust the stack", () => {
    const tree = find("every.recursive.Tree");
    const bomb = (levels: number) => {
      // A null label and one child each; the innermost has none.
      const level = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1];
      const bytes = Array.from({ length: levels }, () => level).flat();
      bytes[bytes.length - 1] = 0;
      return Uint8Array.from(bytes);
    };
    for (const levels of [1, 2, 63, 64, 65, 66, 1000]) {
      const verdict = checkVerdict(tree, bomb(levels));
      expect("error" in verdict && verdict.error.kind).toBe(levels > 64 ? "depth" : false);
    }
    expect(refusal(() => tree.decode(bomb(100_000)))).toMatchObject({
      kind: "depth",
      path: `Tree${".children[0]".repeat(64)}`,
    });
    expect(refusal(() => tree.decode(bomb(3), { maxDepth: 2 })).kind).toBe("depth");
    const deeper: JuteRecord = tree.decode(bomb(200), { maxDepth: 200 });
    expect(deeper.encode({ maxDepth: 200 })).toEqual(bomb(200));
  });

  it("is refused for a count that the rest cannot hold, however small the elements", () => {
    const vectors = find("every.vectors.Vectors");
    const empty = new vectors().encode();
    // Eleven null vectors. A count in place of the first claims what follows.
    for (const [index, elementSize] of [1, 1, 4, 8, 4, 8, 4, 4, 34, 4, 4].entries()) {
      const rest = empty.length - 4 * (index + 1);
      const claim = (count: number) => {
        const bytes = Uint8Array.from(empty);
        new DataView(bytes.buffer).setInt32(4 * index, count);
        return bytes;
      };
      const possible = Math.floor(rest / elementSize);
      for (const count of [possible + 1, possible + 2, 0x7fff_ffff, -2, -0x8000_0000]) {
        const error = refusal(() => vectors.decode(claim(count)));
        expect(error).toMatchObject({ kind: "count", offset: 4 * index });
      }
    }
  });

  it("does not keep encode and equals busy by nesting keys in keys", () => {
    const type = find("every.recursive.RecursiveKey");
    const leaf = [0, 0, 0, 0, 0, 0, 0, 0];
    let bytes = leaf;
    // Each level is the key of a map with one entry. To sort by encoded keys must not encode them twice a level.
    for (let level = 0; level < 17; level++) bytes = [0, 0, 0, 1, 0, 0, 0, 1, ...bytes, ...leaf];
    const record: JuteRecord = type.decode(Uint8Array.from(bytes));
    const start = performance.now();
    expect([...record.encode()]).toEqual(bytes);
    expect(record.equals(record.clone())).toBe(true);
    expect(performance.now() - start).toBeLessThan(500);
  });

  function find(fullName: string): AnyRecordType {
    const found = types.find((type) => type.descriptor.fullName === fullName);
    if (found === undefined) throw new Error(`no ${fullName}`);
    return found;
  }
});

const packetCache = new Map<AnyRecordType, readonly Uint8Array[]>();

/** Valid packets of moderate length, the same for all tests of one run. */
function packetsOf(type: AnyRecordType, count: number): readonly Uint8Array[] {
  let packets = packetCache.get(type);
  if (packets === undefined) {
    const records = fc.sample<JuteRecord>(recordArbitrary(type, { maxLength: 4, maxDepth: 2 }), {
      seed,
      numRuns: 60,
    });
    packets = records
      .map((record) => record.encode())
      .sort((a, b) => a.length - b.length)
      .filter(({ length }, i) => i === 0 || length <= 400);
    packetCache.set(type, packets);
  }
  // Spread over all lengths that there are.
  const all = packets;
  return Array.from({ length: count }, (_, i) => {
    const packet = all[Math.floor((i * (all.length - 1)) / Math.max(1, count - 1))];
    if (packet === undefined) throw new Error(`no packets of ${type.descriptor.name}`);
    return packet;
  });
}

function endsOpen(type: AnyRecordType): boolean {
  const last = type.descriptor.fields.at(-1);
  if (last === undefined) return false;
  return last.optional === true || (last.type.kind === "record" && endsOpen(last.type.type()));
}

function refusal(decode: () => JuteRecord): JuteDecodeError {
  try {
    decode();
  } catch (error) {
    if (error instanceof JuteDecodeError) return error;
    throw error;
  }
  throw new Error("the bytes were accepted");
}

function locate(type: AnyRecordType, packet: Uint8Array, step: () => unknown): void {
  try {
    step();
  } catch (error) {
    const bytes = Buffer.from(packet).toString("hex");
    throw new Error(`${type.descriptor.fullName}, packet ${bytes}: ${String(error)} (${replay})`, {
      cause: error,
    });
  }
}
