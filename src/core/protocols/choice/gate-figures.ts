/** What a gate before two networks does with faces that it was not fitted to, as shares from 0 to 1. */
export interface GateFigures {
  /** Of the faces of identities held out, those that get the adapted network. */
  readonly recognised: number;
  /** Of faces in other photographs (`loadFaceLooks`), those that get it too. */
  readonly mistaken: number;
}
