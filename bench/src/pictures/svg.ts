/**
 * Parts of the pictures: plain SVG with light and dark colours and a ground of its own, so that
 * it can be read on any page; no script, no font.
 */
export const WIDTH = 820;

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .ground { fill: #ffffff; stroke: #d1d9e0; }
  .title { font-size: 17px; font-weight: 600; }
  .panel { font-weight: 600; }
  .small { font-size: 11px; fill: #59636e; }
  .strong { font-weight: 600; }
  .line { stroke: #818b98; stroke-width: 1; stroke-dasharray: 3 3; }
  .own { fill: #0969da; }
  .peer { fill: #a5b1bf; }
  .other { fill: #d4a72c; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .ground { fill: #0d1117; stroke: #3d444d; }
    .small { fill: #9198a1; }
    .line { stroke: #9198a1; }
    .own { fill: #4493f8; }
    .peer { fill: #656c76; }
    .other { fill: #9e6a03; }
  }`;

/** `summary` says for people who do not see it what the picture shows. */
export function picture(height: number, summary: string, body: readonly string[]): string {
  const size = `width="${String(WIDTH)}" height="${String(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" aria-label="${escape(summary)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${String(WIDTH - 1)}" height="${String(height - 1)}" rx="6"/>`,
    ...body,
    `</svg>`,
    "",
  ].join("\n");
}

export function text(
  left: number,
  baseline: number,
  content: string,
  style = "",
  anchor: "start" | "middle" | "end" = "start",
): string {
  return `<text class="${style}" x="${number(left)}" y="${number(baseline)}" text-anchor="${anchor}">${escape(content)}</text>`;
}

export function bar(
  left: number,
  top: number,
  width: number,
  height: number,
  style: string,
): string {
  return `<rect class="${style}" x="${number(left)}" y="${number(top)}" width="${number(width)}" height="${number(height)}" rx="2"/>`;
}

export function verticalLine(x: number, top: number, bottom: number): string {
  return `<line class="line" x1="${number(x)}" x2="${number(x)}" y1="${number(top)}" y2="${number(bottom)}"/>`;
}

/** Joins the items by commas into lines that fit the picture. */
export function wrap(items: readonly string[]): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || last.length + item.length > LONGEST_LINE) lines.push(item);
    else lines[lines.length - 1] = `${last}, ${item}`;
  }
  return lines;
}

const LONGEST_LINE = 125;

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
