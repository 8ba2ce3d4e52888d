import type {
  CompleteUploadRequest,
  ListImagesResponse as ImageList,
  UploadPartRequest,
} from "./models.js";

/** Which images, and how many. */
export interface ListImagesRequest {
  /** How many images a page has at most: 1 to 200. The service's default is 50. */
  limit?: number | undefined;
  /** The `cursor` of an earlier page: what is older than it. */
  startingAfter?: string | undefined;
  /** The `cursor` of an earlier page: what is newer than it. With both, what lies between. */
  endingBefore?: string | undefined;
  /** Deleted images too. The service's default is false. */
  includeDeleted?: boolean | undefined;
}

/** One page of a list. */
export interface ListImagesResponse {
  /** The page. */
  result: ImageList;
}

/** Which image. */
export interface FetchImageRequest {
  /** `image_` and 1 to 21 of `[0-9A-Za-z_-]`. */
  id: string;
}

/** Which image. */
export interface DeleteImageRequest {
  /** `image_` and 1 to 21 of `[0-9A-Za-z_-]`. */
  id: string;
}

/** Which image. */
export interface DownloadImageRequest {
  /** `image_` and 1 to 21 of `[0-9A-Za-z_-]`. */
  id: string;
}

/** Which image, and its digest. */
export interface CompleteImageUploadRequest {
  /** `image_` and 1 to 21 of `[0-9A-Za-z_-]`. */
  id: string;
  /** The digest. */
  body: CompleteUploadRequest;
}

/** Which image, and which part. */
export interface CreateImageUploadPartUrlRequest {
  /** `image_` and 1 to 21 of `[0-9A-Za-z_-]`. */
  id: string;
  /** The part's number. */
  body: UploadPartRequest;
}
