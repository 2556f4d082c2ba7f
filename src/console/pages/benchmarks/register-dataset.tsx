import { counted } from '../../../core/counted.js';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Field } from '../../components/field.js';
import { SelectField } from '../../components/select-field.js';
import { DatasetFormat } from '../../generated/symface/v1/benchmark_pb.js';
import { BenchmarkService } from '../../generated/symface/v1/benchmark_service_pb.js';
import { ImageKind } from '../../generated/symface/v1/image_pb.js';
import { datasetFormats } from './dataset-words.js';

interface RegisterDatasetProps {
  readonly onRegistered: () => void;
  readonly isOpenAtFirst: boolean;
}

const formatOptions = datasetFormats.map(({ format, name }) => [format, name] as const);
const kindOptions = [
  [ImageKind.PHOTOGRAPH, 'photographs'],
  [ImageKind.ALIGNED_CROP, 'aligned crops, 112×112'],
] as const;

/** Registers a data set by its path on the server. */
export function RegisterDataset({ onRegistered, isOpenAtFirst }: RegisterDatasetProps): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  // What is said of a data set that was just registered must stay in sight.
  const [isOpen] = useState(isOpenAtFirst);
  const [datasetId, setId] = useState('');
  const [path, setPath] = useState('');
  const [imageFolder, setImageFolder] = useState('');
  const [format, setFormat] = useState<DatasetFormat>(DatasetFormat.IDENTITY_FOLDER);
  const [imageKind, setKind] = useState<ImageKind>(ImageKind.PHOTOGRAPH);
  const [done, setDone] = useState('');
  const register = useAction(async (signal) => {
    setDone('');
    const request = { datasetId, path, imageFolder, format, imageKind };
    const { dataset, passedOver } = await benchmarks.registerDataset(request, { signal });
    setDone(`Registered ${datasetId}: ${counted(dataset?.pairCount ?? 0, 'pair')}. ${passedOver}`);
    onRegistered();
  });
  const known = datasetFormats.find((one) => one.format === format);
  return (
    <details class="more-settings" open={isOpen}>
      <summary>Register a data set</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          register.run();
        }}
      >
        <div class="fields">
          <TextField
            label="Id"
            hint="1 to 63 of a-z, 0-9, '.', '_' and '-'"
            value={datasetId}
            onChange={setId}
          />
          <SelectField
            label="Format"
            options={formatOptions}
            value={format}
            onChange={(chosen) => {
              setFormat(chosen);
              // What these files hold was aligned by others.
              if (chosen === DatasetFormat.INSIGHTFACE_BIN) setKind(ImageKind.ALIGNED_CROP);
            }}
          />
          <TextField
            label="Path on the server"
            hint={`${known?.path ?? ''}; absolute`}
            value={path}
            onChange={setPath}
          />
          <TextField
            label="Folder of the images"
            hint="Absolute; empty: beside the list"
            isOptional
            value={imageFolder}
            onChange={setImageFolder}
          />
          <SelectField label="Images are" options={kindOptions} value={imageKind} onChange={setKind} />
        </div>
        <FailureNotice failure={register.failure} />
        <button type="submit" class="button button-main" disabled={register.isRunning}>
          {register.isRunning ? 'Looking for every image …' : 'Register'}
        </button>
        <p role="status">{done}</p>
      </form>
    </details>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly isOptional?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function TextField({ label, hint, isOptional = false, value, onChange }: TextFieldProps): JSX.Element {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          type="text"
          autocomplete="off"
          spellcheck={false}
          required={!isOptional}
          value={value}
          onInput={(event) => {
            onChange(event.currentTarget.value);
          }}
        />
      )}
    </Field>
  );
}
