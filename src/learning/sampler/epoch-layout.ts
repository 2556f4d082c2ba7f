/** How many faces there are, and what becomes of them in every epoch of a run. */
export interface EpochLayoutOptions {
  /** N */
  readonly faceCount: number;
  /** N_sym (SymFace Eq. 9) */
  readonly symmetricCount: number;
  /** p, the share of the symmetric faces that an epoch splits, 0 to 1 */
  readonly splitFraction: number;
  /** B, samples a batch; even where faces are split */
  readonly batchSize: number;
  /** Whether a split face is a sample of its own, too, beside its two halves. Default: false, as in the paper */
  readonly showsSplitFacesWhole?: boolean;
}

/** What is the same in every epoch of a run. */
export interface EpochLayout {
  /** p N_sym, rounded to whole faces */
  readonly splitFaceCount: number;
  /** N' (SymFace Eq. 8) */
  readonly sampleCount: number;
  readonly batchCount: number;
  /** P, slots for split faces in each batch */
  readonly splitSlots: number;
}

/**
 * Samples and batches of an epoch. Split faces are spread evenly: a batch has P or P - 1 of them, and the last one,
 * which alone may be short, no more than its share.
 *
 * @throws RangeError where a number is out of its range
 */
export function epochLayout(options: EpochLayoutOptions): EpochLayout {
  requireLayoutOptions(options);
  const { faceCount, symmetricCount, splitFraction, batchSize } = options;
  const samplesPerSplitFace = options.showsSplitFacesWhole === true ? 3 : 2;
  const splitFaceCount = Math.round(splitFraction * symmetricCount); // p N_sym
  const asymmetricCount = faceCount - symmetricCount; // N_asym
  // N' = N_asym + (1 - p) N_sym + 2 p N_sym   (Eq. 8)
  const sampleCount =
    asymmetricCount + (symmetricCount - splitFaceCount) + samplesPerSplitFace * splitFaceCount;
  if (splitFaceCount > 0 && batchSize % 2 !== 0) {
    throw new RangeError(
      `the two halves of a face share a batch, so its size must be even, not ${batchSize}`,
    );
  }
  const batchCount = Math.ceil(sampleCount / batchSize);
  const layout = { splitFaceCount, sampleCount, batchCount };
  const splitSlots = splitFacesInBatch({ ...layout, batchSize }, 0);
  if (samplesPerSplitFace * splitSlots > batchSize)
    throw new RangeError(
      `${splitSlots} split faces of ${samplesPerSplitFace} samples each do not fit into a batch of ${batchSize}: lower splitFraction, or take a multiple of ${samplesPerSplitFace}`,
    );
  return { ...layout, splitSlots };
}

/**
 * The part of the layout that an epoch of so many samples has: its first batches, all of them full, so that runs that split
 * faces and runs that do not see as many samples in as many steps.
 *
 * @throws RangeError where it is no multiple of the batches' size, or more than all faces make
 */
export function shortened(
  layout: EpochLayout,
  batchSize: number,
  samplesPerEpoch: number | undefined,
): EpochLayout {
  if (samplesPerEpoch === undefined) return layout;
  const batchCount = samplesPerEpoch / batchSize;
  if (!Number.isInteger(batchCount) || batchCount < 1)
    throw new RangeError(
      `samplesPerEpoch must be a multiple of batchSize, ${batchSize}, so that no batch is padded, not ${samplesPerEpoch}`,
    );
  if (samplesPerEpoch > layout.sampleCount)
    throw new RangeError(
      `all faces make ${layout.sampleCount} samples: samplesPerEpoch cannot be ${samplesPerEpoch}; take more epochs of fewer`,
    );
  const perBatch = Array.from({ length: batchCount }, (_, batch) =>
    splitFacesInBatch({ ...layout, batchSize }, batch),
  );
  const splitFaceCount = perBatch.reduce((sum, count) => sum + count, 0);
  return { ...layout, splitFaceCount, sampleCount: samplesPerEpoch, batchCount };
}

/** How many split faces batch `batch` holds: 2 of its samples each, or 3. */
export function splitFacesInBatch(
  {
    splitFaceCount,
    sampleCount,
    batchCount,
    batchSize,
  }: Omit<EpochLayout, 'splitSlots'> & { readonly batchSize: number },
  batch: number,
): number {
  const samplesInLast = sampleCount - (batchCount - 1) * batchSize;
  // Rounded down: as at most half of all samples are pairs (or a third are threes), so are those of the last batch.
  const inLast = Math.floor((splitFaceCount * samplesInLast) / sampleCount);
  if (batch === batchCount - 1) return inLast;
  // The first batches take one more where the rest does not divide.
  return Math.ceil((splitFaceCount - inLast - batch) / (batchCount - 1));
}

function requireLayoutOptions({
  faceCount,
  symmetricCount,
  splitFraction,
  batchSize,
}: EpochLayoutOptions): void {
  if (!Number.isInteger(faceCount) || faceCount < 1) throw new RangeError('an epoch needs at least one face');
  if (!Number.isInteger(symmetricCount) || symmetricCount < 0 || symmetricCount > faceCount) {
    throw new RangeError(`of ${faceCount} faces ${symmetricCount} cannot be symmetric`);
  }
  if (!(splitFraction >= 0 && splitFraction <= 1)) {
    throw new RangeError(`splitFraction must lie in 0 to 1, not ${splitFraction}`);
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize must be a whole number from 1 on, not ${batchSize}`);
  }
}
