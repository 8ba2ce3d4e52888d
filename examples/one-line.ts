// What no example catches is told in one line, without its stack: what is wrong, and what to do.
process.once("uncaughtException", (error: Error) => {
  console.error(error.message);
  process.exit(1);
});
