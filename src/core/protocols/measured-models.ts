/** Ids of the models that faces are measured with. */
export interface MeasuredModels {
  readonly modelVersion: string;
  readonly detectorVersion: string;
}
