export type { BackoffStrategy, RetryConfig } from "../../retries.js";
