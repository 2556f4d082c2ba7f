/** Display name of what serves where no backbone was activated: models/NAME. */
export const defaultBackboneName = 'mobilefacenet-symface';
