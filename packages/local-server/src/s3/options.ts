import { httpUrl } from "../http-url.js";
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
  /** An http or https URL. @default `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, or AWS */
  readonly endpoint?: string | undefined;
  /** By what URL clients reach the store, where the server uses another. @default `endpoint` */
  readonly publicEndpoint?: string | undefined;
  /** @default `AWS_REGION`, the profile's, or "us-east-1" */
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
  const endpoint = resolveUrl("s3.endpoint", given.endpoint) ?? endpointOf(process.env);
  return {
    bucket: given.bucket,
    prefix: prefix && `${prefix}/`,
    endpoint,
    publicEndpoint: resolveUrl("s3.publicEndpoint", given.publicEndpoint),
    region: given.region,
    pathStyle: given.pathStyle ?? (endpoint ?? given.publicEndpoint) !== undefined,
    singleServer: given.singleServer ?? false,
  };
}

/** The SDK's own variables: they decide more than the SDK knows of. */
function endpointOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true") return undefined;
  const [name] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].filter((one) => env[one]);
  return name === undefined ? undefined : resolveUrl(name, env[name]);
}

const resolveUrl = (option: string, text: string | undefined): string | undefined =>
  text === undefined ? undefined : httpUrl(option, text).href;
