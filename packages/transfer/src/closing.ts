/** Does `work`, then closes; an error of the work is not hidden by one of the closing. */
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
