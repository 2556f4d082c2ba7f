// What the command line shows of a run; it reaches the learning code through this folder only.
export type { StepProgress, TrainingPlace } from '../../learning/training/training-run.js';
