/** Posts `id` after `ms`, unless it was cancelled. */
type Asked = { readonly id: number; readonly ms: number } | { readonly cancel: number };

const scope = self as unknown as {
  postMessage(id: number): void;
  onmessage: ((event: MessageEvent<Asked>) => void) | null;
};
const timers = new Map<number, number>();

scope.onmessage = ({ data }: MessageEvent<Asked>) => {
  if ("cancel" in data) {
    clearTimeout(timers.get(data.cancel));
    timers.delete(data.cancel);
    return;
  }
  const { id, ms } = data;
  const timer = setTimeout(() => {
    timers.delete(id);
    scope.postMessage(id);
  }, ms) as unknown as number;
  timers.set(id, timer);
};
