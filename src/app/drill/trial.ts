/**
 * One trial: a fresh sandbox, a quiet while, the fault, and watching until it ended as it must or its time is over.
 * Every trial has a bot without a past, so that the shipped limits (three attempts an hour) hold in each as they are.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DrillTrial } from '../../domain/drill.ts';
import { describeError } from '../../domain/errors.ts';
import { type EpochMs, fromIso, type Ms, minutes, ms, seconds } from '../../domain/units.ts';
import type { FaultEntry, PatientName } from './catalogue.ts';
import {
  isOver,
  judgeControl,
  judgeTrial,
  type Observation,
  type SeenEffect,
  type Verdict,
} from './judge-trial.ts';
import { openSandbox, type Sandbox, type SandboxDeps, type SandboxPlace } from './sandbox.ts';

const LOOK: Ms = ms(250);
const FEED_EVERY: Ms = ms(2_500);
/** Long enough for the rate of a minute to know something, and for false alarms to show. */
const QUIET: Ms = seconds(30);
/** After the end: does anything else happen? */
const TAIL: Ms = seconds(6);
const CONTROL: Ms = minutes(2);
const ASK_WITHIN: Ms = seconds(2);
const PATIENTS: readonly PatientName[] = ['drill-db', 'drill-shop', 'drill-worker'];

export interface TrialRequest {
  /** `null` = a control period. */
  readonly entry: FaultEntry | null;
  readonly repetition: number;
  readonly place: SandboxPlace;
  readonly signal: AbortSignal;
}

/** Never rejects for what a sandbox does: that is a missed trial. Rejects when it is told to stop. */
export async function runTrial(request: TrialRequest, deps: SandboxDeps): Promise<DrillTrial> {
  const { entry, repetition, signal } = request;
  const startedAt = deps.clock.now();
  const shared = { fault: entry?.fault ?? ('control' as const), repetition, startedAt };
  try {
    const sandbox = await openSandbox(request.place, deps);
    try {
      return { ...shared, ...(await watch(sandbox, request, deps)) };
    } finally {
      await sandbox.stop();
    }
  } catch (cause) {
    signal.throwIfAborted();
    return { ...shared, ...NOTHING, note: `the sandbox failed: ${describeError(cause)}` };
  }
}

const NOTHING: Verdict = {
  ending: 'missed',
  detected: null,
  recovered: null,
  actions: 0,
  wrongActions: 0,
  paged: false,
  exits: null,
  note: '',
};

async function watch(sandbox: Sandbox, request: TrialRequest, deps: SandboxDeps): Promise<Verdict> {
  const { entry, signal } = request;
  await sandbox.start();
  const stopFeeding = feed(sandbox, deps);
  try {
    await untilUp(sandbox, signal, deps);
    await deps.clock.sleep(QUIET, signal);
    if (entry === null) {
      const from = deps.clock.now();
      await deps.clock.sleep(CONTROL, signal);
      return judgeControl(await observe(sandbox, from, null, deps));
    }
    const injectedAt = await inject(sandbox, entry, deps);
    return judgeTrial(entry, await follow(sandbox, entry, injectedAt, signal, deps));
  } finally {
    stopFeeding();
  }
}

/** What the bot of the sandbox cannot read itself: the patients tell it to whoever brings it there. */
export function feed(sandbox: Sandbox, { clock, http }: SandboxDeps): () => void {
  return clock.every(FEED_EVERY, async () => {
    const answer = await http.request({
      url: `http://127.0.0.1:${sandbox.ports['drill-worker']}/figures`,
      timeLimit: ASK_WITHIN,
    });
    if (answer.kind !== 'answered') return;
    const figures = parsed(answer.body);
    const samples = [
      { metric: 'queue_depth:drill-queue', value: figures['queueDepth'] },
      { metric: 'queue_rate:drill-queue', value: figures['queueRate'] },
      { metric: 'folder_pieces:worker', value: sandbox.isFileSystem ? null : figures['pieces'] },
    ].filter((sample): sample is { metric: string; value: number } => typeof sample.value === 'number');
    await sandbox.api().push(samples);
  });
}

