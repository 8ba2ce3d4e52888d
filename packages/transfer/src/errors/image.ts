import { TransferError } from "./transfer-error.js";

/** How a service and a workspace were named when an upload began. */
export interface KnownAs {
  /** The API's own URL. */
  readonly server: string;
  /** An id or a path; null where none was named. */
  readonly workspace: string | null;
}

function howToResume({ server, workspace }: KnownAs): string {
  const where = workspace === null ? "" : `, workspace ${workspace}`;
  const flag = workspace === null ? "without a workspace" : `--workspace ${workspace}`;
  return `An unfinished upload of this image is known for ${server}${where}; to resume it, pass --server ${server}, ${flag}.`;
}

/** A live image of another upload has this name. */
export class NameTakenError extends TransferError {
  readonly code = "NAME_TAKEN";
  /** The name that was asked for. */
  readonly imageName: string;
  /** The id of the image that has it; null if it could not be found. */
  readonly imageId: string | null;
  /** That image's state, such as "completed"; null if it could not be found. */
  readonly uploadStatus: string | null;
  /**
   * The unfinished upload of that very image, where one is known under another server URL or workspace; else
   * null. It is not resumed unless these are given.
   */
  readonly knownAs: KnownAs | null;
  constructor(
    imageName: string,
    image: { id: string; uploadStatus: string } | null,
    knownAs: KnownAs | null = null,
  ) {
    const which =
      image === null ? "another image" : `image ${image.id}, which is ${image.uploadStatus}`;
    const resume = knownAs === null ? "" : `${howToResume(knownAs)} `;
    super(`The name "${imageName}" is taken by ${which}.`, {
      advice: `${resume}Choose another name, delete that image, or see ifNameTaken.`,
    });
    this.knownAs = knownAs;
    this.imageName = imageName;
    this.imageId = image?.id ?? null;
    this.uploadStatus = image?.uploadStatus ?? null;
  }
}

/** The service says that this image failed. */
export class ImageFailedError extends TransferError {
  readonly code = "IMAGE_FAILED";
  /** The id of the image that failed. */
  readonly imageId: string;
  /** @param startOver How a new upload is begun, as a sentence; empty where nothing is uploaded. */
  constructor(imageId: string, startOver: string) {
    super(`The service marked image ${imageId} as failed.`, { advice: startOver });
    this.imageId = imageId;
  }
}

/**
 * The service refuses to complete the image, although every part has arrived as far as the journal
 * knows. Trying again changes nothing. `cause` is the client's typed error.
 */
export class CompleteRefusedError extends TransferError {
  readonly code = "COMPLETE_REFUSED";
  /** The id of the image, which is still there and unfinished. */
  readonly imageId: string;
  /** @param startOver How a new upload is begun, as a sentence. */
  constructor(imageId: string, why: string, startOver: string, options?: ErrorOptions) {
    const what = `The service refuses to complete image ${imageId}, of which every part was sent`;
    super(`${what}: ${why.replace(/\.$/, "")}.`, { advice: startOver, ...options });
    this.imageId = imageId;
  }
}

/** The object store has let go of the upload, although the service still waits for its parts. */
export class UploadLostError extends TransferError {
  readonly code = "UPLOAD_LOST";
  /** The id of the image, which is still there and unfinished. */
  readonly imageId: string;
  /** @param startOver How a new upload is begun, as a sentence. */
  constructor(imageId: string, startOver: string, options?: ErrorOptions) {
    const what = `The object store no longer knows the upload of image ${imageId}`;
    super(`${what}, and so has none of its parts.`, { advice: startOver, ...options });
    this.imageId = imageId;
  }
}

/** The image of this transfer is not there any more: deleted, or never this account's. */
export class ImageGoneError extends TransferError {
  readonly code = "IMAGE_GONE";
  /** The id that the image had. */
  readonly imageId: string;
  /** @param startOver How a new upload is begun, as a sentence; empty where nothing is uploaded. */
  constructor(imageId: string, startOver: string, options?: ErrorOptions) {
    super(`Image ${imageId} is gone: it was deleted, or belongs to another account.`, {
      advice: startOver,
      ...options,
    });
    this.imageId = imageId;
  }
}

/** No image has this id or name. */
export class ImageNotFoundError extends TransferError {
  readonly code = "IMAGE_NOT_FOUND";
  constructor(idOrName: string, options?: ErrorOptions) {
    super(`No image has the id or name "${idOrName}".`, options);
  }
}

/** The image cannot be downloaded in the state that it is in. */
export class ImageNotReadyError extends TransferError {
  readonly code = "IMAGE_NOT_READY";
  constructor(imageId: string, options?: ErrorOptions) {
    super(`Image ${imageId} cannot be downloaded: it is not complete, or it is revoked.`, {
      advice: "Finish its upload, or reinstate it.",
      ...options,
    });
  }
}

/** The stored image is no longer the one whose download began. The next run starts over. */
export class ImageChangedError extends TransferError {
  readonly code = "IMAGE_CHANGED";
  constructor(what: string) {
    super(`The image changed while it was downloaded: ${what}.`, {
      advice: "Run the download again.",
    });
  }
}

/** A verification: the stored image is not the same as the file. Nothing was changed. */
export class ImageDiffersError extends TransferError {
  readonly code = "IMAGE_DIFFERS";
  /** The id of the image that is not the file. */
  readonly imageId: string;
  constructor(imageId: string, file: string, how: string) {
    super(`Image ${imageId} is not what ${file} holds: ${how}.`);
    this.imageId = imageId;
  }
}

/**
 * The bytes have another SHA-256: of a download or of an image that was read back, than the service reports; of an upload,
 * than the caller expects. The target of a download is untouched.
 */
export class DigestMismatchError extends TransferError {
  readonly code = "DIGEST_MISMATCH";
  /** What it has to be: 64 lower-case hex digits. */
  readonly wantedSha256: string;
  /** What it is: 64 lower-case hex digits. */
  readonly gotSha256: string;
  constructor(what: string, wantedSha256: string, gotSha256: string, advice?: string) {
    super(
      `${what} has SHA-256 ${gotSha256}, not ${wantedSha256}.`,
      advice === undefined ? {} : { advice },
    );
    this.wantedSha256 = wantedSha256;
    this.gotSha256 = gotSha256;
  }
}
