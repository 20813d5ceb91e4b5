/** Lazy views of the two fixed-size messages, as the compiler generates them on request. */
import type { RecordView } from "@jute-ts/runtime";

export interface JuteViews {
  readonly Stat: RecordView & { readonly mzxid: bigint; readonly version: number };
  readonly ReplyHeader: RecordView & { readonly zxid: bigint; readonly err: number };
}

/** Takes the base class, because the benchmark may load the runtime twice. */
export function juteViews(Base: typeof RecordView): JuteViews {
  class StatView extends Base {
    override readonly byteLength: number = 68;

    get mzxid(): bigint {
      return this.longAt(8);
    }

    get version(): number {
      return this.intAt(32);
    }
  }

  class ReplyHeaderView extends Base {
    override readonly byteLength: number = 16;

    get zxid(): bigint {
      return this.longAt(4);
    }

    get err(): number {
      return this.intAt(12);
    }
  }

  return { Stat: new StatView(), ReplyHeader: new ReplyHeaderView() };
}
