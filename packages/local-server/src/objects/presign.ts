import { createHmac, timingSafeEqual } from "node:crypto";

/** Makes and checks URLs that grant access by themselves: HMAC-SHA256 over method, path and expiry. */
export interface UrlSigner {
  /** Signs a path. @returns `path` with its expiry and signature in the query. */
  sign(method: string, path: string, expiresAtSec: number): string;
  /** Checks a signature, in the same time whether it is right or wrong. */
  check(
    method: string,
    path: string,
    query: URLSearchParams,
    nowSec: number,
  ): "valid" | "expired" | "forged";
}

export function urlSigner(key: Buffer): UrlSigner {
  const signature = (method: string, path: string, expires: string) =>
    createHmac("sha256", key).update(`${method}\n${path}\n${expires}`).digest();
  return {
    sign: (method, path, expiresAtSec) =>
      `${path}?expires=${expiresAtSec}&signature=${signature(method, path, String(expiresAtSec)).toString("base64url")}`,
    check(method, path, query, nowSec) {
      const expires = query.get("expires") ?? "";
      const given = Buffer.from(query.get("signature") ?? "", "base64url");
      const right = signature(method, path, expires);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return "forged";
      return Number(expires) > nowSec ? "valid" : "expired";
    },
  };
}
