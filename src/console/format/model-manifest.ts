interface Input {
  readonly width: number;
  readonly height: number;
  readonly layout: string;
  readonly channelOrder: string;
}

interface Lineage {
  readonly parent: string;
  readonly trainingJob: string;
  readonly identityCount: number;
  readonly heldOutIdentityCount: number;
  readonly faceCount: number;
}

interface Training {
  readonly configuration: string;
  readonly start: string;
  readonly seeds: readonly number[];
  readonly steps: number;
}

/** What this page shows of a manifest (docs/models/manifest.md). */
export interface ModelManifest {
  readonly input?: Input;
  readonly alignment?: unknown;
  readonly embedding?: { readonly dimension: number; readonly testTimeAugmentation: string };
  readonly precision?: string;
  readonly family?: string;
  readonly minimumProbability?: number;
  readonly lineage?: Lineage;
  readonly training?: Training;
}

/** The manifest as the service tells it: it has checked what it registers. Nothing where the text is no JSON. */
export function readManifest(manifestJson: string): ModelManifest {
  try {
    return JSON.parse(manifestJson) as ModelManifest;
  } catch {
    return {};
  }
}
