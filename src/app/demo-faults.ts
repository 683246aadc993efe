/** Breaks and mends the sandbox patients: for `nightshift demo break`, and for the console of the demo. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { DemoDesk, DemoFault } from '../bot/web/deps.ts';
import type { ControlResult } from '../domain/controls.ts';
import type { HttpClient } from '../domain/ports.ts';
import { type Ms, seconds } from '../domain/units.ts';
import { readDemo } from './demo.ts';
import type { DemoPatient } from './demo-configs.ts';
import type { FaultKind } from './patient-faults.ts';

const ANSWER_WITHIN: Ms = seconds(2);
const MEND = 'mend';

interface FaultEntry {
  readonly name: string;
  readonly label: string;
  readonly summary: string;
  readonly patient: DemoPatient['name'];
  readonly kind: FaultKind;
}

/** Every way to break the sandbox, in the order a newcomer may try them. */
export const DEMO_FAULTS: readonly FaultEntry[] = [
  {
    name: 'hang',
    label: 'Hang',
    summary: 'demo-shop answers nothing any more. It is critical, so its restart asks for your yes.',
    patient: 'demo-shop',
    kind: 'hang',
  },
  {
    name: 'worker_hang',
    label: 'Worker hang',
    summary: 'rpa-worker stops working and its heartbeat stops. It is restarted without asking.',
    patient: 'rpa-worker',
    kind: 'hang',
  },
  {
    name: 'crash',
    label: 'Crash',
    summary: 'rpa-worker exits once. Its supervisor has it back within a second; no incident is needed.',
    patient: 'rpa-worker',
    kind: 'crash',
  },
  {
    name: 'crash_loop',
    label: 'Crash loop',
    summary:
      'rpa-worker exits 1.5 s after each start. After five exits it is kept stopped and handed to you.',
    patient: 'rpa-worker',
    kind: 'crash_loop',
  },
  {
    name: 'slow',
    label: 'Slow',
    summary: 'demo-shop takes 2 s to answer. Switching its cache on helps, and is done without asking.',
    patient: 'demo-shop',
    kind: 'slow',
  },
  {
    name: 'errors',
    label: 'Errors',
    summary: 'Seven of ten answers of demo-shop are errors. Its fallback helps, and is used without asking.',
    patient: 'demo-shop',
    kind: 'errors',
  },
  {
    name: 'leak',
    label: 'Leak',
    summary:
      'demo-shop takes 20 MB more each second, to 300 MB. Clearing its cache does not help; a restart does.',
    patient: 'demo-shop',
    kind: 'leak',
  },
  {
    name: 'cpu',
    label: 'CPU burn',
    summary: 'demo-shop burns one core for two minutes. A rate limit is tried first, then a restart.',
    patient: 'demo-shop',
    kind: 'cpu',
  },
];

/** @param fault A name of `DEMO_FAULTS`, or `mend`. */
export async function injectFault(folder: string, fault: string, http: HttpClient): Promise<ControlResult> {
  const patients = await readDemo(folder);
  if (patients.length === 0) return { kind: 'not_found', reason: 'No demo has been started here.' };
  if (fault === MEND) return mend(patients, http);

  const entry = DEMO_FAULTS.find(({ name }) => name === fault);
  const patient = patients.find(({ name }) => name === entry?.patient);
  if (entry === undefined || patient === undefined) {
    const names = [...DEMO_FAULTS.map(({ name }) => name), MEND].join(', ');
    return { kind: 'not_found', reason: `Unknown fault "${fault}". Known: ${names}.` };
  }
  const broken = await ask(http, patient, 'POST', JSON.stringify({ kind: entry.kind }));
  if (!broken)
    return { kind: 'failed', reason: `${patient.name} does not answer; it may be broken already.` };
  return { kind: 'done', text: entry.summary };
}

/** For the console: reads what is active from the patients' own files, so that it never waits for a hung one. */
export function createDemoDesk(folder: string, patients: readonly DemoPatient[], http: HttpClient): DemoDesk {
  return {
    faults: () => [
      ...DEMO_FAULTS.map((entry) => view(entry, patients)),
      {
        name: MEND,
        label: 'Mend',
        summary: 'Ends all faults that a patient can end by itself.',
        active: false,
      },
    ],
    inject: (fault) => injectFault(folder, fault, http),
  };
}

/** The file first: a patient in a crash loop may be dead now and must not take the loop up again. */
async function mend(patients: readonly DemoPatient[], http: HttpClient): Promise<ControlResult> {
  const silent: string[] = [];
  for (const patient of patients) {
    const hangs = activeOf(patient).includes('hang');
    if (!hangs) await writeFile(patient.faultFile, '[]', { mode: 0o600 });
    if (!(await ask(http, patient, 'DELETE'))) silent.push(patient.name);
  }
  if (silent.length === 0) return { kind: 'done', text: 'All faults have ended.' };
  const [first = ''] = silent;
  const help = `If it hangs: nightshift worker restart ${first}. If it is kept stopped: nightshift worker start ${first}.`;
  return { kind: 'done', text: `Faults have ended, but ${silent.join(' and ')} did not answer. ${help}` };
}

async function ask(
  http: HttpClient,
  { url }: DemoPatient,
  method: 'POST' | 'DELETE',
  body?: string,
): Promise<boolean> {
  const answer = await http.request({
    url: `${url}/fault`,
    method,
    timeLimit: ANSWER_WITHIN,
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });
  return answer.kind === 'answered' && answer.status === 200;
}

function view(
  { name, label, summary, patient, kind }: FaultEntry,
  patients: readonly DemoPatient[],
): DemoFault {
  const found = patients.find((one) => one.name === patient);
  return { name, label, summary, active: found !== undefined && activeOf(found).includes(kind) };
}

function activeOf({ faultFile }: DemoPatient): readonly unknown[] {
  try {
    const data: unknown = JSON.parse(readFileSync(faultFile, 'utf8'));
    return Array.isArray(data) ? data : [];
  } catch {
    // Not started yet: nothing is broken.
    return [];
  }
}
