/** What a key may do; unlimited where 0. */
export interface KeyLimits {
  /** Of each replica. */
  readonly requestsPerSecond: number;
  /** Of all replicas together, a day of UTC. */
  readonly imagesPerDay: number;
}
