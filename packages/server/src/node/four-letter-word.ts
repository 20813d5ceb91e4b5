/** Asks a server with one of ZooKeeper's four-letter words. */
import { connect } from "node:net";
import { formatHostAndPort, type HostAndPort } from "./connect-string.js";
import { describeNetworkError } from "./system-error.js";

/** Resolves with the whole answer. Rejects when there is none, with an error that says why. */
export async function askFourLetterWord(
  address: HostAndPort,
  word: string,
  timeoutMs = 5000,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(why));
    };
    let answer = "";
    const socket = connect(address);
    const timer = setTimeout(() => {
      fail(`does not answer within ${timeoutMs} ms`);
    }, timeoutMs);
    socket.on("connect", () => socket.write(word));
    socket.on("data", (bytes) => {
      answer += bytes.toString("utf8");
      if (answer.length > MAX_ANSWER) fail("sends an answer without an end");
    });
    socket.on("error", (error) => {
      // A server may reset the connection once it has answered; then the end follows.
      if (answer === "") fail(describeNetworkError(error));
    });
    socket.on("close", () => {
      clearTimeout(timer);
      if (answer === "") {
        reject(
          new Error(
            `closed the connection without a word: is ${formatHostAndPort(address)} the client port?`,
          ),
        );
      } else resolve(answer);
    });
  });
}

const MAX_ANSWER = 1024 * 1024;
