/**
 * kill -9 of the bot at random moments while it heals: what the patients themselves counted must agree with what the
 * audit log says, the chain must verify, and what was spent must stay spent.
 *
 *     npm run bench -- kills [--count 200] [--folder DIR]
 */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CATALOGUE, type FaultEntry } from '../../src/app/drill/catalogue.ts';
import { openSandbox, type Sandbox, type SandboxDeps } from '../../src/app/drill/sandbox.ts';
import type { SeenLine } from '../../src/app/drill/sandbox-api.ts';
import { feed, inject, readEffects, untilUp } from '../../src/app/drill/trial.ts';
import { ms, seconds } from '../../src/domain/units.ts';
import { readAudit, verifyAuditFolder } from '../../src/healing/audit-read.ts';
import { openSandboxDeps } from './doors.ts';

/** Faults that one action ends, so that there is always something to do. */
const QUICK = ['slow', 'errors', 'poisoned_cache', 'killed', 'hung', 'stuck_queue'];
/** Long enough for most lives to find something and to be in the middle of it when they end. */
const LONGEST_LIFE = 16_000;
const SURE_SOON = { soft: { badOf: 2, outOf: 3, clearAfterGood: 2 } };
const EVERYTHING = 100_000;

interface Tally {
  readonly kills: number;
  readonly faults: number;
  readonly intents: number;
  readonly outcomes: number;
  readonly unknownOutcomes: number;
  readonly controls: number;
  readonly starts: number;
  readonly chain: string;
  readonly faultsFound: readonly string[];
}

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      count: { type: 'string' },
      folder: { type: 'string' },
      incarnations: { type: 'string' },
      build: { type: 'string' },
    },
  });
  const folder = values.folder ?? join(tmpdir(), `nightshift-kills-${process.pid}`);
  const deps = openSandboxDeps(values.build ?? join(import.meta.dirname, '../../dist'));
  const torture = await torment(Number(values.count ?? 200), join(folder, 'kills'), deps);
  say(torture);
  const loop = await crashLoop(Number(values.incarnations ?? 30), join(folder, 'loop'), deps);
  say(loop);
  return torture.faultsFound.length + loop.faultsFound.length === 0 ? 0 : 1;
}

async function torment(count: number, folder: string, deps: SandboxDeps): Promise<Tally> {
  const limits = {
    gracePeriodSeconds: 0,
    maxAttemptsPerHour: 20,
    perTargetPerHour: 60,
    perHostPerHour: 200,
    breaker: { failures: 10, openMinutes: 1 },
  };
  const over = { intervalSeconds: 1, verifySeconds: 15, limits, confirmation: SURE_SOON };
  const sandbox = await openSandbox({ folder, over }, deps);
  let faults = 0;
  try {
    await sandbox.start();
    const stopFeeding = feed(sandbox, deps);
    await untilUp(sandbox, AbortSignal.timeout(60_000), deps);
    for (let kills = 1; kills <= count; kills += 1) {
      if (await breakSomething(sandbox, deps)) faults += 1;
      await deps.clock.sleep(ms(deps.random.next() * LONGEST_LIFE));
      await sandbox.kill();
      await sandbox.start();
      if (kills % 20 === 0) process.stderr.write(`${kills} kills, ${faults} faults\n`);
    }
    await deps.clock.sleep(seconds(45));
    stopFeeding();
    return await tallyOf(sandbox, count, faults);
  } finally {
    await sandbox.stop();
  }
}

/** The bot dies every few seconds and its patient is broken anew each time: the hour's three attempts are all there are. */
async function crashLoop(count: number, folder: string, deps: SandboxDeps): Promise<Tally> {
  const over = {
    intervalSeconds: 1,
    verifySeconds: 15,
    limits: { gracePeriodSeconds: 0 },
    confirmation: SURE_SOON,
  };
  const sandbox = await openSandbox({ folder, over }, deps);
  const slow = CATALOGUE.find(({ fault }) => fault === 'slow');
  let faults = 0;
  try {
    await sandbox.start();
    await untilUp(sandbox, AbortSignal.timeout(60_000), deps);
    for (let kills = 0; kills < count; kills += 1) {
      if (slow !== undefined && (await tryInject(sandbox, slow, deps))) faults += 1;
      await deps.clock.sleep(ms(8_000 + deps.random.next() * 8_000));
      await sandbox.kill();
      await sandbox.start();
    }
    const tally = await tallyOf(sandbox, count, faults);
    const found = tally.intents > 3 ? [`${tally.intents} heals, expected at most 3 within the hour`] : [];
    return { ...tally, faultsFound: [...tally.faultsFound, ...found] };
  } finally {
    await sandbox.stop();
  }
}

