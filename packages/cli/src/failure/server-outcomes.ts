import { text } from "./error-text.js";
import { exitCode } from "./exit-code.js";
import type { Outcome } from "./outcome.js";

const ownAddress = "Give --host an address of this machine.";

/** The failures of `img serve`, keyed by `code`: its folder or bucket, and the address that it listens on. */
export const serverOutcomes: Readonly<Record<string, Outcome>> = {
  CHAOS_FILE: {
    exit: exitCode.usage,
    advice: 'For its format see "Misbehaving" in the README of @img/local-server.',
  },
  STORE_LOCKED: { exit: exitCode.locked },
  STORE_LOCK_LOST: { exit: exitCode.locked },
  FOLDER_UNUSABLE: {
    exit: exitCode.usage,
    advice: "Give --dir a folder that you may write to; it is made if it is not there.",
  },
  BUCKET_UNUSABLE: {
    exit: exitCode.usage,
    advice: "Check --store, --s3-endpoint and the AWS_… variables.",
  },
  SDK_MISSING: {
    exit: exitCode.usage,
    what: () => "A server on a bucket needs the AWS SDK, which is not installed.",
    advice:
      "Install it beside img: npm install --global @aws-sdk/client-s3 @aws-sdk/s3-request-presigner",
  },
  CONDITIONAL_WRITES: { exit: exitCode.usage },
  STORE_UNFIT: { exit: exitCode.usage },
  EADDRINUSE: {
    exit: exitCode.usage,
    what: (error) => `Another program already listens on ${listened(error)}.`,
    advice: "Choose another port with --port, or a free one with --port 0.",
  },
  EACCES: {
    exit: (error) => (isListening(error) ? exitCode.usage : undefined),
    what: (error) =>
      isListening(error) ? `This user may not listen on ${listened(error)}.` : undefined,
    advice: (error) => (isListening(error) ? "Use a --port of 1024 or higher." : undefined),
  },
  EADDRNOTAVAIL: {
    exit: exitCode.usage,
    what: (error) => `This machine has no address ${text(error, "address")}.`,
    advice: ownAddress,
  },
  ENOTFOUND: {
    exit: exitCode.usage,
    what: (error) => `The host ${text(error, "hostname")} was not found.`,
    advice: ownAddress,
  },
};

const isListening = (error: unknown): boolean => text(error, "syscall") === "listen";
const listened = (error: unknown): string => `${text(error, "address")}:${text(error, "port")}`;
