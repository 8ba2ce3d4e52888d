import { button, element } from "./element.js";

/** A question before something that cannot be undone. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** The label of the button that does it. */
  readonly yes: string;
  /** The label of the button that cancels, which has the focus. */
  readonly no: string;
}

/** Asks the user, and resolves to the answer. Escape means no. */
export function confirmed({ title, text, yes, no }: Question): Promise<boolean> {
  const dialog = element("dialog", { "aria-labelledby": "question" });
  const close = (answer: string): void => dialog.close(answer);
  dialog.append(
    element("h2", { id: "question" }, title),
    element("p", {}, text),
    element(
      "div",
      { class: "buttons" },
      button(no, () => close("no"), { autofocus: true }),
      button(yes, () => close("yes"), { class: "danger" }),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
