/** The false match rate that the service decides at: a property of the service, whichever model serves. */
export interface OperatingPoint {
  /** 0 to 1. */
  readonly falseMatchRate: number;
  /** Since when it is in force, and who put it there; undefined for the default. */
  readonly set: { readonly actor: string; readonly time: Date } | undefined;
}
