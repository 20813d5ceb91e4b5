import { describe, expect, it } from "vitest";
import { ConfigurationError } from "./configuration-error.js";
import { parseSaslUsers } from "./jaas.js";

const MODULE = "org.apache.zookeeper.server.auth.DigestLoginModule";

it("reads the users of a section", () => {
  const text = `Server {\n ${MODULE} required\n user_super="a b"\n user_bob=c debug=true;\n};\nOther { x required user_eve="d"; };\n`;
  expect(parseSaslUsers("jaas.conf", text)).toEqual(
    new Map([
      ["super", "a b"],
      ["bob", "c"],
    ]),
  );
  expect(parseSaslUsers("jaas.conf", text, "Other")).toEqual(new Map([["eve", "d"]]));
  expect(parseSaslUsers("jaas.conf", text, "Client")).toBeUndefined();
});

describe("names the line and what is expected, but no password, for", () => {
  it.each([
    [
      'Server {\n M required\n user_a="geheim"\n}',
      4,
      'There is "}" where an option or a semicolon is expected.',
    ],
    ['Server {\n M required user_a="geheim";\n}', 3, 'The file ends where ";" is expected.'],
    [
      'Server {\n M perhaps user_a="geheim";\n};',
      2,
      '"perhaps" is none of required, requisite, sufficient, optional.',
    ],
    [
      'Server {\n M required\n user_a "geheim";\n};',
      3,
      'There is a word or text where "=" is expected.',
    ],
    [
      "Server { M required; };\n\nServer { M required; };",
      3,
      'There is a section "Server" already.',
    ],
    [
      'Server {\n M required user_a="${geheim}";\n};',
      2,
      "User_a refers to a property of a Java machine. Write the value itself.",
    ],
    [
      "Server {\n M required user_a=1geheim;\n};",
      2,
      'There is "1" where a value for user_a, in quotes unless it is a word is expected.',
    ],
  ])("%j", (text, line, message) => {
    expect(refusalOf(text)).toEqual([{ fileName: "jaas.conf", line, message }]);
    expect(JSON.stringify(refusalOf(text))).not.toContain("geheim");
  });
});

function refusalOf(text: string): unknown {
  try {
    return parseSaslUsers("jaas.conf", text);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}
