import { attempt, tellProblem } from "./attempt.js";
import { button, element } from "./element.js";
import { urlForm } from "./url-form.js";
import { chooseFiles, droppedFiles, type Chosen } from "./files.js";

type Take = (files: readonly Chosen[]) => Promise<void>;

/** Makes the area for choosing files. They may be dropped anywhere on the page. */
export function dropZone(take: Take): HTMLElement {
  takeDrops(take);
  return element(
    "div",
    { class: "drop" },
    element("p", { class: "drop-title" }, "Drop disk images anywhere on this page"),
    element(
      "p",
      { class: "quiet" },
      "Raw, qcow2, VMDK, VHD, VHDX or VDI, up to 128 GiB each. An interrupted upload resumes where it stopped.",
    ),
    button("Choose files", async () => take(await chooseFiles(true)), { class: "primary choose" }),
    urlForm(take),
  );
}

function takeDrops(take: Take): void {
  const over = (isOver: boolean) => (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dragging", isOver);
  };
  document.addEventListener("dragover", over(true));
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) over(false)(event);
  });
  document.addEventListener("drop", (event) => {
    over(false)(event);
    const { dataTransfer } = event;
    if (dataTransfer === null) return;
    void attempt(async () => {
      const { files, folders } = await droppedFiles(dataTransfer);
      await take(files);
      if (folders.length > 0) tellProblem(`Folders cannot be uploaded: ${folders.join(", ")}`);
    });
  });
}
