/**
 * Credentials that no library would send: what is no UTF-8, and what has no colon, or more than one. To Java,
 * U+FFFD stands for each longest part of a character that cannot go on, and for each half of a pair of
 * surrogates. By `printf 'u\ufffd:pw' | openssl sha1 -binary | base64`, and the like.
 */
import type { Random } from "../../world/random.js";
import { byCredentials, type Proving } from "./proofs.js";

export function drawOddCredentials(random: Random): Proving {
  const [bytes, id] = random.pick(ODD_CREDENTIALS);
  const pairs = bytes.match(/../g) ?? [];
  return byCredentials(
    Uint8Array.from(pairs, (pair) => parseInt(pair, 16)),
    id,
  );
}

/** As digits, with the id that they prove. */
const ODD_CREDENTIALS: readonly (readonly [bytes: string, id: string])[] = [
  ["75eda0803a7077", "u\ufffd:ZkDbACI8jhxEZENwrdx+ToaWXM8="],
  ["75edafbf3a7077", "u\ufffd:ZkDbACI8jhxEZENwrdx+ToaWXM8="],
  ["75edb0803a7077", "u\ufffd:ZkDbACI8jhxEZENwrdx+ToaWXM8="],
  ["75edbfbf3a7077", "u\ufffd:ZkDbACI8jhxEZENwrdx+ToaWXM8="],
  ["75eda0bdedb8803a7077", "u\ufffd\ufffd:6/6qVfQ/h0RG7lxQNy6R/eqKLc8="],
  ["75ed9fbf3a7077", "u\ud7ff:mYPlAq8bcS5/dUZMPblCs0kZYwQ="],
  ["75ee80803a7077", "u\ue000:HMhMb44ucV6UPbAEAatKMssYgn4="],
  ["75eda0c03a7077", "u\ufffd\ufffd:6/6qVfQ/h0RG7lxQNy6R/eqKLc8="],
  ["75edc0803a7077", "u\ufffd\ufffd\ufffd:7Ji9CvZ5x9IMLC3hcf7/IHv9dUg="],
  ["75eda0783a7077", "u\ufffdx:zLNDZCxvEqVlgVFB4jAeVt5xCnk="],
  ["75ed9f783a7077", "u\ufffdx:zLNDZCxvEqVlgVFB4jAeVt5xCnk="],
  ["75eda080ed9fbf3a7077", "u\ufffd\ud7ff:QD5ha7avD8HiCjCljJzpffdhpt4="],
  ["75f09f98803a7077", "u\ud83d\ude00:YGyuH7SNeDJEqQGhkCVYM0fObks="],
  ["75f09f98783a7077", "u\ufffdx:zLNDZCxvEqVlgVFB4jAeVt5xCnk="],
  ["75c0803a7077", "u\ufffd\ufffd:6/6qVfQ/h0RG7lxQNy6R/eqKLc8="],
  ["75f5783a7077", "u\ufffdx:zLNDZCxvEqVlgVFB4jAeVt5xCnk="],
  ["75803a7077", "u\ufffd:ZkDbACI8jhxEZENwrdx+ToaWXM8="],
  ["75c3bc3a7077", "u\u00fc:PRO8oIrrxz6KHVd82npVo/LEmgE="],
  ["75c3783a7077", "u\ufffdx:zLNDZCxvEqVlgVFB4jAeVt5xCnk="],
  ["753aeda080", "u:NP+S9gihaPOxs49p+sWDO0/R0ac="],
  ["616c6f6e65", "alone:GwXWN/BAnMmbTdC1Aj5CHFLZt2Q="],
  ["74776f3a636f6c6f6e733a68657265", "two:7H87uhQnEe8pWZVG9KEVqKYXB0s="],
  ["3a6e6f6e65", ":0//w+PQ/F+gj8a8JoGd5mE46NDo="],
  ["", ":2jmj7l5rSw0yVb/vlWAYkK/YBwk="],
];
