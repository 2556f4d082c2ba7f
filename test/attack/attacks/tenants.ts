import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { intrusions } from '../../support/intrusions.js';
import { type Attack, hold } from '../attack.js';
import { contractMethods, emptyRequest, pathOf } from '../contract-requests.js';
import { RawCaller } from '../raw-calls.js';

export default {
  title: 'a client of one tenant asks for everything of another, and for what is the administrator’s',
  isShort: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 60,
  run: async ({ target, photographs }) => {
    const owner = target.client();
    const { collection, subject } = target;
    const { faces } = await owner.enrollment.listEnrolledFaces({ parent: subject });
    const belongings = { collection, subject, face: faces[0]?.name ?? '', photograph: photographs.person };
    const rival = target.client(target.keys.rival);
    const tried = Object.entries(intrusions(rival, belongings));
    for (const [method, call] of tried) {
      const outcome = await call().then(
        () => 'answered',
        (error: unknown) =>
          error instanceof RemoteFailure ? (error.reason ?? error.codeName) : String(error),
      );
      hold(outcome === 'COLLECTION_NOT_FOUND', `${method} of another tenant's is ${outcome}`);
    }
    const { collections } = await rival.enrollment.listCollections({});
    hold(collections.length === 0, `a rival sees ${collections.length} collections`);
    const denied = await deniedMethods(target.server.address, target.keys.rival);
    const { modelVersions } = await rival.model.listModelVersions({});
    const told = modelVersions.filter(({ manifestJson }) => manifestJson.includes('collections/'));
    hold(told.length === 0, 'a client sees what models were trained on');
    const { subject: whole } = await owner.enrollment.getSubject({ name: subject });
    hold(whole?.faceCount === 2, 'what was asked for has changed');
    return `${tried.length} methods find nothing, ${denied} are denied`;
  },
} satisfies Attack;

/** Calls what is not for clients. @returns how many methods that are */
async function deniedMethods(address: string, key: string): Promise<number> {
  const caller = new RawCaller(address, key);
  const own = /^(?:FaceVerification|Enrollment)Service$/u;
  const open = new Set([
    'GetCaller',
    'ListModelVersions',
    'GetModelVersion',
    'GetModelCalibration',
    'GetOperatingPoint',
  ]);
  const methods = contractMethods().filter(
    ({ parent, name }) => (!own.test(parent.name) && !open.has(name)) || name === 'GetEnrolledFaceCrop',
  );
  try {
    for (const method of methods) {
      const { code } = await caller.call(pathOf(method), [emptyRequest(method.input)]);
      hold(code === 'PERMISSION_DENIED', `${pathOf(method)} is ${code} to a client`);
    }
  } finally {
    caller.close();
  }
  return methods.length;
}
