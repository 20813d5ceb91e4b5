/** Authentication: who a client is, and who must be somebody. */
export {
  type AuthenticationOptions,
  ClientAuthentication,
  type ClientOrigin,
} from "./authenticator.js";
export { digestAlgorithms, digestId, isDigestAlgorithm } from "./digest-scheme.js";
export { DigestMd5Server } from "./digest-md5.js";
