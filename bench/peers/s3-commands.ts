// The commands that people upload to S3 with, each with its own defaults. Neither makes a SHA-256 of the whole file.
import type { Contender } from "../compare.js";
import { isOnPath } from "../machine.js";
import type { Stage } from "../stage.js";

const key = "bench";

export const s3Commands = (stage: Stage): readonly Contender[] => [
  {
    name: "rclone",
    what: "rclone copyto: 5 MiB x 4, an MD5 in a first pass, no SHA-256",
    command: isOnPath("rclone") ? rclone(stage) : null,
  },
  {
    name: "aws",
    what: "aws s3 cp: 8 MiB x 10, no digest",
    command: isOnPath("aws") ? aws(stage) : null,
  },
];

/** Without its look at what is there already: the store that discards says that there is a file of this size. */
function rclone({ image, origin, certificate }: Stage): readonly string[] {
  const settings = [
    "RCLONE_CONFIG=",
    "RCLONE_S3_PROVIDER=Other",
    `RCLONE_S3_ENDPOINT=${origin}`,
    `RCLONE_S3_ACCESS_KEY_ID=${key}`,
    `RCLONE_S3_SECRET_ACCESS_KEY=${key}`,
    "RCLONE_S3_NO_CHECK_BUCKET=true",
  ];
  const args = ["--ca-cert", certificate, "--no-check-dest", "--quiet", image, ":s3:b/k"];
  // Its S3 library cannot take a second bundle of certificates.
  return ["env", "-u", "AWS_CA_BUNDLE", ...settings, "rclone", "copyto", ...args];
}

/** Newer ones add a checksum to each part, as a chunked body, which the store that discards does not read. */
function aws({ image, origin, certificate }: Stage): readonly string[] {
  const settings = [
    `AWS_ACCESS_KEY_ID=${key}`,
    `AWS_SECRET_ACCESS_KEY=${key}`,
    "AWS_DEFAULT_REGION=us-east-1",
    "AWS_CONFIG_FILE=/dev/null",
    "AWS_REQUEST_CHECKSUM_CALCULATION=when_required",
  ];
  const args = ["--endpoint-url", origin, "--ca-bundle", certificate, "--only-show-errors"];
  return ["env", ...settings, "aws", "s3", "cp", image, "s3://b/k", ...args];
}
