/**
 * Does `work`, then closes what an adapter opened for it, on every path.
 *
 * @throws What `work` throws, also where closing fails as well; else what closing throws.
 */
export async function closing<T>(
  opened: { close(): Promise<void> },
  work: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await opened.close().catch(() => undefined); // the first error says more
    throw error;
  }
  await opened.close();
  return result;
}
