/** The state machine, one switch: what is to be done for an incident in its state. Safe to call at any time. */
import { isLive } from '../../domain/incident.ts';
import { after } from '../../domain/units.ts';
import { withLine, withState } from '../incident-record.ts';
import { withOutcome } from './act.ts';
import { awaitYes } from './await-yes.ts';
import type { Core } from './core.ts';
import { isErrandRecord, stepErrand } from './errand.ts';
import { escalate, pageIfDue } from './paging.ts';
import { proceed, recover } from './proceed.ts';
import { verify } from './verify.ts';
import { verifyWithin } from './windows.ts';

export async function step(core: Core, id: string): Promise<void> {
  const record = core.incidents.get(id);
  if (record === undefined || !isLive(record.incident)) return;
  if (isErrandRecord(record)) {
    await stepErrand(core, id);
    return;
  }
  if (record.handOver !== null && record.incident.state.kind !== 'healing') {
    await handOver(core, id, record.handOver);
  }
  await move(core, id);
  await pageIfDue(core, id);
}

async function move(core: Core, id: string): Promise<void> {
  const record = core.incidents.get(id);
  if (record === undefined) return;
  const { state } = record.incident;
  switch (state.kind) {
    case 'open':
    case 'held':
      await proceed(core, id);
      return;
    case 'awaiting_approval':
      await awaitYes(core, id);
      return;
    case 'verifying':
      await verify(core, id);
      return;
    case 'escalated':
      if (record.active.length === 0) await recover(core, id);
      return;
    case 'healing':
      if (!core.lane.isRunning(state.actionId)) await adopt(core, id);
      return;
    case 'resolved':
      return;
  }
}

/** A request that is out is void first: nobody may release what a person is called for. */
async function handOver(core: Core, id: string, reason: string): Promise<void> {
  const state = core.incidents.get(id)?.incident.state;
  if (state?.kind === 'awaiting_approval') {
    await core.approvals.void(state.approvalId, `handed to a person: ${reason}`);
  }
  await escalate(core, id, reason);
}

/** It says that an action runs, and none does: its end was lost, so it is unknown and is verified. */
async function adopt(core: Core, id: string): Promise<void> {
  const now = core.deps.clock.now();
  await core.incidents.change(id, (record) => {
    const { acting } = record;
    if (record.incident.state.kind !== 'healing') return record;
    if (acting === null) return withState(record, { kind: 'open' });
    const reason = 'its end was not recorded';
    const known = withOutcome(record, acting.plan, { kind: 'unknown', reason }, now);
    const told = withLine(
      known,
      now,
      'bad',
      `Unknown whether it was done: ${acting.plan.effect}. It is verified, not repeated.`,
    );
    return withState(
      { ...told, acting: { ...acting, endedAt: now } },
      {
        kind: 'verifying',
        actionId: acting.plan.actionId,
        until: after(now, verifyWithin(core.deps, acting.plan.strategy)),
      },
    );
  });
  core.poke(id);
}
