import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { ChosenIdentities, ReplayLocation, DataLoaderConfig } from '../data/data-loader-options.js';
import { buildSymmetryTerm } from './build-training-spec.js';
import type { TrainingDataLocation } from '../data/training-face-source.js';
import type { ReplaySettings } from './data-configuration.js';
import type { LocatedConfiguration, TrainingConfiguration } from './training-configuration.js';

type Located = Pick<LocatedConfiguration, 'configuration' | 'pathOf'>;
type Identities = TrainingConfiguration['data']['identities'];

/** The place of a configuration's faces, of all its identities. */
export function trainingDataLocationOf({
  configuration: { data },
  pathOf,
}: Located): Pick<DataLoaderConfig, 'location' | 'imageKind' | 'tagsPath' | 'skipUnreadable'> {
  const { kind, tags, skipUnreadable } = data;
  return {
    location: locationOf(data, pathOf),
    imageKind: kind,
    ...(tags === undefined ? {} : { tagsPath: pathOf(tags) }),
    ...(skipUnreadable === undefined ? {} : { skipUnreadable }),
  };
}

/** What a configuration's run trains on. @throws RangeError where files of identities have not been read */
export function dataLoaderConfigOf(located: Located, alignment: AlignmentTemplate): DataLoaderConfig {
  const { data, symmetry, batchSize, flip, seed, augmentation, samplesPerEpoch } = located.configuration;
  const { holdOut, ...chosen } = data.identities;
  return {
    ...trainingDataLocationOf(located),
    ...(data.replay === undefined ? {} : { replay: configuredReplay(data.replay, located.pathOf) }),
    identities: { ...chosenOf(chosen), ...(holdOut === undefined ? {} : { holdOut }) },
    alignment,
    batchSize,
    seed,
    flip,
    ...(augmentation === undefined ? {} : { augmentation }),
    tau: symmetry?.tau ?? 0.2,
    splitFraction: symmetry?.splitFraction ?? 0,
    ...(samplesPerEpoch === undefined ? {} : { samplesPerEpoch }),
    ...(symmetry === undefined ? {} : halvesOf(symmetry)),
  };
}

function halvesOf(
  symmetry: NonNullable<TrainingConfiguration['symmetry']>,
): Pick<DataLoaderConfig, 'halves' | 'landmarkNoisePixels' | 'showsSplitFacesWhole'> {
  const { halves, landmarkNoisePixels } = symmetry;
  return { halves, landmarkNoisePixels, showsSplitFacesWhole: buildSymmetryTerm(symmetry).needsWholeFaces };
}

function configuredReplay(replay: ReplaySettings, pathOf: Located['pathOf']): ReplayLocation {
  const { kind, tags, skipUnreadable, identities, identityLimit } = replay;
  return {
    location: locationOf(replay, pathOf),
    imageKind: kind,
    ...(tags === undefined ? {} : { tagsPath: pathOf(tags) }),
    ...(skipUnreadable === undefined ? {} : { skipUnreadable }),
    ...(identities === undefined ? {} : { identities: chosenOf(identities) }),
    ...(identityLimit === undefined ? {} : { identityLimit }),
  };
}

function locationOf(
  {
    format,
    path,
    subfolder,
    images,
  }: Pick<TrainingConfiguration['data'], 'format' | 'path' | 'subfolder' | 'images'>,
  pathOf: (named: string) => string,
): TrainingDataLocation {
  return {
    format,
    path: pathOf(path),
    ...(subfolder === undefined ? {} : { subfolder }),
    ...(images === undefined ? {} : { imageFolder: pathOf(images) }),
  };
}

function chosenOf({ include, exclude }: Pick<Identities, 'include' | 'exclude'>): ChosenIdentities {
  return {
    ...(include === undefined ? {} : { include: namesIn(include) }),
    ...(exclude === undefined ? {} : { exclude: namesIn(exclude) }),
  };
}

function namesIn(listed: NonNullable<Identities['include']>): readonly string[] {
  if ('file' in listed) throw new RangeError(`the identities in ${listed.file} have not been read`);
  return listed;
}