async function breakSomething(sandbox: Sandbox, deps: SandboxDeps): Promise<boolean> {
  const name = QUICK[Math.floor(deps.random.next() * QUICK.length)];
  const entry = CATALOGUE.find(({ fault }) => fault === name);
  return entry !== undefined && tryInject(sandbox, entry, deps);
}

/** A patient that is broken already takes no second fault. */
async function tryInject(sandbox: Sandbox, entry: FaultEntry, deps: SandboxDeps): Promise<boolean> {
  try {
    await inject(sandbox, entry, deps);
    return true;
  } catch {
    // It hangs, or is just being started: the next round breaks something.
    return false;
  }
}

async function tallyOf(sandbox: Sandbox, kills: number, faults: number): Promise<Tally> {
  const folder = join(sandbox.dataFolder, 'audit');
  const lines = (await readAudit(folder, { limit: EVERYTHING })) as readonly SeenLine[];
  const effects = await readEffects(sandbox);
  const of = (kind: string): readonly SeenLine[] => lines.filter((line) => line.kind === kind);
  const [intents, outcomes, workers] = [of('intent'), of('outcome'), of('worker')];
  const controls = effects.filter(({ effect }) => effect.startsWith('POST '));
  const starts = effects.filter(({ effect }) => effect === 'start');
  const verdict = await verifyAuditFolder(folder);
  const restarts = intents.filter(({ text }) => /stop worker/.test(text)).length;
  const exits = workers.filter(({ data }) => typeof data?.['how'] === 'string').length;
  const found = [
    ...(verdict.kind === 'intact' ? [] : [`the chain is broken at line ${verdict.line}: ${verdict.reason}`]),
    ...doubles(intents, 'intent'),
    ...doubles(outcomes, 'outcome'),
    ...missing(intents, outcomes),
    ...atMost('effects on controls', controls.length, intents.length - restarts),
    // Three for the first start; each other one has an exit or an intent behind it.
    ...atMost('starts of patients', starts.length, 3 + exits + restarts),
    ...(await forgotten(sandbox, intents)),
  ];
  return {
    kills,
    faults,
    intents: intents.length,
    outcomes: outcomes.length,
    unknownOutcomes: outcomes.filter(({ text }) => text.startsWith('Unknown')).length,
    controls: controls.length,
    starts: starts.length,
    chain: verdict.kind === 'intact' ? `${verdict.lines} lines intact` : verdict.kind,
    faultsFound: found,
  };
}

function doubles(lines: readonly SeenLine[], what: string): readonly string[] {
  const ids = lines.map(({ actionId }) => actionId);
  return ids.length === new Set(ids).size ? [] : [`an ${what} line stands twice`];
}

/** An intent without an outcome may only be the one that is under way. */
function missing(intents: readonly SeenLine[], outcomes: readonly SeenLine[]): readonly string[] {
  const ended = new Set(outcomes.map(({ actionId }) => actionId));
  const open = intents.filter(({ actionId }) => !ended.has(actionId));
  return open.length <= 1 ? [] : [`${open.length} intents have no outcome`];
}

function atMost(what: string, found: number, most: number): readonly string[] {
  return found <= most ? [] : [`${found} ${what}, expected at most ${most}`];
}

/** Everything the log announces was charged, and is still. */
async function forgotten({ dataFolder }: Sandbox, intents: readonly SeenLine[]): Promise<readonly string[]> {
  const text = await readFile(join(dataFolder, 'state', 'healing-ledger.json'), 'utf8').catch(() => '');
  const lost = intents.filter(({ actionId }) => actionId !== undefined && !text.includes(actionId));
  return lost.length === 0 ? [] : [`${lost.length} attempts are not charged any more`];
}

function say(tally: Tally): void {
  const { faultsFound, ...figures } = tally;
  const rows = Object.entries(figures).map(([name, value]) => `${name.padEnd(16)} ${value}`);
  const end = faultsFound.length === 0 ? ['nothing was done twice, lost or forgotten'] : faultsFound;
  process.stdout.write(`${[...rows, ...end].join('\n')}\n\n`);
}
