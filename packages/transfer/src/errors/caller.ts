import { TransferError, type TransferErrorOptions } from "./transfer-error.js";

/** An option is out of its range, or not of its type. Nothing was sent. */
export class InvalidOptionError extends TransferError {
  readonly code = "INVALID_OPTION";
  /** The option's name, or the parameter's. */
  readonly option: string;
  /** What it was, as text. */
  readonly given: string;
  /** What it must be, as a part of a sentence. */
  readonly wanted: string;
  constructor(option: string, given: unknown, wanted: string) {
    const shown = typeof given === "string" ? JSON.stringify(given) : String(given);
    super(`${option} must be ${wanted}, but is ${shown}.`);
    this.option = option;
    this.given = shown;
    this.wanted = wanted;
  }
}

/** The package does not run on this runtime. Nothing was sent. */
export class RuntimeUnsupportedError extends TransferError {
  readonly code = "RUNTIME_UNSUPPORTED";
  constructor(runtime: string) {
    super(`@img/node-fs does not run on ${runtime}.`, {
      advice: "Run it on Node 20.15 or later. @img/core, the client without transfers, runs there.",
    });
  }
}

/** The image is empty, or larger than the 128 GiB that the service keeps. Nothing was sent. */
export class ImageSizeError extends TransferError {
  readonly code = "IMAGE_SIZE";
  /** How large it is; Infinity or NaN where that is what was said. */
  readonly sizeBytes: number;
  /**
   * @param imageId Of the image of which the service says so; null for a file that is to be uploaded.
   * @param what Where there is more to say of the file.
   */
  constructor(sizeBytes: number, imageId: string | null = null, what?: string) {
    super(...(imageId === null ? ofFile(sizeBytes, what) : ofImage(imageId, sizeBytes)));
    this.sizeBytes = sizeBytes;
  }
}

type Said = [what: string, options?: TransferErrorOptions];

const ofFile = (sizeBytes: number, what?: string): Said =>
  sizeBytes === 0
    ? [
        "The file is empty. An image has at least 1 byte.",
        { advice: "Check that it was written completely." },
      ]
    : [what ?? `An image has from 1 byte to 128 GiB, but this one has ${sizeBytes} bytes.`];

const ofImage = (imageId: string, sizeBytes: number): Said => [
  `The service says that image ${imageId} has ${sizeBytes} bytes, but an image has from 1 byte to 128 GiB.`,
  { advice: "Upload it again." },
];

/** The source cannot be used: missing, not a regular file, unreadable. Nothing was sent. */
export class SourceUnusableError extends TransferError {
  readonly code = "SOURCE_UNUSABLE";
}

/** The source is no longer what it was when the upload began. The image was not completed. */
export class SourceChangedError extends TransferError {
  readonly code = "SOURCE_CHANGED";
  constructor(what: string, options?: ErrorOptions) {
    super(`The source changed: ${what}.`, {
      advice:
        'Try again first: if only metadata changed, what was sent is kept. Otherwise restore the original file, or start over with ifSourceChanged "restart".',
      ...options,
    });
  }
}

/** `check: "strict"`, and the disk may not boot. Nothing was created. */
export class CheckFailedError extends TransferError {
  readonly code = "CHECK_FAILED";
  /** The finding's code, such as `NO_EFI_PARTITION`. */
  readonly finding: string;
  constructor(finding: string, what: string, advice: string) {
    super(what, { advice });
    this.finding = finding;
  }
}
