/**
 * How simulated clients answer the challenge of a server, rightly and wrongly. Which answers
 * are taken follows from RFC 2831 and from what the JDK's server has been seen to do with
 * each of them, which is recorded in test/java/sasl.
 */
import { SASL_PASSWORDS, SUPER_PASSWORD } from "../../world/login-settings.js";
import type { Random } from "../../world/random.js";
import {
  type Directive,
  directivesOf,
  latin1Bytes,
  type Login,
  serversProofOf,
  tokenOf,
} from "./digest-md5.js";

export interface SaslAnswer {
  readonly token: Uint8Array;
  /** Whether the server must take it. */
  readonly isRight: boolean;
  /** What it must say then. */
  readonly serversProof: string;
}

interface SaslWay {
  readonly name: string;
  readonly isRight: boolean;
  /** What is hashed, where it is not what an honest client would. */
  readonly login?: (usual: Login) => Login;
  /** What is said, where it is not what was hashed. */
  readonly directives?: (usual: readonly Directive[]) => readonly Directive[];
  readonly token?: (usual: string) => string;
}

const right = (name: string, change: Omit<SaslWay, "name" | "isRight"> = {}): SaslWay => ({
  name,
  isRight: true,
  ...change,
});

const wrong = (name: string, change: Omit<SaslWay, "name" | "isRight">): SaslWay => ({
  name,
  isRight: false,
  ...change,
});

function without(key: string): Omit<SaslWay, "name" | "isRight"> {
  return { directives: (usual) => usual.filter((each) => each.key !== key) };
}

function twice(key: string): Omit<SaslWay, "name" | "isRight"> {
  return { directives: (usual) => [...usual, ...usual.filter((each) => each.key === key)] };
}

/** Says another value than the one that it has hashed. */
function saying(key: string, value: string): Omit<SaslWay, "name" | "isRight"> {
  return {
    directives: (usual) => usual.map((each) => (each.key === key ? { ...each, value } : each)),
  };
}

const NEEDED = ["username", "realm", "nonce", "cnonce", "digest-uri", "response"] as const;
const ONCE = [...NEEDED, "maxbuf", "qop"] as const;

const RIGHT: readonly SaslWay[] = [
  right("usual"),
  right("without charset", { login: (usual) => ({ ...usual, isUtf8: !isLatin1(usual) }) }),
  right("without nc", without("nc")),
  right("two of nc", twice("nc")),
  right("another nc", saying("nc", "00000002")),
  right("without maxbuf", without("maxbuf")),
  right("without qop", without("qop")),
  right("authzid of another", { login: (usual) => ({ ...usual, authzid: "alice" }) }),
  right("upper case", {
    directives: (usual) => usual.map((each) => ({ ...each, key: each.key.toUpperCase() })),
  }),
  right("unknown directive", { token: (usual) => `x=1,${usual},x="2"` }),
  right("empty elements", { token: (usual) => `,,${usual.replaceAll(",n", ", ,\tn")},` }),
  right("spaces", { token: (usual) => usual.replace("maxbuf=", "maxbuf \r\n= ") }),
  right("nothing but a name at the end", { token: (usual) => `${usual},end` }),
  right("escapes", { token: (usual) => usual.replace('realm="zk', 'realm="\\z\\k') }),
];

const WRONG: readonly SaslWay[] = [
  wrong("password", { login: (usual) => ({ ...usual, password: wrongPasswordOf(usual) }) }),
  wrong("user", { login: (usual) => ({ ...usual, user: "eve" }) }),
  wrong("realm", { login: (usual) => ({ ...usual, realm: "another" }) }),
  wrong("uri", { login: (usual) => ({ ...usual, digestUri: "zookeeper/another" }) }),
  wrong("nonce", { login: (usual) => ({ ...usual, nonce: `x${usual.nonce}` }) }),
  wrong("count", { login: (usual) => ({ ...usual, count: "00000002" }) }),
  wrong("charset", saying("charset", "ascii")),
  wrong("qop", saying("qop", "auth-int")),
  wrong("maxbuf", saying("maxbuf", "many")),
  wrong("name", {
    directives: (usual) =>
      usual.map((each) =>
        each.key === "username" ? { ...each, value: another(each.value) } : each,
      ),
  }),
  wrong("response", { token: (usual) => usual.replace(/response=./, "response=-") }),
  wrong("length of the response", { token: (usual) => usual.replace(/response=[^,]*/, "$&0") }),
  wrong("after a quote", { token: (usual) => usual.replace('",nonce', '"x,nonce') }),
  wrong("open quote", { token: (usual) => `${usual},y="` }),
  wrong("no value", { token: (usual) => `${usual},y=` }),
  wrong("no key", { token: (usual) => `=1,${usual}` }),
  wrong("comma in a key", { token: (usual) => `y,${usual}` }),
  wrong("nothing", { token: () => "" }),
  wrong("half", { token: (usual) => usual.slice(0, usual.length / 2) }),
  ...NEEDED.map((key) => wrong(`without ${key}`, without(key))),
  ...ONCE.map((key) => wrong(`two of ${key}`, twice(key))),
];

/** All names, as coverage counts them. */
export const SASL_WAYS: readonly string[] = [
  ...RIGHT.map(({ name }) => `right: ${name}`),
  ...WRONG.map(({ name }) => `wrong: ${name}`),
];

/** One of the ways, by its name in the list above. */
export function drawSaslWay(random: Random, isRight: boolean): string {
  const { name } = random.pick(isRight ? RIGHT : WRONG);
  return `${isRight ? "right" : "wrong"}: ${name}`;
}

export const USUAL_WAY = "right: usual";

/** What a client says in one of these ways to a server that has asked with this nonce. */
export function saslAnswer(
  way: string,
  user: string,
  challenge: { readonly realm: string; readonly nonce: string; readonly cnonce: string },
): SaslAnswer {
  const isRight = way.startsWith("right: ");
  const found = (isRight ? RIGHT : WRONG).find(({ name }) => way.endsWith(`: ${name}`));
  if (found === undefined) throw new RangeError(`there is no way ${way}`);
  const password = user === "super" ? SUPER_PASSWORD : (SASL_PASSWORDS.get(user) ?? "");
  const usual: Login = {
    ...{ user, password, ...challenge },
    digestUri: "zookeeper/zk-sasl-md5",
    isUtf8: true,
    count: "00000001",
  };
  const { login = same, directives = same, token = same } = found;
  const hashed = login(usual);
  const text = token(tokenOf(directives(directivesOf(hashed))));
  return { token: latin1Bytes(text), isRight, serversProof: serversProofOf(hashed) };
}

function isLatin1({ user, password }: Login): boolean {
  return [...user, ...password].every((letter) => letter <= "\u00ff");
}

/** The one of the user super is not what the list of users says. */
function wrongPasswordOf({ user, password }: Login): string {
  return user === "super" ? (SASL_PASSWORDS.get(user) ?? "") : `${password}s`;
}

/** Another user, whom the server knows. */
function another(user: string): string {
  return user === "ann" ? "empty" : "ann";
}

function same<T>(value: T): T {
  return value;
}
