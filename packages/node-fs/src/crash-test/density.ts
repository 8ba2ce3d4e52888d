/**
 * The engine takes some ms for a run. So CI tries its recipes with few parts, and second crashes at some
 * operations; with IMG_CRASH_STATES it tries more parts, and every operation.
 */
export const isDense: boolean = process.env["IMG_CRASH_STATES"] !== undefined;

/** Of an image that is resumed. The last is half as long. */
export const partCount: number = isDense ? 5 : 3;
