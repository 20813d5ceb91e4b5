/**
 * The files and directories that a zoo.cfg names: reads what is to be read, makes
 * and checks what is to be written, and says of each that cannot be used which
 * line of the configuration named it.
 */
import { X509Certificate } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import {
  ConfigurationError,
  type ConfigurationProblem,
  type PeerSettings,
  type Position,
  type KeyStoreSettings,
} from "../configuration/index.js";
import { makeDirectory } from "./make-directory.js";
import { describeFileError, messageOf, systemErrorOf } from "./system-error.js";
import type { TlsIdentity } from "./tls-transport.js";

/** Reads a text file of a sensible length. Throws ConfigurationError for what is no such file. */
export function readConfigurationText(path: string): string {
  return readText(path, { fileName: path, line: 0 }, "");
}

/** A text that a key names, or what is wrong with it; undefined when there is no such file. */
export function readNamedText(
  path: string,
  position: Position,
  key: string,
): { readonly text: string } | { readonly problem: ConfigurationProblem } | undefined {
  try {
    return { text: readText(path, position, `${key} names `) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const code = systemErrorOf(error)?.code;
    if (code === "ENOENT") return undefined;
    if (code === "ENOTDIR" && key === "dataDir") {
      // What was to be read is myid, but what is named is its directory.
      const directory = dirname(path);
      const what = existsSync(directory) ? "is a file" : describeFileError(error);
      const message = `dataDir names ${directory}, which ${what}. Name a directory that can be written to.`;
      return { problem: { ...position, message } };
    }
    const [problem] = error.problems;
    if (problem === undefined) throw error;
    return { problem };
  }
}

/** Makes the directories of a server where they are missing, and tries that they can be written to. */
export function prepareDirectories(
  { dataDir, dataLogDir, createsDirectories }: PeerSettings,
  positionOf: (key: string) => Position,
): void {
  const directories = new Map([
    [dataLogDir, "dataLogDir"],
    // Last, because it is the key of both when they are the same.
    [dataDir, "dataDir"],
  ]);
  const problems: ConfigurationProblem[] = [];
  for (const [directory, key] of directories) {
    const refuse = (what: string): void => {
      problems.push({ ...positionOf(key), message: `${key} names ${resolve(directory)}, ${what}` });
    };
    if (!createsDirectories && !existsSync(directory)) {
      refuse("which does not exist, and datadir.autocreate is false. Make it.");
      continue;
    }
    try {
      makeDirectory(resolve(directory));
    } catch (error) {
      const isNowhere = systemErrorOf(error)?.code === "ENOENT";
      const why = isNowhere ? "cannot be made there" : describeFileError(error);
      refuse(`which ${why}. Name a directory that can be written to.`);
      continue;
    }
    for (const path of [directory, join(directory, VERSION_2)]) {
      const why = whyUnusable(path);
      if (why === undefined) continue;
      const inside = path === directory ? "" : `where ${VERSION_2} is, `;
      refuse(`${inside}which ${why}. Name a directory that can be written to.`);
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
}

function whyUnusable(path: string): string | undefined {
  try {
    if (!statSync(path).isDirectory()) return "is not a directory";
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return systemErrorOf(error)?.code === "ENOENT" ? undefined : describeFileError(error);
  }
}

/** What TLS between servers needs of the files. */
export interface TlsFiles {
  readonly identity: TlsIdentity;
  readonly passphrase: string | undefined;
  /** PEM. */
  readonly authorities: string;
}

/** Where they are. */
export interface TlsFileNames {
  readonly keyStore: KeyStoreSettings;
  /** Undefined: nobody is trusted by a certificate. */
  readonly trustStoreLocation: string | undefined;
}

/** Reads the certificates and tries them, so that what is wrong with them shows at start. */
export function readTlsFiles(
  { keyStore, trustStoreLocation }: TlsFileNames,
  positionOf: (key: string) => Position,
  prefix: "ssl" | "ssl.quorum",
): TlsFiles {
  const { location, password } = keyStore;
  const named = <T>(key: string, path: string, use: (bytes: Buffer) => T): T => {
    const position = positionOf(key);
    const bytes = readBytes(path, position, `${key} names `);
    try {
      return use(bytes);
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw wrong(
        position,
        `${key} names ${path}, which ${describeCertificateError(error, prefix)}`,
      );
    }
  };
  const passphrase =
    password.kind === "none"
      ? undefined
      : password.kind === "text"
        ? password.text
        : named(
            `${prefix}.keyStore.passwordPath`,
            password.location,
            (bytes) => bytes.toString().split(/\r?\n/u)[0],
          );
  const identity = named(`${prefix}.keyStore.location`, location, (bytes): TlsIdentity => {
    const options = passphrase === undefined ? {} : { passphrase };
    if (keyStore.format === "pkcs12") {
      createSecureContext({ pfx: bytes, ...options });
      return { format: "pkcs12", bytes };
    }
    const text = bytes.toString();
    createSecureContext({ cert: text, key: text, ...options });
    return { format: "pem", text };
  });
  if (trustStoreLocation === undefined) return { identity, passphrase, authorities: "" };
  const authorities = named(`${prefix}.trustStore.location`, trustStoreLocation, (bytes) => {
    const text = bytes.toString();
    const certificates = text.match(CERTIFICATES) ?? [];
    if (certificates.length === 0) throw new Error("there is no certificate in it");
    for (const certificate of certificates) new X509Certificate(certificate);
    return text;
  });
  return { identity, passphrase, authorities };
}

function describeCertificateError(error: unknown, prefix: string): string {
  const text = messageOf(error);
  if (/bad decrypt|mac verify failure|bad password|interrupted or cancelled/iu.test(text)) {
    return `cannot be opened with the password. Correct ${prefix}.keyStore.password or passwordPath.`;
  }
  if (/key values mismatch/iu.test(text)) {
    return "has a key and a certificate that do not belong together. Write both of this server into it.";
  }
  return `cannot be read: ${text}. Write certificates in the form of its type into it, and for ${prefix}.keyStore the private key, too.`;
}

function readText(path: string, position: Position, intro: string): string {
  const bytes = readBytes(path, position, intro);
  const subject = intro === "" ? "This" : `${intro}${path}, which`;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw wrong(position, `${subject} is a text in UTF-16. Save it in UTF-8.`);
  }
  const at = bytes.findIndex((byte) => byte < 0x20 && !TEXT_CONTROLS.has(byte));
  if (at >= 0) {
    const byte = (bytes[at] ?? 0).toString(16).padStart(2, "0");
    throw wrong(position, `${subject} is no text: byte ${at} is ${byte}. Name a text file.`);
  }
  return bytes.toString("utf8");
}

/** Also of files that say nothing of their length, such as pipes, and not of more than anybody writes. */
function readBytes(path: string, position: Position, intro: string): Buffer {
  const subject = intro === "" ? "This file" : `${intro}${path}, which`;
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    const file = openSync(path, "r");
    try {
      for (;;) {
        const chunk = Buffer.alloc(CHUNK_BYTES);
        const length = readSync(file, chunk);
        if (length === 0) return Buffer.concat(chunks);
        chunks.push(chunk.subarray(0, length));
        total += length;
        if (total > MAX_BYTES) break;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const message = `${subject} ${describeFileError(error)}. Name a file that can be read.`;
    throw wrong(position, message, error);
  }
  throw wrong(position, `${subject} has more than ${MAX_BYTES} bytes. Name another file.`);
}

function wrong(position: Position, message: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError([{ ...position, message }], { cause });
}

const VERSION_2 = "version-2";
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/gu;
const CHUNK_BYTES = 64 * 1024;
const MAX_BYTES = 1024 * 1024;
/** Tab, both line ends, vertical tab and form feed. */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d]);
