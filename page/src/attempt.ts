import { errorText } from "./words.js";

let show: (why: string | null) => void = () => undefined;

/** Sets how problems are shown. @param shower Shows a problem to the user; null: there is none any more. */
export function showProblemsBy(shower: (why: string | null) => void): void {
  show = shower;
}

export function tellProblem(why: string): void {
  show(why);
}

/** Does what the user asked for. If that fails, shows why. */
export async function attempt(work: () => unknown): Promise<void> {
  show(null);
  try {
    await work();
  } catch (error) {
    show(errorText(error));
  }
}
