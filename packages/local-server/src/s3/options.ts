import { InvalidOptionError } from "../invalid-option.js";
import type { S3Location } from "./location.js";

/**
 * A bucket that keeps everything. Credentials, and the region where none is given here, are those that the
 * AWS SDK finds: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, profiles, roles.
 */
export interface S3Options {
  /** It must be there already. */
  readonly bucket: string;
  /** Goes before every key, with a slash in between; several stores can share a bucket so. @default "" */
  readonly prefix?: string | undefined;
  /** An http or https URL. @default AWS, or `AWS_ENDPOINT_URL_S3` */
  readonly endpoint?: string | undefined;
  /** By what URL clients reach the store, where the server uses another. @default `endpoint` */
  readonly publicEndpoint?: string | undefined;
  /** @default `AWS_REGION`, or "us-east-1" */
  readonly region?: string | undefined;
  /** `https://endpoint/bucket/…`, and not `https://bucket.endpoint/…`. @default true with an endpoint */
  readonly pathStyle?: boolean | undefined;
  /**
   * Do without conditional writes, on a store that has none. Never while another server uses the
   * bucket: two images could get one name. @default false
   */
  readonly singleServer?: boolean | undefined;
}

/** @throws {InvalidOptionError} */
export function resolveS3(given: S3Options): S3Location {
  // Looser than AWS's rules: other stores have upper case and underscores.
  if (!/^[0-9A-Za-z][0-9A-Za-z._-]{1,254}$/.test(given.bucket)) {
    throw new InvalidOptionError("s3.bucket", "a bucket's name");
  }
  const prefix = (given.prefix ?? "").replace(/^\/+|\/+$/g, "");
  if (!/^[0-9A-Za-z!_.*'()/-]{0,200}$/.test(prefix)) {
    throw new InvalidOptionError("s3.prefix", "at most 200 of [0-9A-Za-z!_.*'()/-]");
  }
  return {
    bucket: given.bucket,
    prefix: prefix && `${prefix}/`,
    endpoint: resolveUrl("s3.endpoint", given.endpoint),
    publicEndpoint: resolveUrl("s3.publicEndpoint", given.publicEndpoint),
    region: given.region ?? process.env["AWS_REGION"] ?? "us-east-1",
    pathStyle: given.pathStyle ?? (given.endpoint ?? given.publicEndpoint) !== undefined,
    singleServer: given.singleServer ?? false,
  };
}

function resolveUrl(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash) {
    return url.href;
  }
  throw new InvalidOptionError(option, "an http or https URL without user, query and fragment");
}
