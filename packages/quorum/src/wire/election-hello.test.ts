import { describe, expect, it } from "vitest";
import { decodeElectionHello, ElectionHelloError, encodeElectionHello } from "./election-hello.js";

/** Version, sid and address as the protocol lays them out. */
function hello(version: string, sid: string, address: string, length?: number): Buffer {
  const text = Buffer.from(address, "utf8");
  const size = Buffer.alloc(4);
  size.writeInt32BE(length ?? text.length);
  return Buffer.concat([Buffer.from(version, "hex"), Buffer.from(sid, "hex"), size, text]);
}

const V1 = "ffffffffffff0000";
const V2 = "ffffffffffff0001";
const SID_2 = "0000000000000002";

describe("the hello of an election connection", () => {
  it("has the bytes that Java's servers read", () => {
    const one = encodeElectionHello({ sid: 2n, addresses: [{ host: "127.0.0.1", port: 3888 }] });
    expect(Buffer.from(one)).toEqual(hello(V1, SID_2, "127.0.0.1:3888"));
    const two = encodeElectionHello({
      sid: 2n,
      addresses: [
        { host: "::1", port: 1 },
        { host: "a", port: 2 },
      ],
    });
    expect(Buffer.from(two)).toEqual(hello(V2, SID_2, "[::1]:1|a:2"));
  });

  it.each([
    ["version 1", hello(V1, SID_2, "h:1"), [{ host: "h", port: 1 }]],
    [
      "version 1 with IPv6",
      hello(V1, SID_2, "[fe80::1]:65535"),
      [{ host: "fe80::1", port: 65535 }],
    ],
    [
      "version 2",
      hello(V2, SID_2, "a:1|b:2"),
      [
        { host: "a", port: 1 },
        { host: "b", port: 2 },
      ],
    ],
    ["the oldest, a sid alone", Buffer.from(SID_2, "hex"), []],
  ])("is read however it is cut: %s", (_name, bytes, addresses) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeElectionHello(bytes.subarray(0, length))).toBeUndefined();
    }
    const rest = Buffer.concat([bytes, Buffer.from([1, 2, 3])]);
    expect(decodeElectionHello(rest)).toEqual({
      hello: { sid: 2n, addresses },
      length: bytes.length,
    });
  });

  it.each([
    ["an unknown version", hello("fffffffffffffffe", SID_2, "h:1")],
    ["no address", hello(V1, SID_2, "", 0)],
    ["a negative length", hello(V1, SID_2, "", -1)],
    ["an address that is too long", hello(V1, SID_2, "", 2049)],
    ["no port", hello(V1, SID_2, "host")],
    ["port 0", hello(V1, SID_2, "h:0")],
    ["a port beyond the last", hello(V1, SID_2, "h:65536")],
    ["an open bracket", hello(V1, SID_2, "[::1:5")],
    ["a hundred addresses", hello(V2, SID_2, Array(100).fill("h:1").join("|"))],
    ["an empty one among them", hello(V2, SID_2, "h:1|")],
  ])("is refused with %s", (_name, bytes) => {
    expect(() => decodeElectionHello(bytes)).toThrow(ElectionHelloError);
  });
});
