import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useIsAdmin } from '../../api/session.js';
import type { PageProps } from '../../app/page-props.js';
import { addressOf } from '../../app/route.js';
import { Loading } from '../../components/loading.js';
import { PageFrame } from '../../components/page-frame.js';
import { Section } from '../../components/section.js';
import { ActivationProgress } from './activation-progress.js';
import { LineageGraph } from './lineage-graph.js';
import { ModelDetail } from './model-detail.js';
import { ModelTable } from './model-table.js';
import { ServingNow } from './serving-now.js';
import { ShadowSection } from './shadow-section.js';
import { type ModelsOfService, useModels } from './use-models.js';

/** The models that the service knows: descent, what serves, what could, and the way from one to the other. */
export function ModelsPage({ rest }: PageProps): JSX.Element {
  const models = useModels();
  const [selected] = rest;
  return (
    <PageFrame
      title="Models"
      lead="Versions are never changed: a retraining makes a new one, and what serves is changed while calls are answered."
      actions={
        <button type="button" class="button" onClick={models.reload}>
          Load again
        </button>
      }
    >
      <Loading loaded={models}>
        {(value) => <Models models={value} selected={selected} onChanged={models.reload} />}
      </Loading>
    </PageFrame>
  );
}

interface ModelsProps {
  readonly models: ModelsOfService;
  readonly selected: string | undefined;
  readonly onChanged: () => void;
}

function Models({ models, selected, onChanged }: ModelsProps): JSX.Element {
  const isAdmin = useIsAdmin();
  const [ordered, setOrdered] = useState('');
  const [isOver, setOver] = useState(false);
  const [deleted, setDeleted] = useState('');
  const { backbones, detectors, operatingPoint, openActivation, shadows } = models;
  const jobName = ordered === '' ? (openActivation?.name ?? '') : ordered;
  const isChanging = jobName !== '' && !isOver;
  const follow = (name: string): void => {
    setOver(false);
    setOrdered(name);
  };
  const model = [...backbones, ...detectors].find(({ id }) => id === selected);
  return (
    <>
      <ServingNow models={models} isChanging={isChanging} onJob={follow} onChanged={onChanged} />
      {jobName !== '' && (
        <ActivationProgress
          key={jobName}
          jobName={jobName}
          onEnded={() => {
            setOrdered(jobName);
            setOver(true);
            onChanged();
          }}
        />
      )}
      {deleted !== '' && (
        <p class="notice notice-good" role="status">
          {deleted}
        </p>
      )}
      <Section title="Backbones" lead="They embed aligned faces. Choose one to see all of it.">
        <LineageGraph models={backbones} selected={selected} />
        <ModelTable label="Backbones" models={backbones} selected={selected} />
      </Section>
      {model !== undefined && (
        <ModelDetail
          model={model}
          rateInForce={operatingPoint?.falseMatchRate}
          isChanging={isChanging}
          onJob={follow}
          onDeleted={(templateCount) => {
            setDeleted(`${model.id} is gone, and ${templateCount.toLocaleString()} templates with it.`);
            window.location.hash = addressOf('models');
            onChanged();
          }}
        />
      )}
      {isAdmin && <ShadowSection shadows={shadows} backbones={backbones} onChanged={onChanged} />}
      <Section title="Detectors" lead="They find faces and their five landmarks in photographs.">
        <ModelTable label="Detectors" models={detectors} selected={selected} />
      </Section>
    </>
  );
}
