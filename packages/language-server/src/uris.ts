/** URIs of the protocol and paths of the compiler: absolute, with forward slashes. */
import { normalizePath } from "@jute-ts/compiler/analysis";
import { URI } from "vscode-uri";

export function pathOf(uri: string): string {
  return normalizePath(URI.parse(uri).fsPath);
}

export function uriOf(path: string): string {
  return URI.file(path).toString();
}
