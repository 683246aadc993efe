/**
 * Targets of kind `pm2`. Looking reads its pid files, its log and /proc; its own command is run to act, and to ask
 * why an app is gone. The command would start a daemon where none runs, so it is never run then.
 */
import type { CommandResult } from '../../../domain/ports.ts';
import type { Outcome } from '../../../domain/strategy.ts';
import type { Capability, Pm2Target } from '../../../domain/target.ts';
import { type Ms, seconds } from '../../../domain/units.ts';
import {
  type CapabilityCall,
  type CapabilityText,
  cannot,
  failed,
  succeeded,
  type TargetDriver,
  unknownOutcome,
} from '../driver.ts';
import { type Pm2Home, readHome } from './home.ts';
import { type AppWatchDeps, createAppWatch, faultOf, runPm2 } from './watch.ts';

const CAN: readonly Capability[] = ['restart', 'scale'];
const ACT_LIMIT: Ms = seconds(120);
const SETTLE: Ms = seconds(2);

export function createPm2Driver(target: Pm2Target, deps: AppWatchDeps): TargetDriver {
  const { app } = target;
  const watch = createAppWatch(target, deps);
  const act = (args: readonly string[], signal: AbortSignal): Promise<Outcome> =>
    watch.asOurs(() => run(target, deps, args, signal));

  return {
    target,
    capabilities: () => CAN,
    describe: (call) => describe(call, target, watch.count(), watch.fault()),
    perform(call, signal) {
      if (call.capability === 'restart') return act(['restart', app], signal);
      if (call.capability === 'scale') return act(['scale', app, String(watch.count() + call.by)], signal);
      return Promise.resolve(failed(`an app of pm2 has no ${call.capability}`));
    },
    undo(call, signal) {
      if (call.capability !== 'scale')
        return Promise.resolve(failed(`${call.capability} of an app has no inverse`));
      return act(['scale', app, String(Math.max(1, watch.count() - call.by))], signal);
    },
    state: watch.state,
    refresh: watch.refresh,
    logLines: (count) => watch.logLines(count),
  };
}

async function run(
  target: Pm2Target,
  { commands, clock, startOf }: AppWatchDeps,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Outcome> {
  const before = readHome(target, startOf);
  const hindrance = faultOf(target, before);
  if (hindrance !== null) return failed(hindrance);
  const outcome = toOutcome(await runPm2(target, commands, args, { timeLimit: ACT_LIMIT, signal }));
  if (outcome.kind !== 'succeeded') return outcome;
  await clock.sleep(SETTLE, signal);
  return settled(before, readHome(target, startOf));
}

function describe(
  call: CapabilityCall,
  target: Pm2Target,
  count: number,
  fault: string | null,
): CapabilityText {
  const { app, maxInstances } = target;
  if (!CAN.includes(call.capability)) return cannot(target, call.capability);
  if (fault !== null) return { kind: 'cannot', reason: fault };
  if (call.capability !== 'scale') {
    return { kind: 'can', effect: `pm2 restart ${app}`, undo: null, idempotent: true, forks: true };
  }
  const wanted = count + call.by;
  if (wanted > maxInstances) {
    return {
      kind: 'cannot',
      reason: `${app} would run ${wanted} times, and at most ${maxInstances} are allowed`,
    };
  }
  return {
    kind: 'can',
    effect: `pm2 scale ${app} ${wanted} (${count} now)`,
    undo: `pm2 scale ${app} ${count}`,
    idempotent: true,
    forks: true,
  };
}

function toOutcome(result: CommandResult): Outcome {
  switch (result.kind) {
    case 'exited':
      // Its answer is a large table; only that it failed is worth a line.
      return result.code === 0 ? succeeded('') : failed(`pm2 ended with ${result.code}`);
    case 'killed':
    case 'timed_out':
      return unknownOutcome('pm2 did not end by itself');
    case 'not_started':
      return failed(result.reason);
  }
}

function settled(before: Pm2Home, after: Pm2Home): Outcome {
  if (after.lives.length === 0) return failed('no process of it lives after that');
  if (after.deadFiles > 0) return failed('one of its processes ended again');
  const fresh = after.lives.filter((life) => !before.lives.includes(life));
  return succeeded(`${after.lives.length} running, ${fresh.length} of them new`);
}
