/**
 * How many clients may connect in a while: a bucket of tokens that fills with
 * time, and, where asked for, random refusals that grow while it is empty
 * (BLUE), so that a herd of clients does not come back all at once.
 */

export interface ConnectionThrottleOptions {
  /** `connection_throttle_tokens`: how many tokens the bucket holds, and has at the start. 0, the default, turns all of this off. */
  readonly tokens?: number | undefined;
  /** `connection_throttle_fill_time`: the time in which `fillCount` tokens come. Default 1. */
  readonly fillTimeMs?: number | undefined;
  /** `connection_throttle_fill_count`. Default 1. */
  readonly fillCount?: number | undefined;
  /** `connection_throttle_weight_enabled`: what each way to connect costs. Absent: one token. */
  readonly weights?: ConnectionWeights | undefined;
  /** Absent: nobody is refused by chance. */
  readonly blue?: BlueOptions | undefined;
}

/** In tokens. Java's defaults are 1, 2 and 3. */
export interface ConnectionWeights {
  /** `connection_throttle_local_session_weight`: a new session that only this server knows. */
  readonly local: number;
  /** `connection_throttle_renew_session_weight`: a session that is there already. */
  readonly renewed: number;
  /** `connection_throttle_global_session_weight`: a new session of the ensemble. */
  readonly global: number;
}

export type WayToConnect = keyof ConnectionWeights;

export interface BlueOptions {
  /** `connection_throttle_freeze_time`: the shortest time between two changes of the probability. */
  readonly freezeTimeMs: number;
  /** `connection_throttle_drop_increase`: what is added to the probability while the bucket is empty. Java's default is 0.02. */
  readonly dropIncrease: number;
  /** `connection_throttle_drop_decrease`: what is taken off while it is full enough. Java's default is 0.002. */
  readonly dropDecrease: number;
  /** `connection_throttle_decrease_ratio`: the part of the bucket that may be empty then. Java's default is 0. */
  readonly decreaseRatio: number;
  /** Gives numbers from 0 up to 1, 1 excluded. */
  readonly random: () => number;
}

export class ConnectionThrottle {
  readonly #capacity: number;
  readonly #msPerToken: number;
  readonly #weights: ConnectionWeights | undefined;
  readonly #blue: BlueOptions | undefined;
  #tokens: number;
  /** Until when the time is counted in `#tokens`. */
  #filledMs: number;
  #dropProbability = 0;
  #changedMs: number;

  constructor(options: ConnectionThrottleOptions | undefined, nowMs: number) {
    this.#capacity = options?.tokens ?? 0;
    this.#msPerToken = (options?.fillTimeMs ?? 1) / (options?.fillCount ?? 1);
    this.#weights = options?.weights;
    this.#blue = options?.blue;
    this.#tokens = this.#capacity;
    this.#filledMs = nowMs;
    this.#changedMs = nowMs;
  }

  /** The metric `connection_drop_probability`: from 0 to 1. */
  get dropProbability(): number {
    return this.#dropProbability;
  }

  /** The metric `connection_token_deficit`: how many tokens are missing. */
  get tokenDeficit(): number {
    return this.#capacity - this.#tokens;
  }

  /** Whether a client may connect in this way now. If so, its tokens are taken. */
  admits(kind: WayToConnect, nowMs: number): boolean {
    if (this.#capacity === 0) return true;
    this.fill(nowMs);
    if (this.#blue !== undefined && this.isDropped(this.#blue, nowMs)) return false;
    const need = this.#weights?.[kind] ?? 1;
    if (this.#tokens < need) return false;
    this.#tokens -= need;
    return true;
  }

  /** Only whole tokens come, and the time of a part of one is kept for later. */
  private fill(nowMs: number): void {
    const come = Math.floor((nowMs - this.#filledMs) / this.#msPerToken);
    if (come <= 0) return;
    this.#tokens = Math.min(this.#tokens + come, this.#capacity);
    this.#filledMs += come * this.#msPerToken;
  }

  private isDropped(blue: BlueOptions, nowMs: number): boolean {
    if (nowMs - this.#changedMs > blue.freezeTimeMs) {
      this.#changedMs = nowMs;
      this.#dropProbability = this.nextProbability(blue);
    }
    return blue.random() < this.#dropProbability;
  }

  private nextProbability({ dropIncrease, dropDecrease, decreaseRatio }: BlueOptions): number {
    if (this.#tokens === 0) return Math.min(this.#dropProbability + dropIncrease, 1);
    const mayMiss = Math.round(this.#capacity * decreaseRatio);
    if (this.tokenDeficit > mayMiss) return this.#dropProbability;
    return Math.max(this.#dropProbability - dropDecrease, 0);
  }
}
