// Every pattern takes time in proportion to the text: an answer of 1 MiB may be made to be slow.

// A value ends at a quote, at white space, or at a backslash that is none of JSON's ways to write a
// slash or an ampersand: the text around it must stay the JSON that it was.
const value = String.raw`(?:[^\s"'<>\\]|\\[/u])*`;
const url = new RegExp(String.raw`\b(https?:(?:\\?/){2})(${value})`, "gi");
// Where the URL around them is cut off, encoded or relative.
const names = String.raw`X-Amz-[\w-]{1,40}|X-Goog-[\w-]{1,40}|AWSAccessKeyId|Signature|sig`;
const signature = new RegExp(String.raw`\b(${names})(=|%3D)${value}`, "gi");
const bearer = new RegExp(String.raw`\b(Bearer\s+)${value}`, "gi");

/** Below this length a token is too likely to be a piece of something else: "x", "test". */
const shortestToken = 8;

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/**
 * What hides, in any text, the queries of URLs (a presigned URL is a password), user info, and tokens.
 *
 * @param tokens Read at each use, so tokens that come later are hidden too. Those under 8 characters
 *   are hidden only where `Bearer` stands before them.
 */
export function redactor(tokens: Iterable<string>): Redact {
  return (text) => {
    let clean = text;
    for (const token of tokens) {
      if (token.length < shortestToken) continue;
      for (const form of writtenForms(token)) clean = clean.replaceAll(form, "[redacted]");
    }
    return clean
      .replace(url, (_, scheme: string, rest: string) => scheme + withoutSecrets(rest))
      .replace(signature, "$1$2[redacted]")
      .replace(bearer, "$1[redacted]");
  };
}

/** As it is, as JSON, as the JSON that escapes slashes, and as part of a URL. */
function writtenForms(token: string): string[] {
  const json = JSON.stringify(token).slice(1, -1);
  return [token, json, json.replaceAll("/", "\\/"), encodeURIComponent(token)];
}

/** What follows a URL's scheme, without user info and query. */
function withoutSecrets(rest: string): string {
  return rest.replace(/^[^/?#\\@]*@/, "[redacted]@").replace(/^([^?#]*)[?#].*$/, "$1?[redacted]");
}

/** The innermost reason is the one that helps: "connect ECONNREFUSED", not "fetch failed". */
export function innermostMessage(error: unknown): string {
  let found = "";
  for (let at: unknown = error, depth = 0; isObject(at) && depth < 8; at = at["cause"], depth++) {
    const message = text(at["message"]) ?? text(at["code"]);
    if (message) found = message;
  }
  return found || (isObject(error) ? "no reason given" : String(error));
}

const text = (given: unknown) => (typeof given === "string" ? given : undefined);

function isObject(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null;
}
