import { Command } from 'commander';
import { defaultTagFile } from '../../datasets/tags/default-tag-file.js';
import { type FrontnessReport, frontnessReport } from '../../datasets/tags/frontness-report.js';
import { summaryOf, type TagSummary } from '../../datasets/tags/image-tag.js';
import { CommandFailure } from '../command-failure.js';
import { EXIT_OK } from '../exit-code.js';
import { errorCode } from '../image-file.js';
import { tableLines } from '../report/table.js';
import type { Session } from '../session.js';

const EXAMPLES = `
Of tags that "symface dataset tag" has made; no server is asked. The share of images with ρ ≤ τ at each τ, as in Table 5 of
the SymFace paper: those are not split. A face that was not found has ρ = 0, and an image that cannot be read is in no share.

Examples:
  symface dataset frontness /data/faces                      (its tags.jsonl)
  symface dataset frontness cfp-frontal.jsonl cfp-profile.jsonl --json`;

export function frontnessCommand(session: Session): Command {
  return new Command('frontness')
    .description('the share of cross-posed faces of data sets that have tags, at each τ')
    .argument('<paths...>', 'files of tags, or data sets that have theirs beside them')
    .option('--json', 'print one JSON object a data set')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], { json }: { readonly json?: true }) => {
      const reports: { readonly file: string; readonly report: FrontnessReport }[] = [];
      for (const path of paths) {
        const file = await tagFileOf(path);
        reports.push({ file, report: frontnessReport(await summariesIn(file)) });
      }
      const lines = json
        ? reports.map(({ file, report }) => JSON.stringify({ file, ...report }))
        : shown(reports);
      for (const line of lines) session.terminal.out(line);
      session.exitCode = EXIT_OK;
    });
}

async function tagFileOf(path: string): Promise<string> {
  if (path.endsWith('.jsonl')) return path;
  return defaultTagFile(path).catch((cause: unknown) => {
    throw new CommandFailure(`Cannot read ${path} (${errorCode(cause)}). Check the path.`, { cause });
  });
}

/** Reads the tags of a file; of two tags of one image the later counts. */
async function summariesIn(file: string): Promise<readonly TagSummary[]> {
  // Loaded here only: zod takes time to load.
  const { readTags } = await import('../../datasets/tags/read-tags.js');
  const summaries = new Map<string, TagSummary>();
  await readTags(file, (tag) => {
    summaries.set(tag.image, summaryOf(tag));
  });
  return [...summaries.values()];
}

function shown(
  reports: readonly { readonly file: string; readonly report: FrontnessReport }[],
): readonly string[] {
  const thresholds = reports[0]?.report.crossPosed.map(({ threshold }) => `τ = ${threshold}`) ?? [];
  const rows = reports.map(({ file, report }) => [
    file,
    String(report.imageCount),
    String(report.imageCount - report.faceCount),
    ...report.crossPosed.map(({ share }) => (Number.isNaN(share) ? '-' : `${(share * 100).toFixed(1)} %`)),
  ]);
  return tableLines(['TAGS', 'IMAGES', 'NO FACE', ...thresholds], rows);
}
