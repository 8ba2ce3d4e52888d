import { createHash } from "node:crypto";
import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { SfcCore } from "@img/core/core.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import { stateDirOfUser } from "@img/node-fs";
import { formatBytes, formatRate } from "../report/bytes.js";
import { clientOf } from "../settings/client.js";
import type { CommonFlags } from "../settings/common-options.js";
import { measureLink } from "./doctor-link.js";
import { defaultWorkspaceHint, workspaceText } from "./doctor-workspace.js";
import { configName, configPath, readConfig } from "../settings/config-file.js";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import { explain } from "../failure/failure.js";
import { interruptible, type Interruption } from "../failure/interruption.js";
import { printEvent, printText } from "../report/output.js";
import { asSentence } from "../failure/service-words.js";
import { readSettings } from "../settings/settings.js";
import type { TokenSource } from "../settings/token-source.js";
import { UsageError } from "../failure/usage-error.js";

export interface DoctorFlags extends CommonFlags {
  /** In milliseconds; true: as long as is usual. */
  readonly link?: number | true;
}

/** What was found about one thing. */
interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** Looks at all that an upload from here needs. @returns The first failure's exit code. */
export async function examine(flags: DoctorFlags): Promise<ExitCode> {
  return interruptible((interruption) => lookAtAll(flags, interruption));
}

async function lookAtAll(flags: DoctorFlags, { signal, orCut }: Interruption): Promise<ExitCode> {
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    findings.push(finding);
    const { check, ok, text } = finding;
    printEvent(flags, { event: "check", check, ok, message: text });
    printText(flags, `${ok ? "ok  " : "FAIL"}  ${check.padEnd(10)}${text}`);
  };
  await checkConfig(report);
  await checkService(flags, report);
  await checkState(report);
  checkDigest(report);
  await orCut(checkLink(flags, signal, report));
  return findings.find(({ ok }) => !ok)?.exitCode ?? exitCode.done;
}

type Report = (finding: Finding) => void;

const fine = (check: string, text: string): Finding => ({ check, ok: true, text, exitCode: 0 });

function bad(check: string, error: unknown): Finding {
  const { message, hint, exitCode: code } = explain(error);
  const text = hint === undefined ? message : `${asSentence(message)} ${hint}`;
  return { check, ok: false, text, exitCode: code };
}

async function checkConfig(report: Report): Promise<void> {
  const path = configPath(process.env);
  try {
    const keys = Object.keys(await readConfig(path)).length;
    report(
      fine(
        "config",
        keys === 0 ? `${configName(path)} is absent or empty, which is fine` : configName(path),
      ),
    );
  } catch (error) {
    report(bad("config", error));
  }
}

async function checkService(flags: CommonFlags, report: Report): Promise<void> {
  let client: SfcCore | null = null;
  try {
    const settings = await readSettings(flags);
    client = await clientOf(settings);
    await ask(client); // the first one also opens the connection
    const { tookMs, date } = await ask(client);
    report(fine("server", `${settings.server} answers in ${Math.round(tookMs)} ms`));
    report(fine("token", `accepted, from ${tokenText(settings.token)}`));
    report(clock(date));
    report(fine("workspace", workspaceText(client, await defaultWorkspaceHint(client))));
  } catch (error) {
    await reportUnserved(client, error, report);
  }
}

const tokenText = (token: TokenSource): string =>
  token.from === "environment" ? token.variable : "the token command";

/** A service that lists nothing may only want a workspace: then its account has a default one. */
async function reportUnserved(
  client: SfcCore | null,
  error: unknown,
  report: Report,
): Promise<void> {
  const failure = bad("server", error);
  const { notAuthorized, tryAgain } = exitCode;
  const mayWant = client !== null && failure.exitCode !== tryAgain;
  const hint = mayWant ? await defaultWorkspaceHint(client) : null;
  const text = `${asSentence(explain(error).message)} ${hint}`;
  if (failure.exitCode === notAuthorized) report({ ...failure, check: "token" });
  else report(hint === null ? failure : { ...failure, check: "workspace", text });
}

async function ask(client: SfcCore): Promise<{ tookMs: number; date: string | null }> {
  const beganMs = performance.now();
  const [answer, call] = await imagesList(client, { limit: 1 }).$inspect();
  if (!answer.ok) throw answer.error;
  const date = call.response?.headers.get("date") ?? null;
  return { tookMs: performance.now() - beganMs, date };
}

/** More than that, and presigned URLs look as if they had expired. */
const mostSkewSec = 60;

function clock(date: string | null): Finding {
  const offSec = Math.round((Date.now() - Date.parse(date ?? "")) / 1000);
  if (Number.isNaN(offSec)) return fine("clock", "cannot be compared: the service tells no time");
  const text = `${Math.abs(offSec)} s ${offSec < 0 ? "behind" : "ahead of"} the service's`;
  if (Math.abs(offSec) <= mostSkewSec) return fine("clock", text);
  return { check: "clock", ok: false, text: `${text}. Set this machine's.`, exitCode: 1 };
}

async function checkState(report: Report): Promise<void> {
  const config = await readConfig(configPath(process.env)).catch(() => null);
  try {
    const stateDir = config?.stateDir ?? stateDirOfUser();
    const there = await nearestFolder(stateDir);
    await access(there, constants.W_OK).catch((cause: unknown) => {
      const what = there === stateDir ? "be written to" : `be made in ${there}`;
      throw new UsageError(`${stateDir} can't ${what}: ${codeOf(cause)}.`, elsewhere);
    });
    const { bavail, bsize } = await statfs(there);
    report(fine("state", `${stateDir} can be written to, ${formatBytes(bavail * bsize)} are free`));
  } catch (error) {
    report(bad("state", error));
  }
}

const elsewhere = "Choose another folder with XDG_STATE_HOME or state_dir.";

const codeOf = (error: unknown): string => String(Reflect.get(Object(error), "code"));

/** The folder itself, or the one in which it will be made. */
async function nearestFolder(path: string): Promise<string> {
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory() || dirname(path) === path) return path;
  if (there === null) return nearestFolder(dirname(path));
  throw new UsageError(`${path} is a file, where a folder has to be.`, elsewhere);
}

function checkDigest(report: Report): void {
  const bytes = new Uint8Array(32 * 1024 * 1024);
  createHash("sha256").update(bytes).digest();
  const beganMs = performance.now();
  createHash("sha256").update(bytes).digest();
  const rate = (bytes.length / (performance.now() - beganMs)) * 1000;
  const text = `SHA-256 runs at ${formatRate(rate)} on one core: faster than that no upload from here is`;
  report(fine("digest", text));
}

/** Long enough for lanes to grow, short enough to wait for. */
const usualMeasureMs = 5_000;

const notMeasured = "not measured: img doctor --link sends made-up bytes for 5 s, and deletes them";

async function checkLink(flags: DoctorFlags, signal: AbortSignal, report: Report): Promise<void> {
  if (flags.link === undefined) {
    report(fine("link", notMeasured));
    return;
  }
  try {
    const measureMs = flags.link === true ? usualMeasureMs : flags.link;
    const client = await clientOf(await readSettings(flags));
    report(fine("link", await measureLink(client, measureMs, signal)));
  } catch (error) {
    signal.throwIfAborted();
    report(bad("link", error));
  }
}
