/** What zoo.cfg says of this server's clients, as values that have been checked. */

export interface ClientSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The four-letter commands that are answered. */
  readonly commands: "all" | ReadonlySet<string>;
}

/** How clients prove who they are. */
export interface AuthenticationSettings {
  /** Null where the scheme digest is not known. */
  readonly digest: {
    readonly algorithm: DigestAlgorithm;
    /** The id that makes a superuser. */
    readonly superDigest: string | undefined;
  } | null;
  /** Whether the scheme x509 is known. */
  readonly x509: boolean;
  /** The subject of a certificate that makes a superuser. */
  readonly x509SuperUser: string | undefined;
  /** The right names of this ensemble; null where every name is right, undefined where the scheme ensemble is not known. */
  readonly ensembleNames: ReadonlySet<string> | null | undefined;
  readonly sasl: SaslSettings | undefined;
  /** A client without an id of one of these gets nothing answered. Empty: nobody must have any. */
  readonly requiredSchemes: ReadonlySet<string>;
  /** Whether a connection outlives a login by SASL that failed. */
  readonly allowsFailedSasl: boolean;
}

export interface SaslSettings {
  /** The JAAS file with the users. As it was written, perhaps relative. */
  readonly jaasFile: string;
  /** The section of the file. */
  readonly section: string;
  /** Whether that section must be there. If it need not, and is not, there is no SASL, as in Java. */
  readonly requiresSection: boolean;
  /** The password of the user `super`, instead of that in the file. */
  readonly superPassword: string | undefined;
  /** Users who are superusers. */
  readonly superUsers: ReadonlySet<string>;
}

/** By Java's names. */
export const digestAlgorithms = [
  "MD5",
  "SHA1",
  "SHA-1",
  "SHA-224",
  "SHA-256",
  "SHA-384",
  "SHA-512",
  "SHA3-224",
  "SHA3-256",
  "SHA3-384",
  "SHA3-512",
] as const;

export type DigestAlgorithm = (typeof digestAlgorithms)[number];

export interface ClientLimitSettings {
  /** Most connections of all addresses; 0 is no limit. */
  readonly maxConnections: number;
  /** After which time a connection without a session is closed. */
  readonly sessionlessTimeoutMs: number;
  /** Most requests of all clients that wait for their answer; 0 is no limit. */
  readonly maxRequests: number;
  /** Undefined where as many clients may connect as want to. */
  readonly connectionThrottle: ConnectionThrottleSettings | undefined;
  /** Undefined where no request is too large beside others. */
  readonly largeRequests: LargeRequestSettings | undefined;
}

export interface ConnectionThrottleSettings {
  readonly tokens: number;
  readonly fillTimeMs: number;
  readonly fillCount: number;
  /** What each way to connect costs, in tokens; undefined: one. */
  readonly weights:
    { readonly local: number; readonly renewed: number; readonly global: number } | undefined;
  /** Refusals by chance; undefined: none. */
  readonly blue:
    | {
        readonly freezeTimeMs: number;
        readonly dropIncrease: number;
        readonly dropDecrease: number;
        readonly decreaseRatio: number;
      }
    | undefined;
}

export interface LargeRequestSettings {
  /** Longer requests are large. */
  readonly thresholdBytes: number;
  /** What all large requests have together at most. */
  readonly maxBytes: number;
}
