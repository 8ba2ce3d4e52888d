/** Removes secrets from a text, wherever it comes from: tokens, and the query and user info of URLs. */
export function redact(text: string, env: NodeJS.ProcessEnv = process.env): string {
  const token = env["SFC_BEARER_AUTH"] ?? "";
  const clean = token.length < 8 ? text : text.replaceAll(token, "[redacted]");
  return clean
    .replace(/(\bhttps?:\/\/)[^\s"'<>/?#]*@/gi, "$1[redacted]@")
    .replace(/(\bhttps?:\/\/[^\s"'<>?#]*)\?[^\s"'<>]*/gi, "$1?[redacted]")
    .replace(/\b(Bearer\s+)\S+/gi, "$1[redacted]");
}
