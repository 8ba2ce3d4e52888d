import { button, element, say } from "./element.js";
import { PartsMap, type PartCounts } from "./parts-map.js";
import { RateGraph } from "./rate-graph.js";
import type { Transfer, TransferState } from "./transfer.js";
import { bytes } from "./words.js";

import { doneText, runningText } from "./transfer-text.js";

/** What a card's buttons do. */
export interface CardActions {
  /** Asks for the file, or for the right to read it, and then runs it. */
  resume(transfer: Transfer): Promise<void>;
  remove(transfer: Transfer): Promise<void>;
  /** Offers a finished download that is in the browser's own storage to the user. */
  save(transfer: Transfer): Promise<void>;
}

/** One transfer: its bar, rate, parts and buttons. */
export class TransferCard {
  readonly node: HTMLElement;
  readonly #transfer: Transfer;
  readonly #actions: CardActions;
  readonly #bar = element("progress", { max: "1000", value: "0" });
  readonly #facts = element("p", { class: "facts" });
  readonly #state = element("span", { class: "state" });
  readonly #findings = element("ul", { class: "findings", hidden: true });
  readonly #news = element("p", { class: "visually-hidden", role: "status" });
  readonly #problem = element("p", { class: "problem", role: "alert", hidden: true });
  readonly #buttons = element("div", { class: "buttons" });
  readonly #graph = new RateGraph();
  readonly #map = new PartsMap();
  #shown: TransferState | null = null;

  constructor(transfer: Transfer, actions: CardActions) {
    this.#transfer = transfer;
    this.#actions = actions;
    const { name, kind } = transfer.task;
    this.#bar.setAttribute("aria-label", `${kind} of ${name}`);
    const arrow = element(
      "span",
      { class: "arrow", "aria-hidden": "true" },
      kind === "upload" ? "↑" : "↓",
    );
    const title = element("h3", {}, arrow, element("span", { class: "name", title: name }, name));
    this.node = element(
      "li",
      { class: "card transfer", "data-name": name },
      element("header", {}, title, this.#state),
      this.#bar,
      this.#facts,
      element(
        "div",
        { class: "pictures" },
        element("div", { class: "map" }, this.#map.node),
        this.#graph.node,
      ),
      this.#findings,
      this.#problem,
      this.#news,
      this.#buttons,
    );
    transfer.onChange = () => this.show();
    // Only what is drawn: to change what stands on the card would change its size again.
    new ResizeObserver(() => this.#draw()).observe(this.node);
    this.show();
  }

  show(): void {
    const { state } = this.#transfer;
    const at = this.#counts();
    this.#bar.value = at.sizeBytes === 0 ? 0 : (at.movedBytes / at.sizeBytes) * 1000;
    say(this.#facts, this.#factsText(at));
    this.#draw();
    this.node.dataset["state"] = state.at;
    this.#showFindings();
    if (state === this.#shown) return;
    this.#shown = state;
    say(this.#state, stateText[state.at]);
    say(this.#news, `${this.#transfer.task.name}: ${stateText[state.at]}`);
    const why = "why" in state ? state.why : "";
    this.#problem.hidden = why === "";
    say(this.#problem, why);
    this.#showButtons(state);
  }

  #draw(): void {
    const { state, rates } = this.#transfer;
    this.#map.draw(this.#counts().parts);
    this.#graph.draw(state.at === "running" ? rates : []);
  }

  #showFindings(): void {
    const { findings } = this.#transfer;
    if (this.#findings.childElementCount === findings.length) return;
    const lines = findings.map(({ severity, message, advice }) =>
      element("li", { class: severity }, `${message} ${advice}`),
    );
    this.#findings.replaceChildren(...lines);
    this.#findings.hidden = lines.length === 0;
  }

  #counts(): { movedBytes: number; sizeBytes: number; parts: PartCounts } {
    const { state, progress, known } = this.#transfer;
    if (state.at === "done" || state.at === "kept") {
      const total = progress?.partsTotal ?? 1;
      return {
        movedBytes: state.sizeBytes,
        sizeBytes: state.sizeBytes,
        parts: { done: total, underWay: 0, total },
      };
    }
    if (progress !== null) {
      const { doneBytes, inFlightBytes, sizeBytes, partsDone, partsInFlight, partsTotal } =
        progress;
      const underWay = state.at === "running" ? partsInFlight : 0;
      const movedBytes = doneBytes + (state.at === "running" ? inFlightBytes : 0);
      return { movedBytes, sizeBytes, parts: { done: partsDone, underWay, total: partsTotal } };
    }
    const { doneBytes = 0, sizeBytes = 0, partsDone = 0, partsTotal = 0 } = known ?? {};
    return {
      movedBytes: doneBytes,
      sizeBytes,
      parts: { done: partsDone, underWay: 0, total: partsTotal },
    };
  }

  #factsText({ movedBytes, sizeBytes }: { movedBytes: number; sizeBytes: number }): string {
    const { state, progress, task } = this.#transfer;
    if (state.at === "done") return doneText(state, task.kind);
    if (state.at === "kept") return `${bytes(sizeBytes)} · verified, kept in this browser`;
    if (sizeBytes === 0) return "";
    const moved = `${bytes(movedBytes)} of ${bytes(sizeBytes)}`;
    return state.at === "running" && progress !== null
      ? runningText(moved, progress, task.kind)
      : moved;
  }

  #showButtons(state: TransferState): void {
    const transfer = this.#transfer;
    const hadFocus = this.#buttons.contains(document.activeElement);
    const remove = (text: string): HTMLButtonElement =>
      button(text, () => this.#actions.remove(transfer), { class: "quiet" });
    const made: Record<TransferState["at"], () => HTMLElement[]> = {
      waiting: () => [button("Pause", () => transfer.pause())],
      running: () => [button("Pause", () => transfer.pause())],
      paused: () => [this.#resume("Resume"), remove("Remove")],
      failed: () => [...this.#rename(state), this.#resume("Try again"), remove("Remove")],
      done: () => [...this.#save(), remove(this.#transfer.isPrivate ? "Delete" : "Close")],
      kept: () => [...this.#save(), remove("Delete")],
    };
    this.#buttons.replaceChildren(...made[state.at]());
    if (hadFocus) this.#buttons.querySelector("button")?.focus();
  }

  /** Another name is the way out of one that is taken. */
  #rename(state: TransferState): HTMLElement[] {
    const { task } = this.#transfer;
    if (state.at !== "failed" || state.code !== "NAME_TAKEN" || task.kind !== "upload") return [];
    const input = element("input", {
      value: `${task.name}-2`,
      "aria-label": "Another name",
      maxlength: "255",
    });
    input.addEventListener("input", () => {
      this.#transfer.task = { ...task, name: input.value };
    });
    this.#transfer.task = { ...task, name: input.value };
    return [input];
  }

  /** Says which file the dialog asks for, where one has to be chosen. */
  #resume(text: string): HTMLElement {
    const transfer = this.#transfer;
    const { missingFile } = transfer;
    const label = missingFile === null ? text : `Choose ${missingFile} again to resume`;
    return button(label, () => this.#actions.resume(transfer), { class: "primary" });
  }

  #save(): HTMLElement[] {
    if (!this.#transfer.isPrivate) return [];
    const save = (): unknown => this.#actions.save(this.#transfer);
    return [button("Save to disk", save, { class: "primary" })];
  }
}

const stateText: Readonly<Record<TransferState["at"], string>> = {
  waiting: "waiting",
  running: "running",
  paused: "paused",
  done: "done",
  kept: "not saved yet",
  failed: "stopped",
};
