/** Display name of what serves where no backbone was activated. */
export const defaultBackboneName = 'dlib-resnet';
