import type { DatasetSource, VerificationDataset } from '../../core/protocols/benchmark-dataset.js';

/** Reads a data set's lists and looks for its images. @throws Failure DATASET_INVALID */
export type DatasetReader = (source: DatasetSource) => Promise<VerificationDataset>;
