/** Who a client is: one proven id. */
export interface AuthId {
  readonly scheme: string;
  readonly id: string;
}
