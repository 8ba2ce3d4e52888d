/** Which bucket, and how it is reached; credentials are the environment's (`AWS_*`), never options. */
export interface S3Location {
  readonly bucket: string;
  /** Before every key: "" or ending in a slash. */
  readonly prefix: string;
  /** Undefined is AWS's own. */
  readonly endpoint: string | undefined;
  /** By what name clients reach the store, where that is another. */
  readonly publicEndpoint: string | undefined;
  /** Undefined: the profile's. */
  readonly region: string | undefined;
  /** `https://endpoint/bucket/key`, and not `https://bucket.endpoint/key`. */
  readonly pathStyle: boolean;
  /** This is the only server, and conditional writes are not needed. */
  readonly singleServer: boolean;
}

/** Where clients, and so pages, reach the bucket's objects: for a page's `connect-src`. */
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
