/** All certificates of a server, each set of files with what uses it. */
import type { Position } from "../configuration/index.js";
import { CertificateFiles } from "./certificate-files.js";
import type { TlsFileNames } from "./configured-files.js";
import type { CertificateReport, PortName } from "./network-report.js";
import type { TlsCredentials } from "./tls-transport.js";

export class Certificates {
  readonly #positionOf: (key: string) => Position;
  readonly #onReport: (report: CertificateReport) => void;
  readonly #watched: CertificateFiles[] = [];

  /** `onReport`: nothing is reported before `watch`. */
  constructor(
    positionOf: (key: string) => Position,
    onReport: (report: CertificateReport) => void,
  ) {
    this.#positionOf = positionOf;
    this.#onReport = onReport;
  }

  /** Reads those of a port. Throws ConfigurationError for what is wrong with the files. */
  read(
    names: TlsFileNames & { readonly reloads: boolean },
    port: PortName,
  ): TlsCredentials & { readonly latest?: () => TlsCredentials } {
    const positionOf = this.#positionOf;
    const files = new CertificateFiles({ names, port, positionOf, onReport: this.#onReport });
    if (!names.reloads) return files.current;
    this.#watched.push(files);
    return { ...files.current, latest: () => files.current };
  }

  /** Looks from now on whether those files change that are to be read again. */
  watch(): void {
    for (const files of this.#watched) files.watch();
  }

  /** Looks no more. */
  close(): void {
    for (const files of this.#watched) files.close();
  }
}
