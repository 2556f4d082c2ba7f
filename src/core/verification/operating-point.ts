/** The false match rate that answers are made at where neither the request nor the service states another. */
export const defaultFalseMatchRate = 1e-3;
