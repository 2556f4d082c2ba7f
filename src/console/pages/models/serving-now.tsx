import type { JSX } from 'preact';
import { useIsAdmin } from '../../api/session.js';
import { addressOf } from '../../app/route.js';
import { DetailList } from '../../components/detail-list.js';
import { OperatingPointFacts } from '../../components/operating-point-facts.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { OperatingPointForm } from './operating-point-form.js';
import { RollBackButton } from './roll-back-button.js';
import type { KnownModel } from './known-model.js';
import type { ModelsOfService } from './use-models.js';

interface ServingNowProps {
  readonly models: ModelsOfService;
  /** An activation runs: what serves is about to change. */
  readonly isChanging: boolean;
  readonly onJob: (jobName: string) => void;
  readonly onChanged: () => void;
}

/** What serves since when and by whom, and the rate that it decides at. */
export function ServingNow({ models, isChanging, onJob, onChanged }: ServingNowProps): JSX.Element {
  const isAdmin = useIsAdmin();
  const { backbones, detectors, operatingPoint } = models;
  const backbone = backbones.find(({ version }) => version.active);
  const detector = detectors.find(({ version }) => version.active);
  const before = backbones.find(({ version }) => version.servedBefore);
  return (
    <div class="columns serving-now">
      <Section
        title="What serves"
        actions={
          isAdmin &&
          before !== undefined && (
            <RollBackButton before={before} isDisabled={isChanging} onJob={onJob} />
          )
        }
      >
        <DetailList
          details={[
            ['Backbone', backbone === undefined ? 'none' : <Served model={backbone} />],
            ['Detector', detector === undefined ? 'none' : <Served model={detector} />],
            before === undefined
              ? undefined
              : ['Before', <a href={addressOf('models', before.id)}>{before.id}</a>],
          ]}
        />
      </Section>
      {operatingPoint !== undefined && (
        <Section title="Operating point">
          <OperatingPointFacts point={operatingPoint} />
          {isAdmin && <OperatingPointForm point={operatingPoint} onChanged={onChanged} />}
        </Section>
      )}
    </div>
  );
}

function Served({ model }: { readonly model: KnownModel }): JSX.Element {
  const { id, version, activatedBy } = model;
  return (
    <>
      <a href={addressOf('models', id)}>{id}</a>
      <br />
      <span class="muted">
        since <Time value={version.activateTime} />
        {activatedBy === undefined ? '' : `, by ${activatedBy}`}
      </span>
    </>
  );
}
