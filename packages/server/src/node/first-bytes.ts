/**
 * What a stranger speaks, by the first bytes that it sends: for the log only, so
 * that a person sees at once who came to the wrong door.
 */
import type { Trouble } from "./network-report.js";

/** Undefined when the bytes look like nothing that is known. */
export function strangerTrouble(bytes: Uint8Array): Trouble | undefined {
  const [type, version] = bytes;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  // A TLS record: its type, and 3 for every version since SSL 3.
  if (type !== undefined && type >= 0x14 && type <= 0x17 && version === 3) {
    return {
      code: "TLS",
      why: "it speaks TLS, and this port does not",
      advice: "sslQuorum must be true on all servers or on none",
    };
  }
  if (HTTP.test(text)) {
    return {
      code: "HTTP",
      why: "it speaks HTTP",
      advice: "point it at another port: only servers of this ensemble belong here",
    };
  }
  if (COMMANDS.test(text)) {
    return {
      code: "COMMAND",
      why: `it asks "${text.slice(0, 4)}"`,
      advice: "point it at clientPort, where commands are answered",
    };
  }
  if (CLIENT.test(text)) {
    return {
      code: "CLIENT",
      why: "it is a client of ZooKeeper",
      advice: "point it at clientPort: only servers of this ensemble belong here",
    };
  }
  return undefined;
}

/** Whether these are the first bytes of a connection of the election. */
export function isElectionHello(bytes: Uint8Array): boolean {
  return HELLO.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"));
}

/** Whether these are the first bytes of a learner: FOLLOWERINFO or OBSERVERINFO. */
export function isLearnerInfo(bytes: Uint8Array): boolean {
  return LEARNER.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"));
}

/** What it means when one of the ensemble's ports gets what belongs to the other. */
export const PORTS_SWAPPED: Trouble = {
  code: "PORTS",
  why: "it takes this port for the other of the ensemble's two",
  advice: "the line of this server must be the same in every server's configuration",
};

/** Somebody who sent what is nothing that is known. */
export function unknownTrouble(why: string): Trouble {
  return {
    code: "STRANGER",
    why,
    advice: "if nothing of yours is at that address, keep it from this port",
  };
}

const HTTP = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|PRI) /u;
const COMMANDS =
  /^(conf|cons|crst|dirs|dump|envi|gtmk|hash|isro|mntr|ruok|srst|srvr|stat|stmk|wchc|wchp|wchs)/u;

const CLIENT = /^\0\0\0[\x2c-\x2d]\0\0\0\0/u;
// eslint-disable-next-line no-control-regex -- these are bytes
const HELLO = /^\xff{6}\0[\0\x01]/u;
// eslint-disable-next-line no-control-regex -- these are bytes
const LEARNER = /^\0\0\0[\x0b\x10]/u;
