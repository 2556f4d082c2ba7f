import type { JSX } from 'preact';
import type { Loaded } from '../../api/use-loaded.js';
import { FacePicture } from '../../components/face-picture.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { ImageInput } from '../../components/image-input.js';
import type { Photograph } from '../../components/photograph.js';
import { Section } from '../../components/section.js';
import type { Face } from '../../generated/symface/v1/face_pb.js';
import type { DetectFacesResponse } from '../../generated/symface/v1/face_verification_service_pb.js';
import { FaceFindings } from './face-findings.js';
import type { DetectedPhotograph } from './use-compared.js';

interface PhotographPanelProps {
  readonly label: string;
  readonly photograph: Photograph | undefined;
  readonly problem: string;
  readonly detected: Loaded<DetectedPhotograph | undefined>;
  readonly takesPaste: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onRemove: () => void;
}

/** One of the two photographs: where it is chosen, what it shows, and what was found in it. */
export function PhotographPanel(props: PhotographPanelProps): JSX.Element {
  const { label, photograph, problem, detected, takesPaste, onFiles, onRemove } = props;
  const { failure, isLoading } = detected;
  const found = foundIn(photograph, detected);
  const faces = found?.faces ?? [];
  const chosen = faces.length > 1 ? largest(faces) : undefined;
  return (
    <Section title={label}>
      <ImageInput
        label={label}
        takesPaste={takesPaste}
        onFiles={onFiles}
        onRemove={photograph === undefined ? undefined : onRemove}
      >
        {photograph && (
          <FacePicture
            url={photograph.url}
            alt={`${label}: ${photograph.name}`}
            width={found?.imageWidth ?? 0}
            height={found?.imageHeight ?? 0}
            faces={faces}
            chosen={chosen}
          />
        )}
      </ImageInput>
      {problem !== '' && (
        <p class="notice notice-failure" role="alert">
          {problem}
        </p>
      )}
      {photograph !== undefined && !isLoading && <FailureNotice failure={failure} />}
      <p class="muted" role="status">
        {photograph !== undefined && isLoading && 'Looking for faces …'}
        {found !== undefined && !isLoading && foundText(found.faces.length)}
      </p>
    </Section>
  );
}

function foundText(count: number): string {
  if (count === 0) {
    return 'No face was found. Take a photograph in which the whole face is seen, lit from the front, and at least 20 pixels wide.';
  }
  return count === 1 ? 'One face was found.' : `${count} faces were found.`;
}

/** What was found in this photograph; what was found in the one before is not its own. */
function foundIn(
  photograph: Photograph | undefined,
  { value }: Loaded<DetectedPhotograph | undefined>,
): DetectFacesResponse | undefined {
  return value?.photograph === photograph ? value?.found : undefined;
}

/** The face that is compared where one of several is: the largest, and what was measured on it. */
export function PickedFace(
  props: Pick<PhotographPanelProps, 'label' | 'photograph' | 'detected'>,
): JSX.Element | null {
  const { label, photograph, detected } = props;
  const faces = foundIn(photograph, detected)?.faces ?? [];
  const index = largest(faces);
  const face = faces[index];
  if (face === undefined) return null;
  const which = faces.length > 1 ? `, number ${index + 1}` : '';
  return <FaceFindings face={face} title={`Face of the ${label.toLowerCase()}${which}`} />;
}

function largest(faces: readonly Face[]): number {
  const areas = faces.map(({ box }) => (box?.width ?? 0) * (box?.height ?? 0));
  return areas.indexOf(Math.max(...areas));
}
