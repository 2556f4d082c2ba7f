/** What of a call the page lets people set. */
export interface VerifyChoices {
  readonly isLargestFace: boolean;
  readonly allowsLowQuality: boolean;
  /** At most one of both; neither: the service's operating point. */
  readonly falseMatchRate?: number | undefined;
  readonly similarityThreshold?: number | undefined;
}

export interface CallExample {
  readonly label: string;
  readonly code: string;
}

/** The same call of Verify for other programs. Where a key is needed, it is read from SYMFACE_API_KEY: none is shown. */
export function verifyExamples(
  origin: string,
  needsKey: boolean,
  choices: VerifyChoices,
): readonly CallExample[] {
  const url = `${origin}/symface.v1.FaceVerificationService/Verify`;
  const fields = fieldsOf(choices);
  return [
    { label: 'curl', code: curlCode(url, needsKey, fields) },
    { label: 'TypeScript', code: typeScriptCode(url, needsKey, fields) },
    { label: 'Python', code: pythonCode(url, needsKey, fields) },
  ];
}

type Fields = readonly (readonly [name: string, value: string])[];

function fieldsOf(choices: VerifyChoices): Fields {
  const { isLargestFace, allowsLowQuality, falseMatchRate, similarityThreshold } = choices;
  return [
    ...(isLargestFace ? [['faceSelection', '"FACE_SELECTION_LARGEST"'] as const] : []),
    ...(allowsLowQuality ? [['quality', '{"allowLowQuality": true}'] as const] : []),
    ...(falseMatchRate === undefined ? [] : [['falseMatchRate', String(falseMatchRate)] as const]),
    ...(similarityThreshold === undefined
      ? []
      : [['similarityThreshold', similarityThreshold.toFixed(3)] as const]),
  ];
}

/** The photographs are too long for a command line: printf is the shell's own. */
function curlCode(url: string, needsKey: boolean, fields: Fields): string {
  const more = fields.map(([name, value]) => `,"${name}":${value.replaceAll(' ', '')}`).join('');
  const key = needsKey ? `  -H "Authorization: Bearer $SYMFACE_API_KEY" \\\n` : '';
  return `printf '{"imageA":{"content":"%s"},"imageB":{"content":"%s"}${more}}' \\
  "$(base64 -w0 a.jpg)" "$(base64 -w0 b.jpg)" |
curl -sS ${url} \\
  -H 'Content-Type: application/json' \\
${key}  --data-binary @-`;
}

function typeScriptCode(url: string, needsKey: boolean, fields: Fields): string {
  const more = fields.map(([name, value]) => `\n    ${name}: ${asTypeScript(value)},`).join('');
  const key = needsKey ? '\n    Authorization: `Bearer ${process.env.SYMFACE_API_KEY}`,' : '';
  return `import { readFile } from 'node:fs/promises';

const image = async (path: string) => ({ content: await readFile(path, 'base64') });
const response = await fetch('${url}', {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',${key}
  },
  body: JSON.stringify({
    imageA: await image('a.jpg'),
    imageB: await image('b.jpg'),${more}
  }),
});
const answer = await response.json();
if (!response.ok) throw new Error(answer.message);
console.log(answer.matched ?? false, answer.similarity, answer.threshold.similarity);`;
}

function asTypeScript(value: string): string {
  return value.replaceAll('{"allowLowQuality": true}', '{ allowLowQuality: true }').replaceAll('"', "'");
}

function pythonCode(url: string, needsKey: boolean, fields: Fields): string {
  const more = fields
    .map(([name, value]) => `\n    "${name}": ${value.replaceAll('true', 'True')},`)
    .join('');
  const key = needsKey ? '\n    "Authorization": f"Bearer {os.environ[\'SYMFACE_API_KEY\']}",' : '';
  return `import base64, json${needsKey ? ', os' : ''}, urllib.request

def image(path):
    with open(path, "rb") as file:
        return {"content": base64.b64encode(file.read()).decode()}

body = {
    "imageA": image("a.jpg"),
    "imageB": image("b.jpg"),${more}
}
headers = {
    "Content-Type": "application/json",${key}
}
request = urllib.request.Request("${url}", json.dumps(body).encode(), headers)
with urllib.request.urlopen(request) as response:
    answer = json.load(response)
print(answer.get("matched", False), answer["similarity"], answer["threshold"]["similarity"])`;
}
