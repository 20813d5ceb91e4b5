/** Authentication: who a client is, and who must be somebody. */
export {
  type AuthAnswer,
  type AuthenticationOptions,
  ClientAuthentication,
  type ClientOrigin,
  type DigestOptions,
  type EnsembleAuthOptions,
  type SaslAnswer,
  type SaslOptions,
} from "./authenticator.js";
export {
  type DigestAlgorithm,
  digestAlgorithms,
  digestId,
  isDigestAlgorithm,
} from "./digest-scheme.js";
export { DigestMd5Server, type SaslStep } from "./digest-md5.js";
