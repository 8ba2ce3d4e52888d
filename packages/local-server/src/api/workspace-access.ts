import { workspaceIdPattern, workspacePathPattern } from "@img/core/wire";
import { ApiError } from "../http/answer.js";
import type { Account } from "./accounts.js";
import { DEFAULT_WORKSPACE, workspaceId, workspacePath } from "../images/workspace.js";
import type { Workspace } from "../images/workspace.js";

/** The workspaces that a list shows. */
export interface Listed {
  readonly workspaces: readonly Workspace[];
  /** Whether they belong to others, so that only public images are shown. */
  readonly publicOnly: boolean;
}

/** The workspaces of all accounts, as the options name them. */
export interface Workspaces {
  /** Returns the workspace to create in. @throws {ApiError} 400 or 403 */
  toCreateIn(account: Account, given: unknown): Workspace;
  /** Returns the workspaces to list. @throws {ApiError} 400 */
  toList(account: Account, given: string | null): Listed;
  /** Whether all other accounts may list, get and download the account's completed images. */
  readonly isPublic: (account: string) => boolean;
}

/** The workspace that lists the public images of all accounts, as the vendor's does. */
const PUBLIC_PATH = "sfc:workspace:sfcompute:public";

export function workspacesOf(accounts: readonly Account[]): Workspaces {
  const all = accounts.flatMap(({ name, workspaces = [] }) =>
    [...new Set([DEFAULT_WORKSPACE, ...workspaces])].map((workspace) => ({
      account: name,
      workspace,
    })),
  );
  const known = new Map(
    all.flatMap((one) => [workspacePath(one), workspaceId(one)].map((text) => [text, one])),
  );
  const publicAccounts = new Set(accounts.filter((one) => one.isPublic).map((one) => one.name));
  const isPublic = (account: string) => publicAccounts.has(account);

  /** Finds a workspace. Private workspaces of others look like unknown ones. */
  const find = (account: Account, given: unknown): Workspace => {
    const text = requireWorkspace(account, given);
    const found = known.get(text);
    if (found && (found.account === account.name || isPublic(found.account))) return found;
    throw refused(account, "unknown", `There is no workspace ${text}.`);
  };

  return {
    toCreateIn(account, given) {
      if (given === PUBLIC_PATH && !known.has(PUBLIC_PATH)) throw forbidden();
      const found = find(account, given);
      if (found.account === account.name) return found;
      throw forbidden();
    },
    toList(account, given) {
      if (given === PUBLIC_PATH) {
        return { workspaces: all.filter((one) => isPublic(one.account)), publicOnly: true };
      }
      const found = find(account, given);
      return { workspaces: [found], publicOnly: found.account !== account.name };
    },
    isPublic,
  };
}

function requireWorkspace(account: Account, given: unknown): string {
  if (given === undefined || given === null || given === "") {
    throw refused(account, "required", "workspace is required.");
  }
  const isOne =
    typeof given === "string" &&
    (workspaceIdPattern.test(given) || workspacePathPattern.test(given));
  if (isOne) return given;
  throw refused(
    account,
    "invalid",
    "workspace must be an id (wksp_…) or a path (sfc:workspace:ACCOUNT:NAME).",
  );
}

function refused({ name: account }: Account, code: string, what: string): ApiError {
  const own = workspacePath({ account, workspace: DEFAULT_WORKSPACE });
  const message = `${what} The default workspace of this token's account is ${own}.`;
  return new ApiError(400, message, [{ field: "workspace", code, message }]);
}

const forbidden = (): ApiError => new ApiError(403, "The workspace belongs to another account.");
