// Prints an error that an example does not catch in one line, without its stack: what is wrong, and what to do.
process.once("uncaughtException", (error: Error) => {
  console.error(error.message);
  process.exit(1);
});
