import { describe, expect, it } from "vitest";
import { formatHostAndPort, parseConnectString } from "./connect-string.js";

describe("connection strings", () => {
  it.each([
    ["a", ["a:2181"], undefined],
    ["a:1,b:2", ["a:1", "b:2"], undefined],
    ["a:1, b , c:3", ["a:1", "b:2181", "c:3"], undefined],
    ["a:2181,b:2181/chroot", ["a:2181", "b:2181"], "/chroot"],
    ["a/", ["a:2181"], undefined],
    ["a:1/x/y", ["a:1"], "/x/y"],
    ["[::1]:5,127.0.0.1", ["[::1]:5", "127.0.0.1:2181"], undefined],
    ["[2001:db8::1]/p", ["[2001:db8::1]:2181"], "/p"],
  ])("name their servers: %s", (text, servers, chroot) => {
    const parsed = parseConnectString(text);
    expect(parsed.servers.map(formatHostAndPort)).toEqual(servers);
    expect(parsed.chroot).toBe(chroot);
  });

  it.each(["", ",", "/a", "a:", ":1", "a:0", "a:65536", "a b:1", "::1", "[::1:1", "a:1:2"])(
    "are refused when they are none: %s",
    (text) => {
      expect(() => parseConnectString(text)).toThrow(SyntaxError);
    },
  );
});
