import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { recordedByJava } from "../../../../test/java/election/vectors.js";
import { ProtocolViolation } from "../protocol-violation.js";
import {
  decodeNotification,
  encodeNotification,
  MAX_NOTIFICATION_BYTES,
} from "./notification-codec.js";
import type { Notification } from "./notification.js";

const { messages } = recordedByJava();

/** A payload of any size: state, leader 7, zxid 0x500000003, round 9, epoch 6, version, length, text. */
function payload(size: number, version: number, length = 0, state = 0): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, 44));
  const view = new DataView(bytes.buffer);
  view.setInt32(0, state);
  view.setBigInt64(4, 7n);
  view.setBigInt64(12, 0x5_0000_0003n);
  view.setBigInt64(20, 9n);
  view.setBigInt64(28, 6n);
  view.setInt32(36, version);
  view.setInt32(40, length);
  return bytes.slice(0, size);
}

function violationOf(bytes: Uint8Array): ProtocolViolation {
  try {
    decodeNotification(bytes);
  } catch (error) {
    if (error instanceof ProtocolViolation) return error;
    throw error;
  }
  throw new Error("The bytes were taken for a notification.");
}

describe("messages that Java wrote", () => {
  it("are there, of two generations", () => {
    const sizes = messages.map(({ bytes }) => bytes.length);
    expect(messages.length).toBeGreaterThan(100);
    expect(sizes.some((size) => size === 40)).toBe(true);
    expect(sizes.some((size) => size > 44)).toBe(true);
  });

  it("are read as what Java meant", () => {
    for (const { bytes, notification } of messages) {
      expect(decodeNotification(bytes)).toEqual(notification);
    }
  });

  it("are written as Java writes them", () => {
    for (const { bytes, notification } of messages) {
      if (notification.version !== 2) continue;
      expect(encodeNotification(notification)).toEqual(bytes);
    }
  });
});

describe("generations", () => {
  it("the first has the epoch of the zxid", () => {
    expect(decodeNotification(payload(28, 2))).toEqual({
      state: "looking",
      leader: 7n,
      zxid: 0x5_0000_0003n,
      electionEpoch: 9n,
      peerEpoch: 5n,
      version: 0,
      configuration: undefined,
    });
  });

  it("the first keeps the sign of the epoch", () => {
    const bytes = payload(28, 0);
    new DataView(bytes.buffer).setBigInt64(12, -1n);
    expect(decodeNotification(bytes).peerEpoch).toBe(-1n);
  });

  it("the second has an epoch, and its version is not read", () => {
    const { peerEpoch, version, configuration } = decodeNotification(payload(40, 2));
    expect({ peerEpoch, version, configuration }).toEqual({
      peerEpoch: 6n,
      version: 0,
      configuration: undefined,
    });
  });

  it.each([-1, 0, 1])("version %i in a longer message has no configuration", (version) => {
    const notification = decodeNotification(payload(60, version, -5));
    expect(notification.version).toBe(version);
    expect(notification.configuration).toBeUndefined();
  });

  it("later versions are read like the last known one, and trailing bytes are ignored", () => {
    const bytes = payload(60, 3, 2);
    bytes.set([0x61, 0x62, 0xff], 44);
    const notification = decodeNotification(bytes);
    expect(notification.version).toBe(3);
    expect(notification.configuration).toBe("ab");
  });

  it("a configuration that is no UTF-8 does not make the vote worthless", () => {
    const bytes = payload(46, 2, 2);
    bytes.set([0xff, 0xfe], 44);
    const notification = decodeNotification(bytes);
    expect(notification.configuration).toBeUndefined();
    expect(notification.leader).toBe(7n);
  });

  it("reads from the middle of a buffer and keeps none of it", () => {
    const buffer = new Uint8Array(100).fill(0xee);
    const bytes = payload(46, 2, 2);
    bytes.set([0x61, 0x62], 44);
    buffer.set(bytes, 13);
    const notification = decodeNotification(buffer.subarray(13, 59));
    buffer.fill(0);
    expect(notification).toMatchObject({ leader: 7n, electionEpoch: 9n, configuration: "ab" });
  });
});

describe("malformed messages", () => {
  const sizes = [0, 1, 27, ...range(29, 39), ...range(41, 43), MAX_NOTIFICATION_BYTES + 1];
  it.each(sizes)("%i bytes", (size) => {
    expect(violationOf(payload(size, 2)).rule).toBe("malformed");
  });

  it.each([-1, 4, 2 ** 31 - 1, -(2 ** 31)])("state %i", (state) => {
    expect(violationOf(payload(44, 2, 0, state)).rule).toBe("malformed");
    expect(violationOf(payload(28, 2, 0, state)).rule).toBe("malformed");
  });

  it.each([-1, -(2 ** 31), 1, 45, 2 ** 31 - 1])("configuration of %i bytes in none", (length) => {
    expect(violationOf(payload(44, 2, length)).rule).toBe("malformed");
  });

  const frames = effort(100_000, 10_000);

  it(`${frames} frames of garbage are notifications or violations`, () => {
    const random = seeded(20_261_123);
    let notifications = 0;
    for (let i = 0; i < frames; i++) {
      const bytes = payload(random(80), random(5) - 1, random(50) - 5, random(6) - 1);
      for (let flips = random(4); flips > 0 && bytes.length > 0; flips--) {
        bytes[random(bytes.length)] = random(256);
      }
      try {
        const notification = decodeNotification(bytes);
        notifications++;
        if (notification.configuration !== undefined) {
          expect(decodeNotification(encodeNotification(notification))).toEqual({
            ...notification,
            version: 2,
          });
        }
      } catch (error) {
        if (!(error instanceof ProtocolViolation)) throw error;
      }
    }
    // Both happen often, or this test shows little.
    expect(notifications).toBeGreaterThan(0.05 * frames);
    expect(notifications).toBeLessThan(0.95 * frames);
  });
});

describe("writing", () => {
  const notification: Notification = {
    state: "leading",
    leader: 1n,
    zxid: 2n,
    peerEpoch: 3n,
    electionEpoch: 4n,
    version: 2,
    configuration: "x",
  };

  it("writes the last generation, with an empty configuration when there is none", () => {
    const bytes = encodeNotification({ ...notification, version: 0, configuration: undefined });
    expect(bytes.length).toBe(44);
    expect(decodeNotification(bytes)).toEqual({ ...notification, configuration: "" });
  });

  it("fills a frame, but never writes one that nobody would read", () => {
    const longest = "x".repeat(MAX_NOTIFICATION_BYTES - 44);
    const bytes = encodeNotification({ ...notification, configuration: longest });
    expect(decodeNotification(bytes).configuration).toBe(longest);
    expect(() => encodeNotification({ ...notification, configuration: `${longest}x` })).toThrow(
      RangeError,
    );
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Whole numbers below a limit, the same ones in every run. */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
