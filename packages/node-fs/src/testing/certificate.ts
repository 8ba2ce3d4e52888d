import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Makes a certificate for this machine. Clients trust it only if they are given its file. */
export function makeCertificate(
  folder: string,
  names = "DNS:localhost,IP:127.0.0.1",
): {
  readonly cert: string;
  readonly key: string;
  readonly certPath: string;
} {
  const [certPath, keyPath] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const name = ["-subj", "/CN=localhost", "-addext", `subjectAltName=${names}`];
  const files = ["-keyout", keyPath, "-out", certPath, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...kind, ...name, ...files], { stdio: "ignore" });
  return { cert: readFileSync(certPath, "utf8"), key: readFileSync(keyPath, "utf8"), certPath };
}
