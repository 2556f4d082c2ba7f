import { Command, Option } from 'commander';
import type { CreateAssessmentRequest } from '../../generated/symface/v1/CreateAssessmentRequest.js';
import type { HeldOutRule } from '../../generated/symface/v1/HeldOutRule.js';
import { EXIT_OK } from '../exit-code.js';
import { announceEnd, announceQueued } from '../jobs/announce-job.js';
import { followJob } from '../jobs/follow-job.js';
import { modelVersionName } from '../model-name.js';
import { numberAtLeastZero, positiveInteger, present, repeatable, type Session } from '../session.js';

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
  readonly withoutThreshold?: true;
  readonly activate?: true;
  readonly detach?: true;
  readonly json?: true;
}

const NOTES = `
The candidate is compared with the backbone that serves, on enrolled faces of persons who consent to training and were not
trained on, and on the registered data sets (symface benchmark register). Its threshold at the false match rate in force
(symface operating-point) is of one of these, or of the faces held out. It passes
where it is better on the former, on none of the latter worse beyond chance, and neither too slow nor too large. Exit
status 0 where it passes, 1 where it does not, 2 for an error. Ctrl-C leaves the assessment running. docs/assessment.md.

Examples:
  symface models assess mobilefacenet-0123456789ab
  symface models assess mobilefacenet-0123456789ab --dataset lfw --held-out not-worse --activate`;

export function assessModelCommand(session: Session): Command {
  return new Command('assess')
    .description('compare a backbone with the one that serves: should it replace that?')
    .argument('<id>', 'as "symface models list" prints it')
    .addOption(repeatable('--dataset <id>', 'compare on this data set only', 'all'))
    .addOption(
      new Option('--held-out <rule>', 'how it must do on the faces held out (default: better)').choices(
        Object.keys(rules),
      ),
    )
    .option('--pairs <count>', 'pairs of faces held out, at most (default: 6000)', positiveInteger)
    .option(
      '--max-latency <ratio>',
      'time beside the serving model, at most (default: 1.5)',
      numberAtLeastZero,
    )
    .option('--max-size <ratio>', 'size beside the serving model, at most (default: 3)', numberAtLeastZero)
    .option(
      '--without-threshold',
      'pass it although nothing gives it a threshold at the false match rate in force',
    )
    .option('--activate', 'activate it where it passes')
    .option('--detach', 'do not wait for it')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (id: string, options: AssessOptions, command: Command) => {
      await session.callServer(command, async ({ assessment, job: client }) => {
        const { terminal } = session;
        const job = present((await assessment.createAssessment(requestOf(id, options))).job);
        if (options.detach) {
          announceQueued(terminal, job, options.json === true);
          return EXIT_OK;
        }
        const ended = await followJob(terminal, client, job.name);
        return announceEnd(terminal, client, ended, options.json ? 'json' : 'lines');
      });
    });
}

function requestOf(id: string, options: AssessOptions): CreateAssessmentRequest {
  const { dataset, heldOut, pairs, maxLatency, maxSize, withoutThreshold, activate } = options;
  const stated = {
    heldOut: heldOut && rules[heldOut],
    heldOutPairCount: pairs,
    maximumLatencyRatio: maxLatency,
    maximumSizeRatio: maxSize,
    requireCalibration: withoutThreshold && false,
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
