import type { ModelKind__Output } from '../../generated/symface/v1/ModelKind.js';
import type { ModelVersion__Output } from '../../generated/symface/v1/ModelVersion.js';
import { manifestText } from '../../core/models/manifest-text.js';
import { shortTime, tableLines } from './table.js';
import { modelVersionId } from '../model-name.js';

const KIND_WORDS: Readonly<Record<ModelKind__Output, string>> = {
  MODEL_KIND_UNSPECIFIED: 'unknown',
  MODEL_KIND_BACKBONE: 'backbone',
  MODEL_KIND_DETECTOR: 'detector',
};

const SHOWN_SOURCE_CHARACTERS = 48;
const HEADINGS = ['', 'ID', 'KIND', 'LICENCE', 'CREATED', 'SERVES SINCE', 'SOURCE'];

/** A table with one line a version; `*` marks those that serve. */
export function modelTable(versions: readonly ModelVersion__Output[]): readonly string[] {
  const rows = versions.map((version) => [
    version.active ? '*' : '',
    modelVersionId(version.name),
    KIND_WORDS[version.kind],
    version.license,
    shortTime(version.createTime),
    shortTime(version.activateTime),
    shortened(version.source),
  ]);
  return tableLines(HEADINGS, rows);
}

/** Shortens a text so that the table stays readable; `models show` has the whole text. */
function shortened(text: string): string {
  return text.length <= SHOWN_SOURCE_CHARACTERS ? text : `${text.slice(0, SHOWN_SOURCE_CHARACTERS - 1)}…`;
}

/** The lines that say everything on one model version, for people. */
export function modelLines(version: ModelVersion__Output): string[] {
  const state = version.active ? ` (active since ${version.activateTime})` : '';
  return [
    `${modelVersionId(version.name)}: ${KIND_WORDS[version.kind]}${state}`,
    `  licence   ${version.license}`,
    `  source    ${version.source}`,
    `  created   ${version.createTime}`,
    `  size      ${(version.graphSizeBytes / 1e6).toFixed(1)} MB`,
    `  contract  ${version.contractDigest}`,
    ...manifestText(parsedManifest(version))
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

/** The version as one JSON value, its manifest as an object rather than as text. */
export function modelJson(version: ModelVersion__Output): Record<string, unknown> {
  const { name, kind, displayName, license, source, contractDigest, active, createTime, activateTime } =
    version;
  const { servedBefore, graphSizeBytes } = version;
  const id = modelVersionId(name);
  const manifest = parsedManifest(version);
  return {
    id,
    name,
    kind,
    displayName,
    license,
    source,
    contractDigest,
    active,
    createTime,
    activateTime,
    servedBefore,
    graphSizeBytes,
    manifest,
  };
}

function parsedManifest({ manifestJson }: ModelVersion__Output): unknown {
  try {
    return JSON.parse(manifestJson);
  } catch {
    // Shown as it came: a manifest that cannot be read is what the user wants to see.
    return manifestJson;
  }
}
