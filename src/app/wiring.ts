/** Which event goes to which room. Reading this table is reading the architecture. */
import type { Bot } from '../bot/bot.ts';
import type { HookDesk } from '../bot/webhook/inbound.ts';
import type { Outbound } from '../bot/webhook/outbound.ts';
import type { Clock, EventBus } from '../domain/ports.ts';
import type { Healer } from '../healing/healer.ts';
import type { Supervisor } from '../healing/supervisor.ts';

import type { Monitor } from '../monitor/monitor.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import type { TaskQueues } from '../platform/queue/queues.ts';
import { possibleCause } from './possible-cause.ts';

export interface Rooms {
  readonly monitor: Monitor;
  readonly healer: Healer;
  readonly supervisor: Supervisor;
  readonly queues: Pick<TaskQueues, 'wakeAll'>;
  readonly optimizer: Optimizer;
  readonly bot: Bot;
  readonly hooks: Pick<HookDesk, 'clockJumped'>;
  readonly sinks: Pick<Outbound, 'told'>;
  readonly clock: Clock;
}

export function wire(bus: EventBus, rooms: Rooms): void {
  const { monitor, healer, supervisor, queues, optimizer, bot, hooks, sinks, clock } = rooms;
  bus.on('anomaly.detected', ({ anomaly }) => healer.consider(anomaly));
  bus.on('anomaly.updated', ({ anomaly }) => healer.updated(anomaly));
  bus.on('anomaly.cleared', ({ fingerprint, text }) => healer.cleared(fingerprint, text));
  bus.on('worker.gave_up', (event) => healer.workerGaveUp(event));
  bus.on('sample.taken', ({ beat }) => optimizer.take(beat));
  bus.on('clock.jumped', ({ by }) => supervisor.clockJumped(by));
  bus.on('clock.jumped', ({ by }) => hooks.clockJumped(by));
  bus.on('freeze.changed', queues.wakeAll);
  bus.on('config.reloaded', queues.wakeAll);

  bus.on('incident.opened', bot.incidentChanged);
  bus.on('incident.updated', bot.incidentChanged);
  bus.on('incident.escalated', bot.incidentChanged);
  bus.on('incident.resolved', bot.incidentChanged);
  bus.on('action.proposed', bot.approvalChanged);
  bus.on('action.approved', bot.approvalChanged);
  bus.on('action.denied', bot.approvalChanged);
  bus.on('action.expired', bot.approvalChanged);
  bus.on('freeze.changed', bot.freezeChanged);
  bus.on('mode.changed', bot.modeChanged);
  bus.on('budget.exceeded', bot.budgetExceeded);
  bus.on('throttle.changed', bot.throttleChanged);

  bus.onAny(sinks.told);
  bus.onAny((event) => {
    const cause = possibleCause(event);
    if (cause !== null) monitor.note(cause.text, clock.now(), { kind: cause.kind, target: cause.target });
  });
}
