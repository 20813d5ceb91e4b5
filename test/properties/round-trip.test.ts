/** That `roundTrip` notices each kind of broken promise: a property that cannot fail proves nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundTrip } from "@jute-ts/fast-check";
import { proto } from "@jute-ts/records";
import type { AnyRecordType, JsonValue, ReadOptions, WriteOptions } from "@jute-ts/runtime";

const { GetDataResponse } = proto;

const broken: Readonly<Record<string, AnyRecordType>> = {
  "a byteLength that is not exact": class extends GetDataResponse {
    override byteLength(): number {
      return super.byteLength() + 1;
    }
  },
  "null that is encoded as empty": class extends GetDataResponse {
    override encode(options?: WriteOptions): Uint8Array {
      const { data, stat } = this;
      return GetDataResponse.encode({ data: data ?? new Uint8Array(0), stat }, options);
    }
  },
  "a long that loses its upper half": class extends GetDataResponse {
    static override decode(bytes: Uint8Array, options?: ReadOptions): proto.GetDataResponse {
      const record = GetDataResponse.decode(bytes, options);
      record.stat.czxid = BigInt.asIntN(53, record.stat.czxid);
      return record;
    }
  },
  "a copy that still points into the input": class extends GetDataResponse {
    static override decode(bytes: Uint8Array): proto.GetDataResponse {
      return GetDataResponse.decode(bytes, { buffers: "borrow" });
    }
  },
  "JSON that drops null": class extends GetDataResponse {
    static override fromJSON(json: JsonValue): proto.GetDataResponse {
      const record = GetDataResponse.fromJSON(json);
      record.data ??= new Uint8Array(0);
      return record;
    }
  },
  "a clone that shares bytes": class extends GetDataResponse {
    override clone(): proto.GetDataResponse {
      const copy = super.clone();
      copy.data = this.data?.subarray() ?? null;
      return copy;
    }
  },
  "a clone that shares a nested record": class extends GetDataResponse {
    override clone(): proto.GetDataResponse {
      const copy = super.clone();
      copy.stat = this.stat;
      return copy;
    }
  },
  "an equals that is never true": class extends GetDataResponse {
    override equals(): boolean {
      return false;
    }
  },
};

describe("roundTrip", () => {
  it("holds for the record that the broken ones are made from", () => {
    fc.assert(roundTrip(GetDataResponse), { numRuns: 200 });
  });

  it.each(Object.keys(broken))("notices %s", (flaw) => {
    const type = broken[flaw];
    if (type === undefined) throw new Error("no such class");
    expect(fc.check(roundTrip(type), { numRuns: 200 }).failed).toBe(true);
  });
});
