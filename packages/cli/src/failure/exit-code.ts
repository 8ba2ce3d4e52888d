/** The exit codes. They are documented in the README and never change. */
export const exitCode = {
  done: 0,
  unexpected: 1,
  usage: 2,
  notAuthorized: 3,
  notFound: 4,
  taken: 5,
  sourceChanged: 6,
  integrity: 7,
  locked: 8,
  noSpace: 9,
  /** The network, the service, or a signal other than Ctrl-C: the same command resumes. */
  tryAgain: 75,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
