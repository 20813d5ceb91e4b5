/** The compiler's version, which generated files state. `npm run version` writes it from package.json. */
export const VERSION = "0.1.0";
