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
  /** Only `v2`: deleted images too. The service's default is false. */
  includeDeleted?: boolean | undefined;
  /** Only preview: whose images. @default the client's `workspace` */
  workspace?: string | undefined;
  /** Only preview: the images of these ids alone, at least one. */
  id?: string[] | undefined;
}

/** One page of a list. */
export interface ListImagesResponse {
  /** The page. */
  result: ImageList;
}

/** Which image. */
interface ImageNamed {
  /** An id; in preview also a name or a resource path. */
  id: string;
}

/** Which image; in preview an id or a resource path, but not a name. */
export type FetchImageRequest = ImageNamed;
/** Which image. */
export type DeleteImageRequest = ImageNamed;
/** Which image. */
export type DownloadImageRequest = ImageNamed;
/** Which image. */
export type RevokeImageRequest = ImageNamed;
/** Which image. */
export type ReinstateImageRequest = ImageNamed;

/** Which image, and its digest. */
export interface CompleteImageUploadRequest extends ImageNamed {
  /** The digest. */
  body: CompleteUploadRequest;
}

/** Which image, and which part. */
export interface CreateImageUploadPartUrlRequest extends ImageNamed {
  /** The part's number. */
  body: UploadPartRequest;
}
