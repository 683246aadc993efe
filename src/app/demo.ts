/**
 * `nightshift demo`: a sandbox of its own, so that a newcomer sees an incident found, healed and reported in two
 * minutes. It has its own configuration, data and two patients, and acts in production mode on them alone.
 *
 * The configuration is written anew at each start, so that every demo begins the same; its data stay.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { type DemoPatient, demoConfigs, type PatientProgram } from './demo-configs.ts';

export interface Demo {
  readonly configFolder: string;
  readonly dataFolder: string;
  readonly patients: readonly DemoPatient[];
}

/**
 * Makes the sandbox in `folder` (usually `<data>/demo`): `configs/`, `data/`, and `patients/` where the patients
 * keep their heartbeat and faults. The ports of the last demo are kept while nobody else has them, so that a
 * patient that outlived a killed bot is still found at its address.
 */
export async function prepareDemo(folder: string): Promise<Demo> {
  const root = resolve(folder);
  const demo = {
    configFolder: join(root, 'configs'),
    dataFolder: join(root, 'data'),
    patientFolder: join(root, 'patients'),
  };
  for (const one of [root, ...Object.values(demo)]) {
    await mkdir(one, { recursive: true });
    await chmod(one, 0o700);
  }
  const known = await readDemo(root);
  const patients = [
    await placePatient('demo-shop', known, demo.patientFolder),
    await placePatient('rpa-worker', known, demo.patientFolder),
  ];
  const files = demoConfigs({ patients, folder: demo.patientFolder, program: patientProgram() });
  for (const [name, content] of Object.entries(files))
    await writeJson(join(demo.configFolder, name), content);
  await writeJson(join(root, 'demo.json'), { patients });
  return { configFolder: demo.configFolder, dataFolder: demo.dataFolder, patients };
}

/** The patients of the demo in this folder; none where there has been no demo. */
export async function readDemo(folder: string): Promise<readonly DemoPatient[]> {
  try {
    const data: unknown = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8'));
    const patients = (data as { readonly patients?: unknown } | null)?.patients;
    return Array.isArray(patients) ? patients.filter(isPatient) : [];
  } catch {
    // No demo yet, or half a file: the next one begins with new ports.
    return [];
  }
}

async function placePatient(
  name: DemoPatient['name'],
  known: readonly DemoPatient[],
  folder: string,
): Promise<DemoPatient> {
  const former = known.find((patient) => patient.name === name);
  const keep = former !== undefined && ((await isFree(former.port)) || (await isPatientAt(former)));
  const port = keep ? former.port : await freePort();
  return { name, port, url: `http://127.0.0.1:${port}`, faultFile: join(folder, `${name}.faults.json`) };
}

/** The built program, or the source through the loader of development. */
export function patientProgram(): PatientProgram {
  const extension = extname(import.meta.filename);
  return {
    command: [
      'node',
      ...(extension === '.ts' ? ['--import', 'tsx'] : []),
      join(import.meta.dirname, `patient${extension}`),
    ],
    cwd: resolve(import.meta.dirname, '../..'),
  };
}

function isPatient(value: unknown): value is DemoPatient {
  if (typeof value !== 'object' || value === null) return false;
  const { name, port, url, faultFile } = value as Readonly<Record<string, unknown>>;
  return (
    (name === 'demo-shop' || name === 'rpa-worker') &&
    typeof port === 'number' &&
    typeof url === 'string' &&
    typeof faultFile === 'string'
  );
}

async function isPatientAt({ url, name }: DemoPatient): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) });
    return ((await response.json()) as { readonly patient?: unknown }).patient === name;
  } catch {
    // Somebody else, or one that hangs: a new port is safe in both cases.
    return false;
  }
}

function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

export function freePort(): Promise<number> {
  return listenOnce(0);
}

/** The port it got, closed again. */
function listenOnce(port: number): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

/** A config that others can write would be refused. */
async function writeJson(path: string, content: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}
