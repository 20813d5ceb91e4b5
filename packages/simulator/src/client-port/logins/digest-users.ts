/** Who the clients of client ports may be by digest. */

/** `id`: as lists name the user, by `printf user:password | openssl sha1 -binary | base64`. */
export const FRAME_USERS = [
  { credentials: "ann:apple", id: "ann:6q+u+bEVJTdGGyG40XXuyaDlxCA=" },
  { credentials: "bob:berry", id: "bob:mrR6qjBZtUx4tq2fut24AGeVGbI=" },
] as const;
