import { SdkMissingError } from "./store-errors.js";

/** The parts of the AWS SDK that a bucket needs. */
export interface Sdk {
  readonly sdk: typeof import("@aws-sdk/client-s3");
  readonly getSignedUrl: (typeof import("@aws-sdk/s3-request-presigner"))["getSignedUrl"];
}

/**
 * Loads the SDK, an optional dependency of 26 MB that a server on a folder never needs.
 *
 * @throws {SdkMissingError} It is not installed.
 */
export async function loadSdk(): Promise<Sdk> {
  try {
    const sdk = await import("@aws-sdk/client-s3");
    const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
    return { sdk, getSignedUrl };
  } catch (error) {
    throw isMissing(error) ? new SdkMissingError({ cause: error }) : error;
  }
}

/** Whether the SDK is missing. The code is that of `import`, or of `require` in a bundle. */
function isMissing(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message: string };
  return /^(ERR_)?MODULE_NOT_FOUND$/.test(String(code)) && message.includes("@aws-sdk/");
}
