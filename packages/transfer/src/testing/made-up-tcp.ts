/** A long link, as TCP feels it. */
export interface TcpLink {
  readonly bytesPerSecond: number;
  readonly rttMs: number;
  /** Share of the packets that get lost. */
  readonly loss: number;
  /** How long a packet may wait in the queue before the link; those that would wait longer are dropped. */
  readonly queueMs: number;
  readonly mtu: number;
}

/** IPv4, TCP and its time stamps. */
const headerBytes = 52;
const firstWindow = 10;
/** What a usual Linux keeps in flight for one connection, at most. */
const mostWindowBytes = 4 * 1024 * 1024;
/** RFC 9438. */
const cubic = { c: 0.4, beta: 0.7 };

/** The sender of one connection: slow start with HyStart, then CUBIC. In packets, not one by one but as a flow. */
export class TcpSender {
  readonly #link: TcpLink;
  /** Packets in flight. */
  window: number = firstWindow;
  #isStarting = true;
  #wMax = 0;
  #sinceMs = 0;
  /** What Reno would have in flight, which CUBIC does not go below. */
  #reno = 0;
  /** Losses in one round trip count once. */
  #reactsFromMs = 0;

  constructor(link: TcpLink) {
    this.#link = link;
  }

  /** Bytes per ms that it sends, headers included. */
  rate(queuedMs: number): number {
    return (this.window * this.#link.mtu) / (this.#link.rttMs + queuedMs);
  }

  /** So many packets were acknowledged, while the queue was so long. */
  acked(packets: number, nowMs: number, queuedMs: number): void {
    const most = mostWindowBytes / this.#link.mtu;
    if (this.#isStarting) {
      this.window = Math.min(most, this.window + packets);
      const risenMs = Math.min(16, Math.max(4, this.#link.rttMs / 8));
      if (queuedMs > risenMs && this.window > 16) this.#end(nowMs, this.window);
      return;
    }
    const k = Math.cbrt((this.#wMax * (1 - cubic.beta)) / cubic.c);
    const seconds = (nowMs - this.#sinceMs) / 1000;
    this.#reno += (packets / this.window) * ((3 * (1 - cubic.beta)) / (1 + cubic.beta));
    const target = Math.max(this.#reno, this.#wMax + cubic.c * (seconds - k) ** 3);
    this.window = Math.min(most, Math.max(this.window, target));
  }

  lost(nowMs: number, queuedMs: number): void {
    if (nowMs < this.#reactsFromMs) return;
    this.#reactsFromMs = nowMs + this.#link.rttMs + queuedMs;
    const shrinks = this.window < this.#wMax;
    const wMax = shrinks ? (this.window * (1 + cubic.beta)) / 2 : this.window;
    this.window = Math.max(2, this.window * cubic.beta);
    this.#end(nowMs, wMax);
  }

  /** Slow start, or the time since the last loss, ends. */
  #end(nowMs: number, wMax: number): void {
    [this.#isStarting, this.#wMax, this.#sinceMs, this.#reno] = [false, wMax, nowMs, this.window];
  }
}

/** One direction of a link, with the queue before it. */
export class MadeUpQueue {
  readonly #link: TcpLink;
  readonly #random: () => number;
  #queuedBytes = 0;

  constructor(link: TcpLink, random: () => number) {
    this.#link = link;
    this.#random = random;
  }

  /** How long a packet waits now. */
  get queuedMs(): number {
    return (this.#queuedBytes / this.#link.bytesPerSecond) * 1000;
  }

  /** Lets the senders send for a while. @returns The bytes of each that arrive, without headers. */
  send(senders: readonly TcpSender[], nowMs: number, stepMs: number): readonly number[] {
    const { bytesPerSecond, queueMs, mtu, loss } = this.#link;
    const { queuedMs } = this;
    const given = senders.map((sender) => sender.rate(queuedMs) * stepMs);
    const all = given.reduce((sum, bytes) => sum + bytes, 0);
    const roomBytes = (bytesPerSecond * (stepMs + queueMs)) / 1000 - this.#queuedBytes;
    const dropped = Math.max(0, all - roomBytes) / Math.max(1, all);
    const passed = Math.max(0, this.#queuedBytes + all * (1 - dropped));
    this.#queuedBytes = Math.max(0, passed - (bytesPerSecond * stepMs) / 1000);
    return senders.map((sender, n) => {
      const packets = given[n]! / mtu;
      const isLost = this.#random() > (1 - loss) ** packets * (1 - dropped) ** packets;
      if (isLost) sender.lost(nowMs, queuedMs);
      else sender.acked(packets, nowMs, queuedMs);
      return given[n]! * (1 - dropped) * (1 - loss) * (1 - headerBytes / mtu);
    });
  }
}
