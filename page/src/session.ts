import { SfcCore } from "@img/core/core.js";
import { imagesList } from "@img/core/funcs/images-list.js";

/** Somebody who is signed in. */
export interface Session {
  readonly client: SfcCore;
  /** Speaks the preview version of the API, for the calls that only that one has. */
  readonly preview: SfcCore;
}

const key = "img token";

/** Where the page is served is where the API is. */
export const serverURL: string = new URL(".", document.baseURI).href.replace(/\/$/, "");

/** The token lives as long as the tab: a password manager may know it for longer. */
export function rememberedSession(): Session | null {
  const token = sessionStorage.getItem(key);
  return token === null ? null : sessionOf(token);
}

const sessionOf = (token: string): Session => ({
  client: new SfcCore({ serverURL, bearerAuth: token }),
  preview: new SfcCore({ serverURL, bearerAuth: token, apiVersion: "preview" }),
});

/** Tries the token. Rejects with what the server, or the way there, did. */
export async function signIn(token: string): Promise<Session> {
  const session = sessionOf(token);
  const { error } = await imagesList(session.client, { limit: 1 });
  if (error !== undefined) throw error;
  sessionStorage.setItem(key, token);
  return session;
}

/** Takes the one-time code out of the page's address, where nobody shall find it; null if there is none. */
export function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code !== null) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

/** Exchanges a one-time code for the token. Rejects if the server takes it no more. */
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
