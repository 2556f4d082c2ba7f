import type { JSX } from 'preact';
import { Section } from '../../components/section.js';
import { useObjectUrl } from '../../components/use-object-url.js';
import type { Face, FaceQuality } from '../../generated/symface/v1/face_pb.js';

/** Below these the service refuses to compare, unless it is asked to (QualityRequirement). */
const minimumUtility = 25;
const minimumDetailPixels = 18;
/** From this probability on a part of the face counts as hidden. */
const hiddenProbability = 0.5;

/** What was measured on a face, its aligned crop and its halves. */
export function FaceFindings({ face, title }: { readonly face: Face; readonly title: string }): JSX.Element {
  const { frontness, quality, crops } = face;
  return (
    <Section title={title}>
      <div class="crops">
        <Crop png={crops?.alignedPng} caption="Aligned" alt={`${title}, aligned`} />
        <Crop png={crops?.leftHalfPng} caption="Left half" alt={`${title}, left half`} />
        <Crop png={crops?.rightHalfPng} caption="Right half" alt={`${title}, right half`} />
      </div>
      <dl class="facts">
        <dt title="1 is a symmetric, frontal face">Frontness ρ</dt>
        <dd>
          {(frontness?.rho ?? 0).toFixed(3)}{' '}
          <span class="muted">
            nose {(frontness?.noseOffsetPixels ?? 0).toFixed(1)} px beside the middle of the eyes
          </span>
        </dd>
        {quality !== undefined && <QualityFacts quality={quality} />}
      </dl>
    </Section>
  );
}

function QualityFacts({ quality }: { readonly quality: FaceQuality }): JSX.Element {
  const { pose, occlusion } = quality;
  const hidden = (['mouth', 'nose', 'eyes'] as const).filter(
    (part) => (occlusion?.[part] ?? 0) >= hiddenProbability,
  );
  return (
    <>
      <dt title="Of a hundred comparisons with a sharp photograph of the same person, those to be expected to succeed at a false match rate of 1e-3">
        Utility
      </dt>
      <dd>
        {quality.utility.toFixed(0)} of 100{' '}
        <Verdict isFine={quality.utility >= minimumUtility} advice="too little: take another photograph" />
      </dd>
      <dt title="The width of the face that would hold as much detail">Detail</dt>
      <dd>
        {quality.detailPixels.toFixed(0)} px{' '}
        <Verdict isFine={quality.detailPixels >= minimumDetailPixels} advice="too little: go nearer" />
      </dd>
      <dt>Size</dt>
      <dd>{quality.faceSizePixels.toFixed(0)} px</dd>
      <dt title="Variance of the Laplacian of the aligned crop; below about 50 looks blurred">Sharpness</dt>
      <dd>{quality.sharpness.toFixed(0)}</dd>
      <dt>Brightness</dt>
      <dd>{quality.brightness.toFixed(0)} of 255</dd>
      <dt>Pose</dt>
      <dd>
        yaw {degrees(pose?.yawDegrees)}, pitch {degrees(pose?.pitchDegrees)}, roll{' '}
        {degrees(pose?.rollDegrees)}
      </dd>
      <dt>Hidden</dt>
      <dd>
        {hidden.length === 0 ? (
          'nothing'
        ) : (
          <span class="tag tag-warning">{hidden.join(', ')}: take off what covers it</span>
        )}
      </dd>
      <dt>Is a face</dt>
      <dd>{(100 * quality.detectionProbability).toFixed(1)} %</dd>
    </>
  );
}

function Verdict({ isFine, advice }: { readonly isFine: boolean; readonly advice: string }): JSX.Element {
  return isFine ? <span class="tag tag-good">enough</span> : <span class="tag tag-bad">{advice}</span>;
}

function degrees(angle = 0): string {
  return `${angle.toFixed(0)}°`;
}

interface CropProps {
  readonly png: Uint8Array | undefined;
  readonly caption: string;
  readonly alt: string;
}

function Crop({ png, caption, alt }: CropProps): JSX.Element {
  const url = useObjectUrl(png, 'image/png');
  return (
    <figure>
      {url !== undefined && <img src={url} alt={alt} width="112" height="112" />}
      <figcaption>{caption}</figcaption>
    </figure>
  );
}
