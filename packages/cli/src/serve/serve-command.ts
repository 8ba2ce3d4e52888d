import { Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { durationMs, size, wholeNumber, withOutputOptions } from "../settings/common-options.js";
import type { ServeFlags } from "./serve.js";

const examples = `
Examples:
  img serve                                   on http://127.0.0.1:8080, kept in ./img-store
  img serve --port 0 --json                   on a free port, told as JSON
  img serve --dir /srv/images --tls-cert cert.pem --tls-key key.pem
  img serve --store s3://images/team --s3-endpoint https://s3.example --tokens tokens.txt

The token is that of SFC_BEARER_AUTH; without it, one is made and printed. A file of tokens has a line for
each account: its name, its token, "public" where everybody may download its images, and
"workspaces=NAME,NAME" where it has others than "default". A bucket is reached
with the credentials of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or whatever else the AWS SDK finds.
`;

export function serveCommand(): Command {
  const command = new Command("serve")
    .description(
      "Run the Images API and its object store on this machine, kept in a folder or a bucket.",
    )
    .optionsGroup("Server:")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--port <n>", "the port; 0 picks a free one", wholeNumber, 8080)
    .option("--dir <folder>", "where everything is kept; created if missing [default: img-store]")
    .option("--store <url>", "a bucket that keeps everything instead: s3://BUCKET[/PREFIX]")
    .option("--s3-endpoint <url>", "the bucket's store [default: AWS]")
    .option("--s3-public-endpoint <url>", "where clients reach that store, if elsewhere")
    .option(
      "--single-server",
      "this is the bucket's only server; for stores without conditional writes",
    )
    .option("--tokens <file>", "the accounts: a line NAME TOKEN for each")
    .option("--workspaces <name...>", "workspaces in addition to default; not with --tokens")
    .option("--public-url <url>", "where clients reach it through a proxy")
    .option("--allow-host <name...>", "more host names that clients may use")
    .option("--allow-origin <url...>", "origins of other web pages that may use it")
    .option("--page", "serve a page for people at / [default: on loopback only]")
    .option("--no-page", "serve no page")
    .option("--check-digest", "refuse a wrong SHA-256 at the end of an upload")
    .option("--url-ttl <seconds>", "how long a presigned URL works [default: 3600]", wholeNumber)
    .option("--max-store <size>", "maximum size of all images together", size)
    .option("--max-account <size>", "maximum size of one account's images", size)
    .option("--drain <duration>", "how long a stop waits for running requests", durationMs)
    .option("--tls-cert <file>", "a certificate, as PEM: HTTPS only")
    .option("--tls-key <file>", "its key, as PEM")
    .option("--force", "take the folder from a server on another host that is certainly gone")
    .option("--chaos <file>", "inject the faults of this JSON file, to test clients");
  return withOutputOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (flags: ServeFlags) => {
      const { serve } = await import("./serve.js");
      await serve(flags);
    });
}
