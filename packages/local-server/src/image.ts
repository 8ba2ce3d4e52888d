/** How far an image is; each state carries what exists only then. */
export type ImageState =
  | { readonly at: "started" }
  | { readonly at: "uploading" }
  | {
      readonly at: "completed";
      readonly sha256: string;
      readonly imageBytes: number;
      readonly etag: string;
      readonly completedAtSec: number;
    }
  | { readonly at: "failed" };

/** What the server knows of an image, but for where its bytes are. */
export interface ImageRecord {
  readonly id: string;
  /** The account whose token created it. */
  readonly account: string;
  readonly name: string;
  readonly createdAtSec: number;
  /** Strictly rises from image to image, also when the clock goes back: "newest first" is by this. */
  readonly order: number;
  readonly state: ImageState;
  readonly deleted: boolean;
}

export type CompletedImage = ImageRecord & {
  readonly state: Extract<ImageState, { at: "completed" }>;
};

export const isCompleted = (image: ImageRecord): image is CompletedImage =>
  image.state.at === "completed";

/** Still takes parts. */
export const isOpen = (image: ImageRecord): boolean =>
  !image.deleted && (image.state.at === "started" || image.state.at === "uploading");
