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
import { configName, configPath, readConfig, type ConfigFile } from "../settings/config-file.js";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import { explain } from "../failure/failure.js";
import { interruptible, type Interruption } from "../failure/interruption.js";
import { printEvent, printText } from "../report/output.js";
import { asSentence } from "../report/text-width.js";
import { readSettings } from "../settings/settings.js";
import type { TokenSource } from "../settings/token-source.js";
import { UsageError } from "../failure/usage-error.js";

export interface DoctorFlags extends CommonFlags {
  /** How long to measure, in ms; true for the usual time. */
  readonly link?: number | true;
}

/** The result of one check. */
interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly skipped?: boolean;
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** Checks everything that an upload needs. @returns The exit code of the first failure. */
export async function examine(flags: DoctorFlags): Promise<ExitCode> {
  return interruptible((interruption) => lookAtAll(flags, interruption));
}

async function lookAtAll(flags: DoctorFlags, { signal, orCut }: Interruption): Promise<ExitCode> {
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    findings.push(finding);
    const { check, ok, skipped, text } = finding;
    printEvent(flags, { event: "check", check, ok, ...(skipped && { skipped }), message: text });
    const word = skipped ? "skipped" : ok ? "ok" : "FAIL";
    printText(flags, `${word.padEnd(7)}  ${check.padEnd(10)}${text}`);
  };
  const config = await checkConfig(report);
  if (config !== null) await checkService(flags, report);
  else for (const check of ofService) report(skipped(check, "the configuration is wrong"));
  if (config !== null) await checkState(config, report);
  checkDigest(report);
  if (findings.some(({ ok, check }) => !ok && check !== "digest")) {
    report(skipped("link", "not measured, since a check above failed"));
  } else await orCut(checkLink(flags, signal, report));
  return findings.find(({ ok }) => !ok)?.exitCode ?? exitCode.done;
}

type Report = (finding: Finding) => void;

const fine = (check: string, text: string): Finding => ({ check, ok: true, text, exitCode: 0 });

const skipped = (check: string, text: string): Finding => ({ ...fine(check, text), skipped: true });

const ofService = ["server", "token", "clock", "workspace"];

function bad(check: string, error: unknown): Finding {
  const { message, hint, exitCode: code } = explain(error);
  const text = hint === undefined ? message : `${asSentence(message)} ${hint}`;
  return { check, ok: false, text, exitCode: code };
}

/** Checks the configuration file. @returns Null if it is not valid. */
async function checkConfig(report: Report): Promise<ConfigFile | null> {
  const path = configPath(process.env);
  const name = configName(path);
  try {
    const config = await readConfig(path);
    const isEmpty = Object.keys(config).length === 0;
    report(fine("config", isEmpty ? `${name} is absent or empty, which is fine` : name));
    return config;
  } catch (error) {
    report(bad("config", error));
    return null;
  }
}

async function checkService(flags: CommonFlags, report: Report): Promise<void> {
  let client: SfcCore | null = null;
  try {
    const settings = await readSettings(flags);
    client = await clientOf(settings);
    await ask(client); // the first call also opens the connection
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

/**
 * Reports why the service listed no images. If only a workspace is missing, suggests the account's default one.
 */
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
  const found =
    failure.exitCode === notAuthorized
      ? { ...failure, check: "token" }
      : hint === null
        ? failure
        : { ...failure, check: "workspace", text };
  report(found);
  for (const check of ofService) {
    if (check !== found.check && check !== "server")
      report(skipped(check, "the service did not list images"));
  }
}

async function ask(client: SfcCore): Promise<{ tookMs: number; date: string | null }> {
  const beganMs = performance.now();
  const [answer, call] = await imagesList(client, { limit: 1 }).$inspect();
  if (!answer.ok) throw answer.error;
  const date = call.response?.headers.get("date") ?? null;
  return { tookMs: performance.now() - beganMs, date };
}

/** With a larger difference, presigned URLs seem to have expired. */
const mostSkewSec = 60;

function clock(date: string | null): Finding {
  const offSec = Math.round((Date.now() - Date.parse(date ?? "")) / 1000);
  if (Number.isNaN(offSec))
    return skipped("clock", "cannot be compared: the service sends no time");
  const text = `${Math.abs(offSec)} s ${offSec < 0 ? "behind" : "ahead of"} the service's`;
  if (Math.abs(offSec) <= mostSkewSec) return fine("clock", text);
  return { check: "clock", ok: false, text: `${text}. Set this machine's.`, exitCode: 1 };
}

async function checkState(config: ConfigFile, report: Report): Promise<void> {
  try {
    const stateDir = config.stateDir ?? stateDirOfUser();
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

/** Returns the folder itself, or the existing folder in which it will be made. */
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
  const text = `SHA-256 runs at ${formatRate(rate)} on one core: no upload from this machine can be faster`;
  report(fine("digest", text));
}

/** Long enough to add lanes, short enough to wait for. */
const usualMeasureMs = 5_000;

const notMeasured = "not measured: img doctor --link sends made-up bytes for 5 s, and deletes them";

async function checkLink(flags: DoctorFlags, signal: AbortSignal, report: Report): Promise<void> {
  if (flags.link === undefined) {
    report(skipped("link", notMeasured));
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
