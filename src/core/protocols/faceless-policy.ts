/**
 * What becomes of a pair with an image in which no face was found: it counts as "different", right or wrong, as NIST
 * counts it, or it is left out.
 */
export type FacelessPolicy = 'different' | 'excluded';
