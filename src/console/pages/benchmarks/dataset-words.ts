import { DatasetFormat } from '../../generated/symface/v1/benchmark_pb.js';

/** The formats that can be registered, with what their path is. */
export const datasetFormats: readonly {
  readonly format: DatasetFormat;
  readonly name: string;
  readonly path: string;
}[] = [
  {
    format: DatasetFormat.IDENTITY_FOLDER,
    name: 'Folder of identities',
    path: 'A folder with one folder of photographs a person',
  },
  { format: DatasetFormat.PAIRS_CSV, name: 'CSV of pairs', path: 'A CSV file with image_a, image_b, same' },
  { format: DatasetFormat.LFW_PAIRS, name: 'LFW', path: 'pairs.txt or pairsDevTest.txt' },
  { format: DatasetFormat.CROSS_LFW_PAIRS, name: 'CALFW, CPLFW', path: 'pairs_CALFW.txt or pairs_CPLFW.txt' },
  {
    format: DatasetFormat.CFP_FRONTAL_FRONTAL,
    name: 'CFP, frontal to frontal',
    path: 'A folder with Protocol/Split/FF',
  },
  {
    format: DatasetFormat.CFP_FRONTAL_PROFILE,
    name: 'CFP, frontal to profile',
    path: 'A folder with Protocol/Split/FP',
  },
  {
    format: DatasetFormat.INSIGHTFACE_BIN,
    name: 'InsightFace .bin',
    path: 'lfw.bin, cfp_fp.bin, agedb_30.bin, …',
  },
];

export function formatName(format: DatasetFormat): string {
  return datasetFormats.find((known) => known.format === format)?.name ?? 'another format';
}
