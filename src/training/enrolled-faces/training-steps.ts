/** How far a training is, and what its last step gave. */
export interface TrainingSteps {
  readonly done: number;
  readonly total: number;
  /** The epoch that goes on, from 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly faceLoss: number;
  readonly symmetryLoss: number;
  readonly imagesPerSecond: number;
}