export async function untilUp(sandbox: Sandbox, signal: AbortSignal, { clock }: SandboxDeps): Promise<void> {
  const until = clock.monotonic() + minutes(1);
  while (clock.monotonic() < until) {
    const workers = await sandbox.api().workers();
    if (workers?.length === PATIENTS.length && workers.every(({ state }) => state === 'running')) return;
    await clock.sleep(LOOK, signal);
  }
  throw new Error('the patients did not come up');
}

/** Resolves with the moment just before the fault. */
export async function inject(
  sandbox: Sandbox,
  { injection, patient }: FaultEntry,
  { clock, http }: SandboxDeps,
): Promise<EpochMs> {
  const at = clock.now();
  if (injection.by === 'signal') {
    const pid = (await sandbox.api().workers())?.find(({ worker }) => worker === patient)?.pid ?? null;
    if (pid === null) throw new Error(`${patient} has no process`);
    process.kill(pid, injection.signal);
    return at;
  }
  const answer = await http.request({
    url: `http://127.0.0.1:${sandbox.ports[patient]}/fault`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: injection.kind }),
    timeLimit: ASK_WITHIN,
  });
  if (answer.kind !== 'answered' || answer.status !== 200) throw new Error(`${patient} takes no fault`);
  return at;
}

async function follow(
  sandbox: Sandbox,
  entry: FaultEntry,
  injectedAt: EpochMs,
  signal: AbortSignal,
  deps: SandboxDeps,
): Promise<Observation> {
  const { clock } = deps;
  const until = clock.monotonic() + entry.limit;
  let seen = await observe(sandbox, injectedAt, null, deps);
  while (clock.monotonic() < until && !isOver(entry, seen)) {
    await clock.sleep(LOOK, signal);
    seen = await observe(sandbox, injectedAt, seen.wellSince, deps);
  }
  if (!isOver(entry, seen)) return seen;
  await clock.sleep(TAIL, signal);
  return observe(sandbox, injectedAt, seen.wellSince, deps);
}

async function observe(
  sandbox: Sandbox,
  injectedAt: EpochMs,
  wellBefore: EpochMs | null,
  { clock }: SandboxDeps,
): Promise<Observation> {
  const api = sandbox.api();
  const [incidents, intents, workerLines, workers, effects, isWell] = await Promise.all([
    api.incidents(),
    api.audit('intent'),
    api.audit('worker'),
    api.workers(),
    readEffects(sandbox),
    areFaultless(sandbox),
  ]);
  const isUp = workers?.every(({ state }) => state === 'running') === true && isWell;
  return {
    injectedAt,
    incidents: incidents ?? [],
    intents: intents ?? [],
    workerLines: workerLines ?? [],
    effects,
    wellSince: isUp ? (wellBefore ?? clock.now()) : null,
  };
}

export async function readEffects({
  patientFolder,
}: Pick<Sandbox, 'patientFolder'>): Promise<readonly SeenEffect[]> {
  const files = await Promise.all(
    PATIENTS.map(async (patient) => {
      const text = await readText(join(patientFolder, `${patient}.effects.jsonl`));
      return text.split('\n').flatMap((line): readonly SeenEffect[] => {
        const { time, effect } = parsed(line);
        const at = typeof time === 'string' ? fromIso(time) : undefined;
        return at === undefined || typeof effect !== 'string' ? [] : [{ patient, at, effect }];
      });
    }),
  );
  return files.flat();
}

/** By their own word: a patient keeps what is wrong with it in a file. */
async function areFaultless({ patientFolder }: Sandbox): Promise<boolean> {
  const texts = await Promise.all(
    PATIENTS.map((patient) => readText(join(patientFolder, `${patient}.faults.json`))),
  );
  return texts.every((text) => text.trim() === '[]');
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Not written yet.
    return '';
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // An empty line, or half of one.
    return {};
  }
}
