/** A count with its noun: `1 part`, `2 parts`, `0 parts`. */
export const counted = (count: number, noun: string): string => `${count} ${nounOf(count, noun)}`;

/** A share with its noun, as `1/1 part` or `2 of 3 parts`: the noun agrees with the whole. */
export const countedOf = (count: number, whole: number, between: string, noun: string): string =>
  `${count}${between}${counted(whole, noun)}`;

const nounOf = (count: number, noun: string): string => (count === 1 ? noun : `${noun}s`);
