import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./real-server.js";

/** One of its own for `localhost` and 127.0.0.1, and its key. */
export async function certificate(): Promise<{ cert: string; key: string }> {
  const dir = await temporaryFolder();
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  const made = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
  ];
  const named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync("openssl", [...made, ...named, "-keyout", key, "-out", cert, "-days", "2"], {
    stdio: "ignore",
  });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}
