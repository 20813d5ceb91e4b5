/** The keys that limit what clients may ask of this server. */
import type {
  ClientLimitSettings,
  ConnectionThrottleSettings,
  LargeRequestSettings,
} from "./client-settings.js";
import type { KeyValues } from "./key-values.js";

export function readClientLimits(values: KeyValues): ClientLimitSettings {
  return {
    maxConnections: values.integerOrDefault("maxCnxns"),
    sessionlessTimeoutMs: values.integerOrDefault("nio.sessionlessCnxnTimeout"),
    maxRequests: values.integerOrDefault("request_throttle_max_requests"),
    connectionThrottle: readConnectionThrottle(values),
    largeRequests: readLargeRequests(values),
  };
}

function readConnectionThrottle(values: KeyValues): ConnectionThrottleSettings | undefined {
  const of = (key: string): number => values.integerOrDefault(`connection_throttle_${key}`);
  const decimalOf = (key: string): number => values.decimalOrDefault(`connection_throttle_${key}`);
  const tokens = of("tokens");
  if (tokens === 0) return undefined;
  const freezeTimeMs = of("freeze_time");
  return {
    tokens,
    fillTimeMs: of("fill_time"),
    fillCount: of("fill_count"),
    weights: values.boolean("connection_throttle_weight_enabled")
      ? {
          local: of("local_session_weight"),
          renewed: of("renew_session_weight"),
          global: of("global_session_weight"),
        }
      : undefined,
    blue:
      freezeTimeMs < 0
        ? undefined
        : {
            freezeTimeMs,
            dropIncrease: decimalOf("drop_increase"),
            dropDecrease: decimalOf("drop_decrease"),
            decreaseRatio: decimalOf("decrease_ratio"),
          },
  };
}

function readLargeRequests(values: KeyValues): LargeRequestSettings | undefined {
  const thresholdBytes = values.integerOrDefault("largeRequestThreshold");
  if (thresholdBytes <= 0) return undefined;
  return { thresholdBytes, maxBytes: values.integerOrDefault("largeRequestMaxBytes") };
}
