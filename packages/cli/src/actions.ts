/**
 * What the commands do, as one to load: each further file costs more than what it would leave out.
 * Of `serve`, which loads a server, this does not hold.
 */
export { checkFile } from "./check-file.js";
export { convertFile } from "./convert-file.js";
export { deleteImage } from "./delete-image.js";
export { examine } from "./doctor.js";
export { downloadToStdout } from "./download-stdout.js";
export { downloadToFile } from "./download-to-file.js";
export { forgetTransfer } from "./forget-transfer.js";
export { listImages } from "./list-images.js";
export { resumeTransfers } from "./resume-transfers.js";
export { reinstateImage, revokeImage } from "./revoke-image.js";
export { showImage } from "./show-image.js";
export { listTransfers } from "./transfers.js";
export { uploadFiles } from "./upload-files.js";
export { uploadStdin } from "./upload-stdin.js";
export { verifyFile } from "./verify-file.js";
