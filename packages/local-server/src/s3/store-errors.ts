import { answerOf } from "./store-answer.js";

/**
 * The bucket cannot be used: it does not exist, belongs to another account, or does not answer. The message
 * says which.
 */
export class BucketUnusableError extends Error {
  override readonly name = "BucketUnusableError";
  /** The code, for a `switch`; it never changes. */
  readonly code = "BUCKET_UNUSABLE";
}

/** A bucket needs the AWS SDK, an optional dependency. Install it, or keep the images in a folder. */
export class SdkMissingError extends Error {
  override readonly name = "SdkMissingError";
  /** The code, for a `switch`; it never changes. */
  readonly code = "SDK_MISSING";

  constructor(options: ErrorOptions) {
    super(
      "A server on a bucket needs the AWS SDK, which is not installed. Install @aws-sdk/client-s3 and @aws-sdk/s3-request-presigner.",
      options,
    );
  }
}

/** The store does not obey conditional writes, by which several servers agree. */
export class ConditionalWritesError extends Error {
  override readonly name = "ConditionalWritesError";
  /** The code, for a `switch`; it never changes. */
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
  /** The code, for a `switch`; it never changes. */
  readonly code = "STORE_UNFIT";

  constructor(need: string, options?: ErrorOptions) {
    super(`The store cannot be used for images. It must be able to ${need}.`, options);
  }
}

/** Runs something that the server needs of the store. @throws {StoreUnfitError} The store refuses it. */
export async function needs<T>(need: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const answer = answerOf(error);
    // A store that is busy or cannot be reached may still support it.
    if (answer === undefined || [429, 500, 502, 503, 504].includes(answer.status)) throw error;
    const told = `${need}; it answered ${answer.status} ${answer.code}`;
    throw new StoreUnfitError(told, { cause: error });
  }
}
