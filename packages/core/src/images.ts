import { SfcCore } from "./core.js";
import { imagesCompleteUpload } from "./images-complete-upload.js";
import { imagesDelete } from "./images-delete.js";
import { imagesDownload } from "./images-download.js";
import { imagesFetch } from "./images-fetch.js";
import { imagesList, type ImagePage } from "./images-list.js";
import { imagesReinstate, imagesRevoke } from "./images-revoke-reinstate.js";
import { imagesStartUpload } from "./images-start-upload.js";
import { imagesUploadPart } from "./images-upload-part.js";
import type {
  DeleteImageResponse,
  ImageDownloadResponse,
  ImageListEntry,
  ImageUploadResponse,
  StartUploadRequest,
  UploadPartResponse,
} from "./models.js";
import type {
  CompleteImageUploadRequest,
  CreateImageUploadPartUrlRequest,
  DeleteImageRequest,
  DownloadImageRequest,
  FetchImageRequest,
  ListImagesRequest,
  ReinstateImageRequest,
  RevokeImageRequest,
} from "./operation-models.js";
import type { RequestOptions } from "./options.js";
import { unwrapAsync } from "./result.js";

/** The operations on images, each rejecting with what its function has as `error`. `new Images(options)` is a client, too. */
export class Images extends SfcCore {
  /**
   * Lists one's own images, newest first: a page that is also an async iterable of pages.
   *
   * @throws {SDKValidationError} The input is invalid; nothing was sent.
   * @throws {SfcError | HTTPClientError} The service refuses, or no usable answer came.
   */
  async list(request?: ListImagesRequest, options?: RequestOptions): Promise<ImagePage> {
    return unwrapAsync<ImagePage>(imagesList(this, request, options));
  }

  /**
   * Creates an image and starts its upload. A `ConflictError` means that the name is taken.
   *
   * @throws {SDKValidationError} The input is invalid; nothing was sent.
   * @throws {SfcError | HTTPClientError} The service refuses, or no usable answer came.
   */
  async startUpload(
    request: StartUploadRequest,
    options?: RequestOptions,
  ): Promise<ImageUploadResponse> {
    return unwrapAsync(imagesStartUpload(this, request, options));
  }

  /**
   * Gets an image by its id: one's own, or anybody's public one.
   *
   * @throws {SDKValidationError} The input is invalid; nothing was sent.
   * @throws {SfcError | HTTPClientError} The service refuses, or no usable answer came.
   */
  async fetch(request: FetchImageRequest, options?: RequestOptions): Promise<ImageListEntry> {
    return unwrapAsync(imagesFetch(this, request, options));
  }

  /**
   * Deletes an image, softly; its name is free again. Of an unfinished upload, this is the abort.
   *
   * @throws {SDKValidationError} The input is invalid; nothing was sent.
   * @throws {SfcError | HTTPClientError} The service refuses, or no usable answer came.
   */
  async delete(
    request: DeleteImageRequest,
    options?: RequestOptions,
  ): Promise<DeleteImageResponse> {
    return unwrapAsync(imagesDelete(this, request, options));
  }

  /**
   * Gets a presigned URL to `PUT` one part to. Sending a part again replaces it.
   *
   * @throws {SDKValidationError} The input is invalid; nothing was sent.
   * @throws {SfcError | HTTPClientError} The service refuses, or no usable answer came.
   */
  async uploadPart(
    request: CreateImageUploadPartUrlRequest,
    options?: RequestOptions,
  ): Promise<UploadPartResponse> {
    return unwrapAsync(imagesUploadPart(this, request, options));
  }

  /**
   * Ends an upload once every part is there. The service takes the digest on trust.
   *
   * @throws {SDKValidationError} The input is invalid; nothing was sent.
   * @throws {SfcError | HTTPClientError} The service refuses, or no usable answer came.
   */
  async completeUpload(
    request: CompleteImageUploadRequest,
    options?: RequestOptions,
  ): Promise<ImageUploadResponse> {
    return unwrapAsync(imagesCompleteUpload(this, request, options));
  }

  /**
   * Gets a presigned URL to read an image from: one's own, or anybody's public one.
   *
   * @throws {SDKValidationError} The input is invalid; nothing was sent.
   * @throws {SfcError | HTTPClientError} The service refuses, or no usable answer came.
   */
  async download(
    request: DownloadImageRequest,
    options?: RequestOptions,
  ): Promise<ImageDownloadResponse> {
    return unwrapAsync(imagesDownload(this, request, options));
  }

  /**
   * Stops new instances from using an image; running ones are not affected. Only in preview.
   *
   * @throws {SDKValidationError} The input is invalid; nothing was sent.
   * @throws {SfcError | HTTPClientError} The service refuses, or no usable answer came.
   */
  async revoke(request: RevokeImageRequest, options?: RequestOptions): Promise<ImageListEntry> {
    return unwrapAsync(imagesRevoke(this, request, options));
  }

  /**
   * Lets new instances use a revoked image again. Only in preview.
   *
   * @throws {SDKValidationError} The input is invalid; nothing was sent.
   * @throws {SfcError | HTTPClientError} The service refuses, or no usable answer came.
   */
  async reinstate(
    request: ReinstateImageRequest,
    options?: RequestOptions,
  ): Promise<ImageListEntry> {
    return unwrapAsync(imagesReinstate(this, request, options));
  }
}
