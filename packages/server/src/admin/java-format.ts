/** How Java's servers write numbers and dates in their answers. Scripts read them. */

/** A 64-bit number as unsigned hexadecimal without leading zeros: a session id or a zxid. */
export function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

/** As `Double.toString`, of a value rounded to four decimals, as means are shown. */
export function javaMean(value: number): string {
  return javaDouble(Math.round(value * 10_000) / 10_000);
}

/** As `Double.toString` for values that are finite. */
function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits = "", exponent = ""] = value.toExponential().split("e");
    return `${withPoint(digits)}E${Number(exponent)}`;
  }
  return withPoint(String(value));
}

function withPoint(digits: string): string {
  return digits.includes(".") ? digits : `${digits}.0`;
}

/** As `Date.toString`, in the time zone of this process: `Sun Nov 29 01:28:11 UTC 2026`. */
export function javaDate(wallMs: number): string {
  const date = new Date(wallMs);
  const two = (number: number): string => String(number).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  const day = `${DAYS[date.getDay()] ?? ""} ${MONTHS[date.getMonth()] ?? ""} ${two(date.getDate())}`;
  return `${day} ${time} ${zoneName(date)} ${date.getFullYear()}`;
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(date);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "UTC";
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
