import { httpUrl } from "../http-url.js";
import { InvalidOptionError } from "../invalid-option.js";
import type { S3Location } from "./location.js";

/**
 * A bucket that keeps everything. The AWS SDK finds the credentials, and the region if none is given here:
 * `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, profiles, roles.
 */
export interface S3Options {
  /** The bucket's name. The bucket must exist. */
  readonly bucket: string;
  /** The start of every key, followed by a slash, so that several stores can share a bucket. @default "" */
  readonly prefix?: string | undefined;
  /** The store's URL, http or https. @default `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, or AWS */
  readonly endpoint?: string | undefined;
  /** The store's URL for clients, if it differs from the server's. @default `endpoint` */
  readonly publicEndpoint?: string | undefined;
  /** The store's region. @default `AWS_REGION`, the profile's, or "us-east-1" */
  readonly region?: string | undefined;
  /**
   * Whether URLs are `https://endpoint/bucket/…` instead of `https://bucket.endpoint/…`.
   *
   * @default true with an endpoint
   */
  readonly pathStyle?: boolean | undefined;
  /**
   * Whether to work without conditional writes, on a store that has none. Never use it while another server
   * uses the bucket: two images could get one name.
   *
   * @default false
   */
  readonly singleServer?: boolean | undefined;
}

/** Checks the options of a bucket and fills in defaults. @throws {InvalidOptionError} */
export function resolveS3(given: S3Options): S3Location {
  // Less strict than AWS's rules: other stores allow upper case and underscores.
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

/**
 * Returns the endpoint of the SDK's own variables. They are read here because more depends on it than the SDK's
 * requests.
 */
function endpointOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true") return undefined;
  const [name] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].filter((one) => env[one]);
  return name === undefined ? undefined : resolveUrl(name, env[name]);
}

const resolveUrl = (option: string, text: string | undefined): string | undefined =>
  text === undefined ? undefined : httpUrl(option, text).href;
