// What to do about a failure, by its code:  node examples/dist/errors.js FILE
// Codes stay from version to version, messages may change. The compiler knows every code of the union,
// and what each error carries beside it.
import { isTransferError, uploadImage, type AnyTransferError } from "@img/node-fs";

const [path = "disk.img"] = process.argv.slice(2);

try {
  const { image } = await uploadImage(path);
  console.log(`${image.name} is ${image.id}`);
} catch (error) {
  if (!isTransferError(error)) throw error; // a bug, or the reason of a signal
  console.log(`${error.code}: ${advice(error)}`);
  process.exitCode = 1;
}

function advice(error: AnyTransferError): string {
  switch (error.code) {
    case "SOURCE_UNUSABLE":
    case "IMAGE_SIZE":
    case "INVALID_OPTION":
      return `correct the call: ${error.message}`;
    case "NOT_AUTHORIZED":
      return "get a new token, then call again";
    case "NAME_TAKEN":
      return error.uploadStatus === "completed"
        ? `image ${error.imageId ?? "?"} is complete: if it may be this very file, ifNameTaken "accept-same"`
        : 'its upload was never finished: ifNameTaken "replace-unfinished" starts over';
    case "SOURCE_CHANGED":
      return 'the file changed: ifSourceChanged "restart" starts over';
    case "TRANSFER_LOCKED":
      return `process ${error.holder?.pid ?? "?"} works on it: wait`;
    case "NO_PROGRESS":
    case "JOURNAL_IO":
    case "DIGEST_FAILED":
      return "what has arrived is kept: call again later";
    default:
      return error.message;
  }
}
