import { CreateMode, OpCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { asciiBytes, asciiText, createChange, deletePart, multiChange } from "./change-requests.js";

describe("the requests of clients", () => {
  it("hold what follows the header of a client's request", () => {
    // Each part after a header of op code, done and error; a header that says done ends the list.
    const { opCode, body } = multiChange([deletePart("/ab", -1)]);
    expect(opCode).toBe(OpCode.multi);
    expect([...body]).toEqual([
      ...[0, 0, 0, 2, 0, 255, 255, 255, 255],
      ...[0, 0, 0, 3, 0x2f, 0x61, 0x62, 255, 255, 255, 255],
      ...[255, 255, 255, 255, 1, 255, 255, 255, 255],
    ]);
  });

  it("create containers by their own op, and keep values as they are", () => {
    expect(createChange("/c", "", CreateMode.CONTAINER).opCode).toBe(OpCode.createContainer);
    expect(createChange("/c", "", CreateMode.EPHEMERAL).opCode).toBe(OpCode.create2);
    expect(asciiText(asciiBytes("client-1-7..."))).toBe("client-1-7...");
  });
});
