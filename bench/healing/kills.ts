/**
 * kill -9 of the bot while it heals: half of the kills at a random moment of the 300 ms after an intent line is on
 * disk, the others anywhere. What must hold afterwards is in kill-tally.ts.
 *
 *     npm run bench -- kills [--count 200] [--lanes 2] [--incarnations 30] [--folder DIR]
 *
 * Faults are quick ones and the sandbox is told by its own configuration that it may act as often as any host may be
 * told; two sandboxes share the work, because twenty attempts an hour is the most for a target and strategy.
 */
import { open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CATALOGUE, type FaultEntry, type PatientName } from '../../src/app/drill/catalogue.ts';
import { openSandbox, type Sandbox, type SandboxDeps } from '../../src/app/drill/sandbox.ts';
import { feed, inject, untilUp } from '../../src/app/drill/trial.ts';
import type { DrillFault } from '../../src/domain/drill.ts';
import { type Ms, ms, seconds } from '../../src/domain/units.ts';
import { openSandboxDeps } from './doors.ts';
import { say, sumOf, type Tally, tallyOf } from './kill-tally.ts';

/** Faults that one action ends, and soon. */
const HEALED_SOON: readonly DrillFault[] = ['slow', 'errors', 'poisoned_cache', 'hung'];
const ANY: readonly DrillFault[] = [...HEALED_SOON, 'killed', 'stuck_queue'];
/** Long enough for most lives to find something and to be in the middle of it when they end. */
const LONGEST_LIFE = 12_000;
const SURE_SOON = { soft: { badOf: 2, outOf: 3, clearAfterGood: 2 } };
/** So soon after an intent line half of the kills come: while it is charged, done, recorded or looked at. */
const AIM_WITHIN = 300;
/** A fault that led to nothing by then is left alone, and the kill comes where it comes. */
const WAIT_FOR_INTENT = seconds(20);
const LOOK = ms(10);
const MEND_WITHIN: Ms = seconds(1);

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      count: { type: 'string', default: '200' },
      lanes: { type: 'string', default: '2' },
      folder: { type: 'string' },
      incarnations: { type: 'string', default: '30' },
      build: { type: 'string' },
    },
  });
  const folder = values.folder ?? join(tmpdir(), `nightshift-kills-${process.pid}`);
  const deps = openSandboxDeps(values.build ?? join(import.meta.dirname, '../../dist'));
  const lanes = Number(values.lanes);
  const each = Math.ceil(Number(values.count) / lanes);
  const torture = sumOf(
    await Promise.all(
      Array.from({ length: lanes }, (_, lane) => torment(each, join(folder, `kills-${lane}`), deps)),
    ),
  );
  say(torture);
  const loop = await crashLoop(Number(values.incarnations), join(folder, 'loop'), deps);
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
    // Four faults in a minute are the purpose here, not a common cause.
    blastRadius: { minTargets: 1_000 },
  };
  const over = { intervalSeconds: 1, verifySeconds: 10, limits, confirmation: SURE_SOON };
  const sandbox = await openSandbox({ folder, over }, deps);
  let [faults, aimed] = [0, 0];
  try {
    await sandbox.start();
    const stopFeeding = feed(sandbox, deps);
    await untilUp(sandbox, AbortSignal.timeout(60_000), deps);
    for (let kills = 1; kills <= count; kills += 1) {
      const isAimed = kills % 2 === 0;
      if (await breakSomething(sandbox, isAimed ? HEALED_SOON : ANY, deps)) faults += 1;
      if (isAimed) aimed += Number(await soonAfterIntent(sandbox, deps));
      else await deps.clock.sleep(ms(deps.random.next() * LONGEST_LIFE));
      await sandbox.kill();
      await sandbox.start();
      if (kills % 10 === 0) process.stderr.write(`${kills} kills, ${faults} faults, ${aimed} aimed\n`);
    }
    await deps.clock.sleep(seconds(45));
    stopFeeding();
    return await tallyOf(sandbox, { kills: count, faults, aimed });
  } finally {
    await sandbox.stop();
  }
}

/** Resolves within 300 ms after an intent line is on disk; without one, a person mends everything, so that it goes on. */
async function soonAfterIntent(sandbox: Sandbox, deps: SandboxDeps): Promise<boolean> {
  const { clock, random } = deps;
  const path = join(sandbox.dataFolder, 'audit', 'healing_log.jsonl');
  const until = clock.monotonic() + WAIT_FOR_INTENT;
  let from = await sizeOf(path);
  while (clock.monotonic() < until) {
    const text = await readFrom(path, from);
    if (text.includes('"kind":"intent"')) {
      await clock.sleep(ms(random.next() * AIM_WITHIN));
      return true;
    }
    from += Buffer.byteLength(text);
    await clock.sleep(LOOK);
  }
  await mend(sandbox, deps);
  return false;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

/** Whole lines only, so that none is looked at in two halves. */
async function readFrom(path: string, from: number): Promise<string> {
  const size = await sizeOf(path);
  if (size <= from) return '';
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return text.slice(0, text.lastIndexOf('\n') + 1);
  } finally {
    await file.close();
  }
}

async function mend(sandbox: Sandbox, { http }: SandboxDeps): Promise<void> {
  const patients: readonly PatientName[] = ['drill-db', 'drill-shop', 'drill-worker'];
  for (const patient of patients) {
    const url = `http://127.0.0.1:${sandbox.ports[patient]}/fault`;
    await http.request({ url, method: 'DELETE', timeLimit: MEND_WITHIN });
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
    const tally = await tallyOf(sandbox, { kills: count, faults, aimed: 0 });
    return { ...tally, faultsFound: [...tally.faultsFound, ...overspent(tally)] };
  } finally {
    await sandbox.stop();
  }
}

/** For one target and strategy; a busy machine may make another patient sick in earnest, and that has its own three. */
function overspent({ mostForOne }: Tally): readonly string[] {
  return mostForOne <= 3
    ? []
    : [`${mostForOne} heals for one target and strategy, expected at most 3 within the hour`];
}

async function breakSomething(
  sandbox: Sandbox,
  faults: readonly DrillFault[],
  deps: SandboxDeps,
): Promise<boolean> {
  const name = faults[Math.floor(deps.random.next() * faults.length)];
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
