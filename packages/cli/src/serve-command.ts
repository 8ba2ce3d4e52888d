import { Command } from "commander";
import { size, wholeNumber, withOutputOptions } from "./common-options.js";
import type { OutputFlags } from "./output.js";

export interface ServeFlags extends OutputFlags {
  readonly host: string;
  readonly port: number;
  readonly dir: string;
  readonly publicUrl?: string;
  readonly allowHost?: string[];
  readonly allowOrigin?: string[];
  readonly page?: boolean;
  readonly checkDigest?: boolean;
  readonly urlTtl?: number;
  readonly maxStore?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly chaos?: string;
}

const examples = `
Examples:
  img serve                                   on http://127.0.0.1:8080, kept in ./img-store
  img serve --port 0 --json                   on a free port, told as JSON
  img serve --dir /srv/images --tls-cert cert.pem --tls-key key.pem

The token is that of SFC_BEARER_AUTH; without it, one is made and printed.
`;

export function serveCommand(): Command {
  const command = new Command("serve")
    .summary("run the Images API on this machine")
    .description("Run the Images API and its object store on this machine, kept in a folder.")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--port <n>", "the port; 0 takes a free one", wholeNumber, 8080)
    .option("--dir <folder>", "keeps everything; made if it is not there", "img-store")
    .option("--public-url <url>", "where clients reach it through a proxy")
    .option("--allow-host <name...>", "further names that clients may call it by")
    .option("--allow-origin <url...>", "origins of pages elsewhere that may use it")
    .option("--page", "serve a page for people at / [default: on loopback only]")
    .option("--no-page", "serve no page")
    .option("--check-digest", "refuse a wrong SHA-256 at the end of an upload")
    .option("--url-ttl <seconds>", "how long a presigned URL works [default: 3600]", wholeNumber)
    .option("--max-store <size>", "most bytes that all images may take", size)
    .option("--tls-cert <file>", "a certificate, as PEM: HTTPS only")
    .option("--tls-key <file>", "its key, as PEM")
    .option("--chaos <file>", "misbehave as this JSON file says; for trying clients");
  return withOutputOptions(command)
    .addHelpText("after", examples)
    .action(async (flags: ServeFlags) => {
      const { serve } = await import("./serve.js");
      await serve(flags);
    });
}
