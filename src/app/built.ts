/** What is there before any room: the doors, the configuration, the audit log, the lock. */
import type { CommandRunner, EventBus, MessageMeter } from '../domain/ports.ts';
import type { OpenAuditLog } from '../healing/audit-log.ts';
import type { Lock } from '../platform/lock.ts';
import type { Again } from './again.ts';
import type { Doors } from './doors.ts';
import type { Environment } from './environment.ts';
import type { LiveConfig } from './live-config.ts';
import type { SelfWatch } from './self-watch.ts';

export interface Built extends Doors {
  readonly env: Environment;
  readonly live: LiveConfig;
  readonly bus: EventBus;
  readonly audit: OpenAuditLog;
  readonly lock: Lock;
  readonly again: Again;
  readonly token: string;
  readonly timezone: string;
  readonly self: SelfWatch;
  readonly commands: CommandRunner;
  readonly meter: MessageMeter;
}
