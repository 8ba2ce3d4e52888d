import { answerOf } from "./store-answer.js";

/** The bucket can't be used: it is not there, not ours, or nobody answers. The message says which. */
export class BucketUnusableError extends Error {
  override readonly name = "BucketUnusableError";
  /** For a `switch`; it stays from version to version. */
  readonly code = "BUCKET_UNUSABLE";
}

/** A bucket needs the AWS SDK, an optional dependency. Install it, or keep the images in a folder. */
export class SdkMissingError extends Error {
  override readonly name = "SdkMissingError";
  /** For a `switch`; it stays from version to version. */
  readonly code = "SDK_MISSING";

  constructor(options: ErrorOptions) {
    super(
      "A server on a bucket needs the AWS SDK, which is not installed. Install @aws-sdk/client-s3 and @aws-sdk/s3-request-presigner.",
      options,
    );
  }
}

/** The store doesn't keep to conditional writes, by which several servers agree. */
export class ConditionalWritesError extends Error {
  override readonly name = "ConditionalWritesError";
  /** For a `switch`; it stays from version to version. */
  readonly code = "CONDITIONAL_WRITES";

  constructor() {
    super(
      "The store ignores or refuses conditional writes (If-None-Match, If-Match), so that two servers could give one name to two images. Where this is the only server of the bucket, say so: --single-server, or the option singleServer.",
    );
  }
}

/** The store lacks something that the server needs. The message names it: use another store, or change its settings. */
export class StoreUnfitError extends Error {
  override readonly name = "StoreUnfitError";
  /** For a `switch`; it stays from version to version. */
  readonly code = "STORE_UNFIT";

  constructor(need: string, options?: ErrorOptions) {
    super(`The store cannot be used for images. It must be able to ${need}.`, options);
  }
}

/** Runs what needs something of the store. @throws {StoreUnfitError} The store refuses it. */
export async function needs<T>(need: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const answer = answerOf(error);
    // One that is busy, or gone, may still be able to.
    if (answer === undefined || [429, 500, 502, 503, 504].includes(answer.status)) throw error;
    const told = `${need}; it answered ${answer.status} ${answer.code}`;
    throw new StoreUnfitError(told, { cause: error });
  }
}
