// Made by `npm run generate` of the files in src/datasets/identities/formats.
import { identityFolder } from '../identities/formats/identity-folder.js';
import { identityList } from '../identities/formats/identity-list.js';
import { insightfaceRecords } from '../identities/formats/insightface-records.js';

export const identityFormatsByFile = [identityFolder, identityList, insightfaceRecords] as const;
