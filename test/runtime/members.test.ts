/** What generated classes have from the runtime looks as if they had it themselves. */
import { describe, expect, it } from "vitest";
import { Id } from "@jute-ts/records/data";
import * as jute from "@jute-ts/runtime/codegen";

describe("the members that a class has from the runtime", () => {
  it("are methods of its prototype, which no loop over a record meets", () => {
    const record = new Id({ scheme: "world", id: "anyone" });
    const met: string[] = [];
    for (const name in record) met.push(name);
    expect(met).toEqual(["scheme", "id"]);
    expect(Object.getOwnPropertyNames(Id.prototype).sort()).toEqual(
      ["constructor", "serialize", "deserialize", "encode", "byteLength"]
        .concat(["equals", "clone", "toJSON", "toString"])
        .sort(),
    );
    expect(Id.prototype.clone.name).toBe("clone");
  });

  it("name the class that was generated, in records of a derived one, too", () => {
    class Derived extends Id {}
    const copy = new Derived({ scheme: "ip" }).clone();
    expect(copy.constructor).toBe(Id);
    expect(copy.equals(new Derived({ scheme: "ip" }))).toBe(true);
  });

  it("may be overridden in a derived class", () => {
    class Derived extends Id {
      override toString(): string {
        return `${String(this.scheme)}:${String(this.id)}`;
      }
    }
    expect(String(new Derived({ scheme: "ip", id: "::1" }))).toBe("ip:::1");
  });
});

describe("a descriptor", () => {
  it("has what follows from its description", () => {
    class Type extends Id {}
    const descriptor = jute.describe<Id>(Type, {
      fullName: "some.module.Name",
      signature: "LName(ii)",
      fields: [
        { name: "a", type: { kind: "int" } },
        { name: "clone", property: "clone_", type: { kind: "int" }, optional: true },
      ],
    });
    expect(descriptor).toEqual({
      name: "Name",
      fullName: "some.module.Name",
      signature: "LName(ii)",
      fields: [
        { name: "a", property: "a", type: { kind: "int" } },
        { name: "clone", property: "clone_", type: { kind: "int" }, optional: true },
      ],
      type: Type,
    });
  });
});
