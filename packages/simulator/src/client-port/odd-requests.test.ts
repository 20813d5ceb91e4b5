import { decodeRequest, ErrorCode } from "@jute-ts/zookeeper";
import { JuteDecodeError } from "@jute-ts/runtime";
import { expect, it } from "vitest";
import { Random } from "../world/random.js";
import { framed } from "./frame-operations.js";
import { drawOdd } from "./odd-requests.js";

/** Whether a request's body can be read, and has null in it where there should be something. */
function kindOf(type: number, body: Uint8Array): "cut" | "null" | "strange" {
  try {
    const text = JSON.stringify(
      decodeRequest(framed(1, type, body).subarray(4)).body,
      (_, value) => (typeof value === "bigint" ? "" : (value as unknown)),
    );
    return text.includes("null") ? "null" : "strange";
  } catch (error) {
    if (!(error instanceof JuteDecodeError)) throw error;
    return "cut";
  }
}

it("draws requests that end early, have nothing where something must be, or ask for what there is not", () => {
  const random = new Random(1);
  const kinds = new Set<string>();
  for (let nth = 0; nth < 200; nth += 1) {
    const { message, body, objection } = drawOdd(random);
    expect(objection).toBe(ErrorCode.MARSHALLINGERROR);
    kinds.add(kindOf(message.type, body));
  }
  expect([...kinds].sort()).toEqual(["cut", "null", "strange"]);
});
