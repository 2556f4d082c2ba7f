/**
 * Leans the landmarks of labelled faces towards FaceMesh's where they are turned: profiles that are cut out by FaceMesh's landmarks are
 * told apart better than by RetinaFace's (docs/models/retinaface-symface.md). Faces that look ahead keep their labels.
 *
 * FaceMesh left the product with the former detector, so this runs on a build of the last commit that had it, in whose data
 * folder it was prepared ("npm start" there once):
 *
 *   git worktree add ../with-face-mesh a37d9eb && (cd ../with-face-mesh && npm ci && npm run build && node dist/cli/main.js prepare)
 *   node scripts/lean-landmarks-on-face-mesh.mjs --build ../with-face-mesh --labels labels.jsonl --photographs cfp=FOLDER … --output leaned.jsonl
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const { values: options } = parseArgs({
  options: {
    build: { type: 'string' },
    labels: { type: 'string' },
    photographs: { type: 'string', multiple: true, default: [] },
    output: { type: 'string' },
  },
});
const { build, labels, output: out } = options;
if (build === undefined || labels === undefined || out === undefined)
  throw new Error('name --build, --labels and --output, and each --photographs SET=FOLDER');
const folders = Object.fromEntries(options.photographs.map((text) => text.split('=')));
const dist = (path) => import(resolve(build, 'dist', path));
const { OnnxSession } = await dist('inference/runtime/onnx-session.js');
const { PixelTensorEncoder } = await dist('inference/runtime/pixel-tensor.js');
const { cropAroundCandidate, cropAroundMesh, decodeFaceMesh, landmarksOfMesh } = await dist(
  'inference/detect/face-mesh.js',
);
const { sampleCrop } = await dist('core/faces/aligned-crop.js');
const { applyTransform } = await dist('core/faces/similarity-transform.js');

/** FaceMesh's input in pixels. */
const SIDE = 192;
/** Faces that are smaller in their photograph keep their labels. */
const SMALLEST_FACE_PIXELS = 30;
/** Below it FaceMesh does not take the crop for a face. */
const LEAST_PRESENCE = 0.6;
/** Mean distance of the points of both mirror images, over the face's side, from which on FaceMesh is not believed. */
const MOST_DISAGREEMENT = 0.05;
/** How far the nose is from the middle of the eyes, over their distance: from the first on labels lean, from the second on they are FaceMesh's. */
const [LOOKS_AHEAD, IS_TURNED] = [0.15, 0.35];

const models = resolve(build, '.symface/models');
const bundle = readdirSync(models).find((name) => name.startsWith('blazeface-facemesh-'));
const session = await OnnxSession.load(join(models, bundle, 'facemesh.onnx'), { intraOpThreads: 1 });
const encoder = new PixelTensorEncoder({
  layout: 'NCHW',
  channelOrder: 'RGB',
  mean: [0, 0, 0],
  scale: [255, 255, 255],
});
const inCrop = { a: 1, b: 0, translationX: 0, translationY: 0 };
const names = ['leftEye', 'rightEye', 'nose', 'leftMouthCorner', 'rightMouthCorner'];

let leaned = 0;
const lines = [];
for (const line of readFileSync(labels, 'utf8').trim().split('\n')) {
  const photograph = JSON.parse(line);
  const faces = photograph.faces.filter(
    ({ agreed, box: [, , width, height] }) => agreed && Math.sqrt(width * height) > SMALLEST_FACE_PIXELS,
  );
  if (faces.length > 0) {
    const image = await read(join(folders[photograph.set], photograph.file));
    for (const face of faces) if (await lean(image, face)) leaned++;
  }
  lines.push(JSON.stringify(photograph));
}
writeFileSync(out, `${lines.join('\n')}\n`);
console.log(`${leaned} faces lean on FaceMesh in ${lines.length} photographs: ${out}`);

async function read(file) {
  const { data, info } = await sharp(file)
    .autoOrient()
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(info.width * info.height * 3);
  for (let index = 0; index < pixels.length; index++)
    pixels[index] = info.channels === 3 ? data[index] : data[Math.floor(index / 3)];
  return { width: info.width, height: info.height, pixels };
}

/** @returns whether its landmarks have changed */
async function lean(image, face) {
  const own = face.landmarks?.map(([x, y]) => ({ x, y }));
  const first = cropAroundCandidate(candidateOf(face.box, own));
  const { points } = await mesh(image, first, false);
  const crop = cropAroundMesh({ points: points.map((point) => applyTransform(first, point)) });
  const [direct, mirrored] = [await mesh(image, crop, false), await mesh(image, crop, true)];
  if (Math.min(direct.presence, mirrored.presence) < LEAST_PRESENCE) return false;
  const [one, other] = [landmarksOfMesh(direct), mirroredBack(landmarksOfMesh(mirrored))];
  const apart = names.reduce(
    (sum, name) => sum + Math.hypot(one[name].x - other[name].x, one[name].y - other[name].y),
    0,
  );
  if (apart / names.length / (SIDE / 1.5) > MOST_DISAGREEMENT) return false;
  const mean = names.map((name) => ({
    x: (one[name].x + other[name].x) / 2,
    y: (one[name].y + other[name].y) / 2,
  }));
  const share = own === undefined ? 1 : shareOf(mean);
  if (share === 0) return false;
  face.landmarks = mean.map((point, index) => {
    const { x, y } = applyTransform(crop, point);
    const label = own?.[index] ?? { x, y };
    return [label.x + share * (x - label.x), label.y + share * (y - label.y)].map((value) =>
      Number(value.toFixed(2)),
    );
  });
  return true;
}

function candidateOf([x, y, width, height], landmarks) {
  const [left, right, , mouthLeft, mouthRight] = landmarks ?? [];
  const roll =
    landmarks === undefined
      ? 0
      : Math.atan2(
          (left.x + right.x) / 2 - (mouthLeft.x + mouthRight.x) / 2,
          (mouthLeft.y + mouthRight.y) / 2 - (left.y + right.y) / 2,
        );
  const [centreX, centreY] = [x + width / 2, y + height / 2];
  const [across, down] = [Math.cos(roll), Math.sin(roll)];
  return {
    box: { x, y, width, height },
    leftEye: { x: centreX - across, y: centreY - down },
    rightEye: { x: centreX + across, y: centreY + down },
    probability: 1,
  };
}

/** FaceMesh of a crop, in its pixels. */
async function mesh(image, { a, b, translationX, translationY }, mirrored) {
  const betweenCentres = {
    a,
    b,
    translationX: translationX + (a - b) / 2 - 0.5,
    translationY: translationY + (a + b) / 2 - 0.5,
  };
  const crop = sampleCrop(image, betweenCentres, { width: SIDE, height: SIDE });
  return decodeFaceMesh(await session.run(encoder.encode([{ image: crop, mirrored }])), inCrop);
}

function mirroredBack({ leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner }) {
  const back = ({ x, y }) => ({ x: SIDE - x, y });
  return {
    leftEye: back(rightEye),
    rightEye: back(leftEye),
    nose: back(nose),
    leftMouthCorner: back(rightMouthCorner),
    rightMouthCorner: back(leftMouthCorner),
  };
}

/** How much FaceMesh's landmarks count, 0 to 1. */
function shareOf(landmarks) {
  const [left, right, nose] = landmarks;
  const eyes = right.x - left.x;
  const turn = eyes > 1 ? Math.abs((nose.x - left.x) / eyes - 0.5) : Infinity;
  return Math.min(1, Math.max(0, (turn - LOOKS_AHEAD) / (IS_TURNED - LOOKS_AHEAD)));
}
