export type {
  AfterErrorHook,
  AfterSuccessHook,
  Awaitable,
  BeforeRequestHook,
  HookContext,
} from "./types.js";
