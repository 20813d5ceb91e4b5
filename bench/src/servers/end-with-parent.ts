/** Loaded before one of our servers, with `--import`: the server ends with the process that forked it. */
process.on("disconnect", () => {
  process.exit(1);
});
