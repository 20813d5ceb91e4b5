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
  // As Apache's StatsTrack reads and writes them.
  ["count=+3,bytes==7", 0, 0, "count=3,bytes=-1"],
  ["count=1=2,", 0, 0, "count=1,bytes=-1"],
  ["=5;a=1", 0, 0, "count=-1,bytes=-1=;=5;a=1"],
  ["a==b=c;b=2=9", 0, 0, "count=-1,bytes=-1=;a=-1;b=2"],
  ["count=9223372036854775807,bytes=0", 1, 0, "count=-9223372036854775808,bytes=0"],
])("%s and %s znodes, %s bytes more", (text, count, bytes, expected) => {
  const stats = QuotaStats.parse(text);
  stats?.add(count, bytes);
  expect(stats?.toString()).toBe(expected);
});

test.each(["nonsense", "count=x", "count=", "count==", "count=9223372036854775808", ",count=1"])(
  "%s is nothing that a server has written",
  (text) => {
    expect(QuotaStats.parse(text)).toBeUndefined();
  },
);
