/** What the process ends with; documented in the README, and stays. */
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
  /** The same command resumes: the network, the service, or a signal other than Ctrl-C. */
  tryAgain: 75,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
