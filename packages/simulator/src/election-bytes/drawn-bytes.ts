/**
 * Messages of the election port and their bytes, written here by hand and not by the servers' code:
 * as `QuorumCnxManager` and `FastLeaderElection` of Apache ZooKeeper write and read them.
 */
import type { ElectionHello, Notification, ServerState } from "@jute-ts/quorum/wire";
import { int, joined, long } from "../model/plain-bytes.js";
import type { Random } from "../world/random.js";

/** What servers are given, and what it says; undefined where it is nothing that they may believe. */
export interface DrawnBytes<Message> {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly message: Message | undefined;
}

/** A state's number is its place. */
const STATES: readonly ServerState[] = ["looking", "following", "leading", "observing"];

export function drawNotification(random: Random): Notification {
  const [leader, zxid, electionEpoch, peerEpoch] = [1, 2, 3, 4].map(() => drawLong(random));
  return {
    state: random.pick(STATES),
    leader: leader ?? 0n,
    zxid: zxid ?? 0n,
    electionEpoch: electionEpoch ?? 0n,
    peerEpoch: peerEpoch ?? 0n,
    version: 2,
    configuration: random.pick([
      "",
      "server.1=h:1:2\nversion=1",
      "é".repeat(random.integer(1, 99)),
    ]),
  };
}

/** The last generation, as servers write it. */
export function bytesOfNotification(notification: Notification): Uint8Array {
  const text = utf8(notification.configuration ?? "");
  return joined(
    int(STATES.indexOf(notification.state)),
    ...[notification.leader, notification.zxid].map(long),
    ...[notification.electionEpoch, notification.peerEpoch].map(long),
    int(notification.version),
    int(text.length),
    text,
  );
}

/** What may come instead: older generations, more than is known today, and nonsense. */
export function drawNotificationBytes(random: Random): readonly DrawnBytes<Notification>[] {
  const message = drawNotification(random);
  const whole = bytesOfNotification(message);
  const plain = { ...message, version: 0, configuration: undefined };
  const head = whole.slice(0, 40);
  const newest = whole.slice(0, 44);
  const good = [
    { what: "as it is written", bytes: whole, message },
    { what: "with something after it", bytes: joined(whole, int(7)), message },
    { what: "of the longest size", bytes: resized(whole, 65_536), message },
    {
      what: "of the first generation",
      bytes: whole.slice(0, 28),
      message: { ...plain, peerEpoch: BigInt.asIntN(32, message.zxid >> 32n) },
    },
    { what: "of the second generation", bytes: withInt(head, 36, 2), message: plain },
    {
      what: "without a configuration",
      bytes: withInt(withInt(newest, 36, 1), 40, -7),
      message: { ...message, version: 1, configuration: undefined },
    },
    {
      what: "with a configuration that is no UTF-8",
      bytes: joined(withInt(newest, 40, 2), Uint8Array.of(0xc3, 0x28)),
      message: { ...message, configuration: undefined },
    },
  ];
  const bad = [
    ...[0, 1, 27, 29, 39, 41, 43, 65_537].map((size) => resized(whole, size)),
    ...[4, -1].map((state) => withInt(whole, 0, state)),
    ...[-1, -2, whole.length - 43, 0x7fff_ffff].map((length) => withInt(whole, 40, length)),
  ];
  return [
    ...good,
    ...bad.map((bytes, nth) => ({ what: `that is none (${nth})`, bytes, message: undefined })),
  ];
}

export function drawHello(random: Random): ElectionHello {
  const hosts = ["h", "a-b.c_d", "10.0.0.1", "::1", "fe80::1%eth0", "x".repeat(200)];
  const count = random.pick([1, 1, 2, 3, 16]);
  const length = count > 8 ? 4 : hosts.length;
  const addresses = Array.from({ length: count }, () => ({
    host: random.pick(hosts.slice(0, length)),
    port: random.pick([1, 3888, 65_535]),
  }));
  return { sid: drawLong(random), addresses };
}

export function bytesOfHello({ sid, addresses }: ElectionHello): Uint8Array {
  const words = addresses.map(({ host, port }) =>
    host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
  );
  return helloOf(addresses.length > 1 ? -65_535n : -65_536n, sid, words.join("|"));
}

/** The hello and what follows it on the connection; older hellos; and nonsense. */
export function drawHelloBytes(
  random: Random,
): readonly (DrawnBytes<ElectionHello> & { readonly length: number })[] {
  const message = drawHello(random);
  const whole = bytesOfHello(message);
  const [sid, one] = [message.sid, message.addresses.slice(0, 1)];
  const longest = { host: "x".repeat(2048 - 2), port: 1 };
  const old = BigInt.asUintN(63, sid);
  const long2048 = { sid, addresses: [longest] };
  const inVersion2 = { sid, addresses: one };
  const good = [
    { what: "as it is written", bytes: whole, message },
    { what: "of the oldest version", bytes: long(old), message: { sid: old, addresses: [] } },
    { what: "of the longest address", bytes: bytesOfHello(long2048), message: long2048 },
    {
      what: "of one address in version 2",
      bytes: joined(long(-65_535n), bytesOfHello(inVersion2).slice(8)),
      message: inVersion2,
    },
  ].map((each) => ({ ...each, length: each.bytes.length }));
  const many = Array.from({ length: 17 }, () => "h:1").join("|");
  const bad = [
    ...[-1n, -65_534n, -65_537n].map((version) => helloOf(version, sid, "h:1")),
    helloOf(-65_536n, sid, ""),
    helloOf(-65_536n, sid, `${"x".repeat(2047)}:1`),
    withInt(helloOf(-65_536n, sid, "h:1"), 16, -1),
    helloOf(-65_535n, sid, many),
    helloOf(-65_536n, sid, "h:1|i:2"),
    ...["h", "h:", ":1", "h:0", "h:65536", "h:100000", "h:x", "[::1]", "::1:1", "[]:1"].map(
      (address) => helloOf(-65_536n, sid, address),
    ),
    helloOf(-65_535n, sid, "h:1|"),
  ];
  return [
    ...good,
    ...bad.map((bytes, nth) => ({
      what: `that is none (${nth})`,
      bytes,
      message: undefined,
      length: 0,
    })),
  ];
}

function helloOf(version: bigint, sid: bigint, address: string): Uint8Array {
  const text = utf8(address);
  return joined(long(version), long(sid), int(text.length), text);
}

/** For what is drawn here: nothing beyond two bytes a character. */
function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) bytes[length++] = code;
    else {
      bytes[length++] = 0xc0 | (code >> 6);
      bytes[length++] = 0x80 | (code & 0x3f);
    }
  }
  return bytes.subarray(0, length);
}

function drawLong(random: Random): bigint {
  const any = (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
  return BigInt.asIntN(64, random.pick([any, any, 0n, 1n, -1n, 1n << 63n, (1n << 63n) - 1n]));
}

function withInt(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy.set(int(value), at);
  return copy;
}

/** Cut, or with zeros after it. */
function resized(bytes: Uint8Array, size: number): Uint8Array {
  const other = new Uint8Array(size);
  other.set(bytes.subarray(0, size));
  return other;
}
