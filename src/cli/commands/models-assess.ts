import { Command, Option } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { SymFaceServices } from '../../client/service-methods.js';
import type { Assessment__Output } from '../../generated/symface/v1/Assessment.js';
import type { CreateAssessmentRequest } from '../../generated/symface/v1/CreateAssessmentRequest.js';
import type { HeldOutRule } from '../../generated/symface/v1/HeldOutRule.js';
import { AssessmentProgress } from '../assessment-progress.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_ERROR, EXIT_NO_MATCH, EXIT_OK } from '../exit-code.js';
import { modelVersionName } from '../model-name.js';
import { assessmentLines, assessmentStateWord } from '../report/assessment-report.js';
import { shortTime, tableLines } from '../report/table.js';
import {
  falseMatchRate,
  listed,
  numberAtLeastZero,
  positiveInteger,
  present,
  type Session,
} from '../session.js';
import type { Terminal } from '../terminal.js';

const rules = {
  better: 'HELD_OUT_RULE_BETTER',
  'better-beyond-chance': 'HELD_OUT_RULE_BETTER_BEYOND_CHANCE',
  'not-worse': 'HELD_OUT_RULE_NOT_WORSE',
  ignored: 'HELD_OUT_RULE_IGNORED',
} as const satisfies Record<string, HeldOutRule>;

interface AssessOptions {
  readonly dataset: readonly string[];
  readonly heldOut?: keyof typeof rules;
  readonly pairs?: number;
  readonly maxLatency?: number;
  readonly maxSize?: number;
  readonly fmr?: number;
  readonly uncalibrated?: true;
  readonly activate?: true;
  readonly detach?: true;
  readonly json?: true;
}

const NOTES = `
The candidate is compared with the backbone that serves, on enrolled faces of persons who consent to training and were not
trained on, and on the registered data sets (symface benchmark register), of which one gives it its threshold. It passes
where it is better on the former, on none of the latter worse beyond chance, and neither too slow nor too large. Exit
status 0 where it passes, 1 where it does not, 2 for an error. Ctrl-C leaves the assessment running. docs/assessment.md.

Examples:
  symface models assess mobilefacenet-0123456789ab
  symface models assess mobilefacenet-0123456789ab --dataset lfw --held-out not-worse --activate`;

export function assessModelCommand(session: Session): Command {
  return new Command('assess')
    .description('should this backbone serve in the place of the one that does?')
    .argument('<id>', 'as "symface models list" prints it')
    .option('--dataset <id>', 'compare on this data set only; may be given again', listed, [])
    .addOption(
      new Option('--held-out <rule>', 'what it must be on faces held out (default: better)').choices(
        Object.keys(rules),
      ),
    )
    .option('--pairs <count>', 'of faces held out, at most (default: 6000)', positiveInteger)
    .option('--max-latency <ratio>', 'to the serving model (default: 1.5)', numberAtLeastZero)
    .option('--max-size <ratio>', 'to the serving model (default: 2)', numberAtLeastZero)
    .option(
      '--fmr <rate>',
      'of its threshold, where the serving model has none of its own (default: 1e-3, else 1e-2)',
      falseMatchRate,
    )
    .option('--uncalibrated', 'pass it although no data set gives it a threshold')
    .option('--activate', 'activate it where it passes')
    .option('--detach', 'do not wait for it')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (id: string, options: AssessOptions, command: Command) => {
      await session.callServer(command, async ({ assessment }) => {
        const created = present((await assessment.createAssessment(requestOf(id, options))).assessment);
        if (options.detach) {
          const queued = `Queued: ${idIn(created.name)}. See it with: symface models assessment ${idIn(created.name)}`;
          session.terminal.out(options.json ? JSON.stringify(created) : queued);
          return EXIT_OK;
        }
        const ended = await followAssessment(session.terminal, assessment, created.name);
        return announceAssessmentEnd(session, ended, options.json === true);
      });
    });
}

export function listAssessmentsCommand(session: Session): Command {
  return new Command('assessments')
    .description('assessments of candidates, newest first')
    .option('--model <id>', 'of this candidate only')
    .option('--json', 'print one JSON object a line')
    .action(async (options: { readonly model?: string; readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ assessment }) => {
        const rows: string[][] = [];
        const candidate = options.model === undefined ? '' : modelVersionName(options.model);
        for await (const item of paginate(assessment.listAssessments, { modelVersion: candidate })) {
          if (options.json) session.terminal.out(JSON.stringify(item));
          const { name, modelVersion, baselineModelVersion, actor, createTime } = item;
          rows.push([
            idIn(name),
            assessmentStateWord(item),
            idIn(modelVersion),
            idIn(baselineModelVersion),
            actor,
            shortTime(createTime),
          ]);
        }
        const headings = ['ID', 'STATE', 'CANDIDATE', 'BASELINE', 'BY', 'ORDERED'];
        for (const line of options.json ? [] : tableLines(headings, rows)) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

export function showAssessmentCommand(session: Session): Command {
  return new Command('assessment')
    .description('one assessment with its figures and checks')
    .argument('<id>', 'as "symface models assessments" prints it')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { json }: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ assessment }) => {
        const name = `assessments/${idIn(id)}`;
        const shown = present((await assessment.getAssessment({ name })).assessment);
        for (const line of json ? [JSON.stringify(shown)] : assessmentLines(shown))
          session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

/** Shows the progress of an assessment until it has ended. @returns it as it ended */
export async function followAssessment(
  terminal: Terminal,
  client: SymFaceServices['assessment'],
  name: string,
): Promise<Assessment__Output> {
  const progress = new AssessmentProgress(terminal);
  let last: Assessment__Output | undefined;
  try {
    for await (const { assessment } of client.watchAssessment({ name })) {
      last = present(assessment);
      progress.show(last);
    }
  } finally {
    progress.stop();
  }
  return last ?? present((await client.getAssessment({ name })).assessment);
}

/** Prints the verdict. @returns the exit code */
export function announceAssessmentEnd(
  { terminal }: Session,
  assessment: Assessment__Output,
  isJson: boolean,
): number {
  const { state, modelVersion, activation } = assessment;
  const hasPassed = state === 'ASSESSMENT_STATE_PASSED';
  for (const line of isJson ? [JSON.stringify(assessment)] : assessmentLines(assessment)) terminal.out(line);
  if (!isJson && hasPassed && activation === '') {
    terminal.out(`Serve it with: symface models activate ${idIn(modelVersion)}`);
  }
  if (hasPassed) return EXIT_OK;
  return state === 'ASSESSMENT_STATE_REJECTED' ? EXIT_NO_MATCH : EXIT_ERROR;
}

function requestOf(id: string, options: AssessOptions): CreateAssessmentRequest {
  const { dataset, heldOut, pairs, maxLatency, maxSize, fmr, uncalibrated, activate } = options;
  const stated = {
    heldOut: heldOut && rules[heldOut],
    heldOutPairCount: pairs,
    maximumLatencyRatio: maxLatency,
    maximumSizeRatio: maxSize,
    falseMatchRate: fmr,
    requireCalibration: uncalibrated && false,
  };
  return {
    modelVersion: modelVersionName(id),
    policy: {
      datasets: dataset.map((name) => `datasets/${name}`),
      ...Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)),
    },
    activateWhenPassed: activate === true,
  };
}
