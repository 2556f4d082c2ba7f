/** Display name of the detector that serves where none was activated: models/NAME. */
export const defaultDetectorName = 'retinaface-symface';
