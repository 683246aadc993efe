/**
 * What a kind cannot do by itself, its control URLs and switches can: a unit of systemd has no rate limit, the
 * service in it may have one. The kind's own way goes first, then the URL, then the switch.
 */
import type { Outcome } from '../../domain/strategy.ts';
import { type Capability, FLAG_CAPABILITIES, type FlagCapability, type Target } from '../../domain/target.ts';
import type { CapabilityCall, CapabilityText, TargetDriver } from './driver.ts';
import { type FlagLook, readFlag, setFlag, showFlag } from './flags.ts';

/** @param controls A driver over the control URLs of the target, or `null` where it has none. */
export function withControls(own: TargetDriver, controls: TargetDriver | null): TargetDriver {
  const flags: NonNullable<Target['flags']> = own.target.flags ?? {};
  if (controls === null && Object.keys(flags).length === 0) return own;
  const looks = new Map<string, FlagLook>();

  const wayOf = (capability: Capability): Way => {
    if (own.capabilities().includes(capability)) return own;
    if (controls?.capabilities().includes(capability)) return controls;
    const flag = isFlagCapability(capability) ? flags[capability] : undefined;
    if (flag === undefined) return own;
    return {
      describe: () => describeFlag(flag, looks.get(flag.file)),
      perform: () => setFlag(flag, flag.on),
      undo: () => setFlag(flag, flag.off),
    };
  };

  return {
    ...own,
    get forksToLook() {
      return own.forksToLook ?? false;
    },
    capabilities: () => [
      ...new Set([...own.capabilities(), ...(controls?.capabilities() ?? []), ...flagNames(flags)]),
    ],
    describe: (call) => wayOf(call.capability).describe(call),
    perform: (call, signal) => wayOf(call.capability).perform(call, signal),
    undo: (call, signal) => wayOf(call.capability).undo(call, signal),
    async refresh() {
      for (const flag of Object.values(flags)) {
        if (flag !== undefined) looks.set(flag.file, await readFlag(flag));
      }
      await own.refresh();
    },
  };
}

interface Way {
  describe(call: CapabilityCall): CapabilityText;
  perform(call: CapabilityCall, signal: AbortSignal): Promise<Outcome>;
  undo(call: CapabilityCall, signal: AbortSignal): Promise<Outcome>;
}

function describeFlag(
  flag: NonNullable<NonNullable<Target['flags']>[FlagCapability]>,
  look: FlagLook | undefined,
): CapabilityText {
  if (look?.kind === 'fault') return { kind: 'cannot', reason: look.reason };
  return {
    kind: 'can',
    effect: showFlag(flag, flag.on),
    undo: showFlag(flag, flag.off),
    idempotent: true,
    forks: false,
  };
}

function isFlagCapability(capability: Capability): capability is FlagCapability {
  return (FLAG_CAPABILITIES as readonly Capability[]).includes(capability);
}

function flagNames(flags: NonNullable<Target['flags']>): readonly Capability[] {
  return FLAG_CAPABILITIES.filter((name) => flags[name] !== undefined);
}
