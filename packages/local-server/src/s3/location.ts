/** The bucket and how it is reached. Credentials come from the environment (`AWS_*`), never from options. */
export interface S3Location {
  readonly bucket: string;
  /** The start of every key: "" or ending in a slash. */
  readonly prefix: string;
  /** The endpoint; undefined for AWS. */
  readonly endpoint: string | undefined;
  /** The endpoint for clients, if they reach the store by another one. */
  readonly publicEndpoint: string | undefined;
  /** The region; undefined for the profile's. */
  readonly region: string | undefined;
  /** Whether URLs are `https://endpoint/bucket/key` instead of `https://bucket.endpoint/key`. */
  readonly pathStyle: boolean;
  /** Whether this is the only server, so that conditional writes are not needed. */
  readonly singleServer: boolean;
}

/**
 * Returns the origin by which clients, and so pages, reach the bucket's objects: for a page's `connect-src`.
 */
export function originOf({
  bucket,
  endpoint,
  publicEndpoint,
  region,
  pathStyle,
}: Omit<S3Location, "region"> & { readonly region: string }): string {
  const url = new URL(publicEndpoint ?? endpoint ?? `https://s3.${region}.amazonaws.com`);
  return `${url.protocol}//${pathStyle ? "" : `${bucket}.`}${url.host}`;
}
