import { expect, test } from "vitest";
import { initialConfiguration } from "./initial-configuration.js";

test("what is secret is left out, with the lines on which it goes on", () => {
  const text = [
    "# three servers once",
    "clientPort=2181",
    "ssl.keyStore.password=be\\",
    "  fore\\",
    "  after",
    "dataDir=/data\\\\",
    "DigestAuthenticationProvider.superDigest : super:abc",
    "tickTime=2000",
  ];
  const shown = ["# three servers once", "clientPort=2181", "dataDir=/data\\\\", "tickTime=2000"];
  for (const end of ["\n", "\r\n", "\r"])
    expect(initialConfiguration(text.join(end))).toBe(shown.join(end));
});

test("a secret that somebody has only made a comment is still one", () => {
  const text = "tickTime=2000\n  #ssl.keyStore.password=old\n! superPassword=old\n# ports\n";
  expect(initialConfiguration(text)).toBe("tickTime=2000\n# ports\n");
});
