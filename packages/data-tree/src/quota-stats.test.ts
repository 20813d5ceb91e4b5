import { expect, test } from "vitest";
import { QuotaStats } from "./quota-stats.js";

test.each([
  ["", 1, 5, "count=0,bytes=4"],
  ["count=3,bytes=120", -1, -20, "count=2,bytes=100"],
  [
    "count=3,bytes=120=;countHardLimit=9;byteHardLimit=-1",
    0,
    1,
    "count=3,bytes=121=;byteHardLimit=-1;countHardLimit=9",
  ],
  ["bytes=7", 1, 0, "count=0,bytes=7"],
  ["count=+3,bytes=", 0, 0, "count=3,bytes=-1"],
  ["count=9223372036854775807,bytes=0", 1, 0, "count=-9223372036854775808,bytes=0"],
])("%s and %s znodes, %s bytes more", (text, count, bytes, expected) => {
  const stats = QuotaStats.parse(text);
  stats?.add(count, bytes);
  expect(stats?.toString()).toBe(expected);
});

test.each(["nonsense", "count=x", "=5", "count=9223372036854775808", ",count=1", "count=1=2"])(
  "%s is nothing that a server has written",
  (text) => {
    expect(QuotaStats.parse(text)).toBeUndefined();
  },
);
