/**
 * The users of SASL from a JAAS file, the file that Java names in the property
 * `java.security.auth.login.config`:
 *
 *     Server {
 *       org.apache.zookeeper.server.auth.DigestLoginModule required
 *       user_bob="bobsecret";
 *     };
 */
import { shown } from "@jute-ts/quorum/membership";
import { ConfigurationError } from "./configuration-error.js";
import { type JaasToken, jaasTokens } from "./jaas-tokens.js";

/**
 * The passwords by user of a section: what follows `user_`, in all of its modules.
 * Undefined if there is no such section or no module in it. Throws
 * ConfigurationError for a text that Java refuses, whichever section it is in; no
 * message contains a password.
 */
export function parseSaslUsers(
  fileName: string,
  text: string,
  section: string = "Server",
): ReadonlyMap<string, string> | undefined {
  const options = new JaasParser(fileName, jaasTokens(text)).sections().get(section);
  if (options === undefined) return undefined;
  const users = options.filter(([key]) => key.startsWith(USER));
  return new Map(users.map(([key, value]) => [key.slice(USER.length), value]));
}

type Options = readonly (readonly [key: string, value: string])[];

class JaasParser {
  readonly #fileName: string;
  readonly #tokens: readonly JaasToken[];
  #at = 0;

  constructor(fileName: string, tokens: readonly JaasToken[]) {
    this.#fileName = fileName;
    this.#tokens = tokens;
  }

  /** The options of each section, of all its modules. */
  sections(): ReadonlyMap<string, Options> {
    const sections = new Map<string, Options | undefined>();
    while (this.#at < this.#tokens.length) {
      const { text: name, line } = this.text("the name of a section");
      if (sections.has(name)) this.refuse(line, `there is a section "${shown(name)}" already`);
      sections.set(name, this.modules());
    }
    return new Map(
      [...sections].filter((entry): entry is [string, Options] => entry[1] !== undefined),
    );
  }

  private modules(): Options | undefined {
    const modules: Options[] = [];
    this.sign("{");
    while (!this.isSign("}")) modules.push(this.module());
    this.sign("}");
    this.sign(";");
    return modules.length === 0 ? undefined : modules.flat();
  }

  private module(): Options {
    this.text("the class of a login module");
    const flag = this.text(`one of ${FLAGS.join(", ")}`);
    if (!FLAGS.includes(flag.text.toLowerCase())) {
      this.refuse(flag.line, `"${shown(flag.text)}" is none of ${FLAGS.join(", ")}`);
    }
    const options: [string, string][] = [];
    while (!this.isSign(";")) {
      const key = this.text("an option or a semicolon");
      this.sign("=");
      const value = this.text(`a value for ${shown(key.text)}, in quotes unless it is a word`);
      if (value.text.includes("${")) {
        this.refuse(
          value.line,
          `${shown(key.text)} refers to a property of a Java machine. Write the value itself`,
        );
      }
      options.push([key.text, value.text]);
    }
    this.sign(";");
    return options;
  }

  private text(what: string): JaasToken {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "text") return this.refuseToken(what);
    this.#at++;
    return token;
  }

  private sign(sign: string): void {
    if (!this.isSign(sign)) this.refuseToken(`"${sign}"`);
    this.#at++;
  }

  private isSign(sign: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === "sign" && token.text === sign;
  }

  private refuseToken(expected: string): never {
    const token = this.#tokens[this.#at];
    const line = token?.line ?? this.#tokens.at(-1)?.line ?? 1;
    // What stands there may be a password.
    const found = token?.kind === "sign" ? `"${shown(token.text)}"` : "a word or text";
    this.refuse(
      line,
      `${token === undefined ? "The file ends" : `There is ${found}`} where ${expected} is expected`,
    );
  }

  private refuse(line: number, what: string): never {
    const message = `${what.charAt(0).toUpperCase()}${what.slice(1)}.`;
    throw new ConfigurationError([{ fileName: this.#fileName, line, message }]);
  }
}

const USER = "user_";
const FLAGS: readonly string[] = ["required", "requisite", "sufficient", "optional"];
