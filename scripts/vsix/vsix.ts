/**
 * A `.vsix`, the file in which VS Code installs extensions: a zip with the extension below `extension/`,
 * a manifest for galleries, and the content types that OPC packages (ECMA-376, part 2) have.
 * The same files make the same bytes.
 */
import { strToU8, type Zippable, zipSync } from "fflate";

/** What a gallery wants to know, as the extension's package.json has it. */
export interface ExtensionManifest {
  readonly name: string;
  readonly displayName: string;
  readonly version: string;
  readonly description: string;
  readonly publisher: string;
  readonly engines: { readonly vscode: string };
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
  readonly extensionKind: readonly string[];
}

/** `files` by their paths in the extension; README.md and LICENSE.txt must be among them. */
export function vsixOf(
  manifest: ExtensionManifest,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  for (const name of ["package.json", README, LICENSE]) {
    if (!files.has(name)) throw new Error(`the extension has no ${name}`);
  }
  const inExtension = [...files].map(([name, bytes]) => [`extension/${name}`, bytes] as const);
  const entries: Zippable = Object.fromEntries([
    ["[Content_Types].xml", strToU8(contentTypes([...files.keys()]))],
    ["extension.vsixmanifest", strToU8(galleryManifest(manifest))],
    ...inExtension,
  ]);
  return zipSync(entries, { level: 9, mtime: EPOCH });
}

const README = "README.md";
const LICENSE = "LICENSE.txt";
/** The first day that a zip can name. */
const EPOCH = new Date(1980, 0, 1);

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  cjs: "application/javascript",
  json: "application/json",
  md: "text/markdown",
  mjs: "application/javascript",
  txt: "text/plain",
  vsixmanifest: "text/xml",
};

function contentTypes(names: readonly string[]): string {
  const endings = new Set(["vsixmanifest", ...names.map((name) => name.replace(/^.*\./, ""))]);
  const defaults = [...endings].sort().map((ending) => {
    const type = CONTENT_TYPES[ending];
    if (type === undefined) throw new Error(`no content type is known for .${ending}`);
    return `  <Default Extension=".${ending}" ContentType="${type}"/>`;
  });
  return `${XML}
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
${defaults.join("\n")}
</Types>
`;
}

function galleryManifest({
  name,
  displayName,
  version,
  description,
  publisher,
  engines,
  categories,
  keywords,
  extensionKind,
}: ExtensionManifest): string {
  const property = (id: string, value: string) =>
    `      <Property Id="Microsoft.VisualStudio.${id}" Value="${escaped(value)}"/>`;
  const asset = (type: string, file: string) =>
    `    <Asset Type="Microsoft.VisualStudio.${type}" Path="extension/${file}" Addressable="true"/>`;
  return `${XML}
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${escaped(name)}" Version="${escaped(version)}" Publisher="${escaped(publisher)}"/>
    <DisplayName>${escaped(displayName)}</DisplayName>
    <Description xml:space="preserve">${escaped(description)}</Description>
    <Tags>${escaped(keywords.join(","))}</Tags>
    <Categories>${escaped(categories.join(","))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <License>extension/${LICENSE}</License>
    <Properties>
${property("Code.Engine", engines.vscode)}
${property("Code.ExtensionKind", extensionKind.join(","))}
${property("Services.GitHubFlavoredMarkdown", "true")}
    </Properties>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
${asset("Code.Manifest", "package.json")}
${asset("Services.Content.Details", README)}
${asset("Services.Content.License", LICENSE)}
  </Assets>
</PackageManifest>
`;
}

const XML = '<?xml version="1.0" encoding="utf-8"?>';

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
