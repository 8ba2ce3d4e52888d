import { SfcCore } from "@img/core/core.js";
import { imagesList } from "@img/core/funcs/images-list.js";

/** A signed-in session. */
export interface Session {
  readonly client: SfcCore;
  /** A client for the preview version of the API, for calls that only that version has. */
  readonly preview: SfcCore;
}

const key = "img token";

/** The URL of the API, which is at the page's own origin. */
export const serverURL: string = new URL(".", document.baseURI).href.replace(/\/$/, "");

/** Returns the session whose token this tab remembers; a password manager may keep it longer. */
export function rememberedSession(): Session | null {
  const token = sessionStorage.getItem(key);
  return token === null ? null : sessionOf(token);
}

const sessionOf = (token: string): Session => ({
  client: new SfcCore({ serverURL, bearerAuth: token }),
  preview: new SfcCore({ serverURL, bearerAuth: token, apiVersion: "preview" }),
});

/** Checks the token by listing images. Rejects with the error of that call. */
export async function signIn(token: string): Promise<Session> {
  const session = sessionOf(token);
  const { error } = await imagesList(session.client, { limit: 1 });
  if (error !== undefined) throw error;
  sessionStorage.setItem(key, token);
  return session;
}

/** Removes the one-time code from the page's address and returns it; null if there is none. */
export function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code !== null) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

/** Exchanges a one-time code for the token. Rejects if the server does not accept the code any more. */
export async function signInByCode(code: string): Promise<Session> {
  const headers = { Authorization: `Code ${code}` };
  const answer = await fetch(`${serverURL}/sign-in`, { method: "POST", headers });
  if (!answer.ok) {
    throw new Error(
      "This sign-in link was used already, or is older than five minutes. Enter the token.",
    );
  }
  const { token } = (await answer.json()) as { token: string };
  return signIn(token);
}

export function signOut(): void {
  sessionStorage.removeItem(key);
  location.reload();
}
