/**
 * The certificates of a server while it runs: the files that its configuration names, read at
 * the start and, where that is asked for, again when they have changed. What cannot be used
 * changes nothing: a server with a certificate that ends soon is better than one without.
 */
import { stat } from "node:fs/promises";
import { ConfigurationError, type Position } from "../configuration/index.js";
import { readTlsFiles, type TlsFileNames, type TlsFiles } from "./configured-files.js";
import type { CertificateReport, PortName } from "./network-report.js";

export interface CertificateFilesOptions {
  readonly names: TlsFileNames;
  /** Whose certificates they are; "quorum" stands for both ports of the ensemble. */
  readonly port: PortName;
  readonly positionOf: (key: string) => Position;
  readonly onReport: (report: CertificateReport) => void;
}

export class CertificateFiles {
  readonly #options: CertificateFilesOptions;
  readonly #paths: readonly string[];
  #current: TlsFiles;
  /** The files as they were when they were last read. */
  #read: string | undefined;
  /** As they were at the last look. */
  #seen: string | undefined;
  /** Whether what is used is not what was last read. */
  #areOthersKept = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** Reads the files. Throws ConfigurationError for what is wrong with them. */
  constructor(options: CertificateFilesOptions) {
    this.#options = options;
    this.#paths = pathsOf(options.names);
    this.#current = readFiles(options);
  }

  /** What was last found fit for use. */
  get current(): TlsFiles {
    return this.#current;
  }

  /** Looks from now on whether the files change. Keeps no process alive. */
  watch(): void {
    this.#lookLater();
  }

  /** Looks no more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  /**
   * Files that differ from those that were read are read once they have stayed the same from one
   * look to the next: somebody may be writing them, one after the other.
   */
  async #look(): Promise<void> {
    const now = (await Promise.all(this.#paths.map(stampOf))).join("\n");
    if (this.#isClosed) return;
    // They may have changed between the start and the first look.
    if (now !== this.#read && now === this.#seen) {
      this.#read = now;
      this.#readAgain();
    }
    this.#seen = now;
    this.#lookLater();
  }

  #readAgain(): void {
    const { port, onReport } = this.#options;
    const paths = this.#paths;
    let found: TlsFiles;
    try {
      found = readFiles(this.#options);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      this.#areOthersKept = true;
      const why = error.problems.map(({ message }) => message).join(" ");
      onReport({ kind: "certificatesKept", port, paths, why });
      return;
    }
    if (isSame(found, this.#current) && !this.#areOthersKept) return;
    this.#areOthersKept = false;
    this.#current = found;
    onReport({ kind: "certificatesRenewed", port, paths });
  }
}

function readFiles({ names, port, positionOf }: CertificateFilesOptions): TlsFiles {
  return readTlsFiles(names, positionOf, port === "client" ? "ssl" : "ssl.quorum");
}

function pathsOf({ keyStore: { location, password }, trustStoreLocation }: TlsFileNames): string[] {
  const passwords = password.kind === "file" ? [password.location] : [];
  const authorities = trustStoreLocation === undefined ? [] : [trustStoreLocation];
  return [location, ...passwords, ...authorities];
}

/** Differs when a file was written, or another one has its place, also by way of a link. */
async function stampOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
    return [dev, ino, size, mtimeMs, ctimeMs].join(" ");
  } catch {
    // What is wrong with it shows when it is read.
    return "none";
  }
}

function isSame(one: TlsFiles, other: TlsFiles): boolean {
  return (
    bytesOf(one).equals(bytesOf(other)) &&
    one.passphrase === other.passphrase &&
    one.authorities === other.authorities
  );
}

function bytesOf({ identity }: TlsFiles): Buffer {
  return Buffer.from(identity.format === "pem" ? identity.text : identity.bytes);
}

const LOOK_MS = 1000;
