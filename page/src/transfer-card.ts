import type { Finding } from "@img/browser-blob";
import { cardButtons, isNoticeOffered, isRenamable, type CardActions } from "./card-buttons.js";
import { element, say } from "./element.js";
import { isImageName } from "./image-name.js";
import { PartsMap } from "./parts-map.js";
import { RateGraph } from "./rate-graph.js";
import { shortenedName } from "./shortened-name.js";
import { countsOf, factsOf } from "./transfer-facts.js";
import { stateText } from "./transfer-text.js";
import type { Transfer } from "./transfer.js";

/** The card of one transfer: its name, bar, rate, parts and buttons. */
export class TransferCard {
  readonly node: HTMLElement;
  readonly #transfer: Transfer;
  readonly #actions: CardActions;
  readonly #name = element("span", { class: "name" });
  readonly #input = element("input", {
    maxlength: "255",
    spellcheck: "false",
    autocapitalize: "off",
  });
  readonly #state = element("span", { class: "state" });
  readonly #bar = element("progress", { max: "1000", value: "0" });
  readonly #facts = element("p", { class: "facts" });
  readonly #findings = element("ul", { class: "findings" });
  readonly #news = element("p", { class: "visually-hidden", role: "status" });
  readonly #problem = element("p", { class: "problem", role: "alert" });
  readonly #buttons = element("div", { class: "buttons" });
  readonly #pictures = element("div", { class: "pictures" });
  readonly #graph = new RateGraph();
  readonly #map = new PartsMap();
  #shown = "";
  #shownFindings: readonly Finding[] = [];

  constructor(transfer: Transfer, actions: CardActions) {
    this.#transfer = transfer;
    this.#actions = actions;
    const { kind } = transfer.task;
    const arrow = element(
      "span",
      { class: "arrow", "aria-hidden": "true" },
      kind === "upload" ? "↑" : "↓",
    );
    this.#input.addEventListener("input", () => transfer.rename(this.#input.value));
    this.#input.addEventListener("keydown", ({ key }) => {
      if (key === "Enter" && isImageName(this.#input.value)) actions.start(transfer);
    });
    this.#pictures.append(element("div", { class: "map" }, this.#map.node), this.#graph.node);
    this.node = element(
      "li",
      { class: "card transfer" },
      element("header", {}, element("h3", {}, arrow, this.#name, this.#input), this.#state),
      this.#bar,
      this.#facts,
      this.#pictures,
      this.#findings,
      this.#problem,
      this.#news,
      this.#buttons,
    );
    transfer.onChange = () => this.show();
    // Only draws: changing the card's text would change its size again.
    new ResizeObserver(() => this.draw()).observe(this.node);
    this.show();
  }

  /** Focuses the name if it can be changed, else the first button. */
  focus(): void {
    if (!this.#input.hidden) this.#input.select();
    else this.#buttons.querySelector<HTMLElement>("button:enabled")?.focus();
  }

  show(): void {
    const transfer = this.#transfer;
    const { state, task } = transfer;
    const { movedBytes, sizeBytes } = countsOf(transfer);
    this.#bar.value = sizeBytes === 0 ? 0 : (movedBytes / sizeBytes) * 1000;
    this.#bar.hidden = this.#pictures.hidden = sizeBytes === 0;
    say(this.#facts, factsOf(transfer));
    this.draw();
    const isOut = state.at === "running" && transfer.progress?.outage !== undefined;
    const shown = JSON.stringify([
      state,
      task.name,
      transfer.missingFile,
      isOut,
      isNoticeOffered(transfer),
    ]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.node.dataset["state"] = state.at;
    this.node.dataset["name"] = task.name;
    const text = isOut ? "Waiting for the server" : stateText(state, task.kind);
    this.node.toggleAttribute("data-outage", isOut);
    say(this.#state, text);
    say(this.#news, `${task.name}: ${text}`);
    say(this.#problem, this.#problemText());
    this.#bar.setAttribute("aria-label", `${text} ${task.name}`);
    this.#showName();
    this.#showFindings();
    this.#showButtons();
  }

  /** Redraws the pictures, for example in another colour scheme. */
  draw(): void {
    const { state, rates } = this.#transfer;
    this.#map.draw(countsOf(this.#transfer).parts);
    this.#graph.draw(state.at === "running" ? rates : []);
  }

  #problemText(): string {
    const { state, task } = this.#transfer;
    const why = "why" in state ? (state.why ?? "") : "";
    if (!isRenamable(this.#transfer) || isImageName(task.name)) return why;
    if (task.name === "")
      return "Give the image a name: that of the file has no letters from A to Z.";
    return "A name has letters, digits, “.”, “_” and “-”, and begins with a letter or digit.";
  }

  #showName(): void {
    const { name } = this.#transfer.task;
    const isInput = isRenamable(this.#transfer);
    const becomesInput = isInput && this.#input.hidden;
    this.#input.hidden = !isInput;
    this.#name.hidden = isInput;
    this.#name.replaceChildren(shortenedName(name));
    this.#input.setAttribute("aria-label", `Name of the image`);
    this.#input.setAttribute("aria-invalid", String(!isImageName(name)));
    if (this.#input.value !== name) this.#input.value = name;
    if (becomesInput && this.node.contains(document.activeElement)) this.#input.select();
  }

  #showFindings(): void {
    const findings = this.#transfer.inspected?.findings ?? [];
    this.#findings.hidden = findings.length === 0;
    if (findings === this.#shownFindings) return;
    this.#shownFindings = findings;
    this.#findings.replaceChildren(
      ...findings.map(({ severity, message, advice }) =>
        element("li", { class: severity }, `${message} ${advice}`),
      ),
    );
  }

  #showButtons(): void {
    const hadFocus = this.#buttons.contains(document.activeElement);
    this.#buttons.replaceChildren(...cardButtons(this.#transfer, this.#actions));
    if (hadFocus) this.focus();
  }
}
